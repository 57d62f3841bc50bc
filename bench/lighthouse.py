"""Measure pages with Lighthouse: its four scores, and the metrics behind that of performance.

``python bench/lighthouse.py URL [URL ...]`` measures one page of each kind of the services at these addresses, which run already;
two addresses compare two versions, by turns. Every page is requested once before it is measured, so what is measured is the page
and not the queries behind it. The settings are Lighthouse's own: a phone, a slow connection, and a fourth of the processor, by
simulation. Needs Chromium and Node.js; Lighthouse itself comes from npm, or from ``--lighthouse COMMAND``.
"""

import argparse
import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections import defaultdict
from pathlib import Path
from typing import Any

PAGES = (
    "/",
    "/jurisdictions/KEN",
    "/instruments/lanzarote",
    "/checklist/KEN",
    "/compare?place=ALB&place=BEL&place=PHL",
    "/gaps",
    "/criteria/simple-possession",
    "/search?q=grooming",
)
# As Chromium sends it, since the response cache tells requests apart by it.
_ACCEPT = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
_CHROME_FLAGS = "--headless=new --no-sandbox --disable-background-networking --disable-component-update"
_METRICS = {
    "first-contentful-paint": "FCP ms",
    "largest-contentful-paint": "LCP ms",
    "speed-index": "SI ms",
    "total-blocking-time": "TBT ms",
    "cumulative-layout-shift": "CLS",
}


def measure(command: list[str], url: str) -> dict[str, Any]:
    """Return Lighthouse's report on a page."""
    request = urllib.request.Request(url, headers={"Accept": _ACCEPT, "Accept-Encoding": "gzip"})  # noqa: S310 - given by the user
    with urllib.request.urlopen(request) as response:  # noqa: S310
        response.read()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.json"
        arguments = [url, "--quiet", f"--chrome-flags={_CHROME_FLAGS}", "--output=json", f"--output-path={file}"]
        subprocess.run([*command, *arguments], check=True)
        return dict(json.loads(file.read_text(encoding="utf-8")))


def summary(reports: list[dict[str, Any]]) -> list[str]:
    """Return the cells of a page: the median of each score, then of each metric."""
    categories = reports[0]["categories"]
    scores = [f"{statistics.median(report['categories'][name]['score'] for report in reports) * 100:.0f}" for name in categories]
    medians = {name: statistics.median(report["audits"][name]["numericValue"] for report in reports) for name in _METRICS}
    return scores + [f"{value:.3f}" if name == "cumulative-layout-shift" else f"{value:.0f}" for name, value in medians.items()]


def main() -> None:
    """Print a table of all pages as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("services", nargs="+", metavar="URL", help="the address of a running service")
    parser.add_argument("--runs", type=int, default=5, help="runs of each page; the table has the medians (default: 5)")
    parser.add_argument("--pages", nargs="+", default=PAGES, metavar="PATH", help="other pages")
    parser.add_argument("--lighthouse", default="npx --yes lighthouse@12", metavar="COMMAND")
    options = parser.parse_args()
    os.environ.setdefault("CHROME_PATH", shutil.which("chromium") or "")
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for _ in range(options.runs):
        for page in options.pages:
            for service in options.services:
                report = measure(shlex.split(options.lighthouse), service.rstrip("/") + page)
                found[page, service].append(report)
                print(service, page, *summary([report]), file=sys.stderr)
    categories = next(iter(found.values()))[0]["categories"]
    heads = ["page", "service", *(one["title"] for one in categories.values()), *_METRICS.values()]
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for (page, service), reports in found.items():
        print(f"| {' | '.join([f'`{page}`', service, *summary(reports)])} |")


if __name__ == "__main__":
    main()
