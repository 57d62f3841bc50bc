"""Write the results: a table in Markdown, a plot, and all figures as JSON.

``python bench/report.py`` writes the table and the plot again from the JSON file in bench/results/.
"""

import json
import math
import os
import platform
import re
import shutil
import statistics
import subprocess
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

import scale
from tutela import paths

TUTELA, TUTELA_UNCACHED, OXIGRAPH, RDFLIB = "tutela", "tutela, no cache", "oxigraph serve", "rdflib-endpoint"
# Targets: the system, the system that it is compared with, and the smallest ratio of their rates.
TARGETS = ((TUTELA, OXIGRAPH, 5.0), (TUTELA_UNCACHED, OXIGRAPH, 0.8), (TUTELA, RDFLIB, 20.0))
_RESULTS = "results.json"
_PACKAGES = (
    "tutela",
    "pyoxigraph",
    "oxigraph",
    "rdflib",
    "rdflib-endpoint",
    "uvicorn",
    "uvloop",
    "httptools",
    "fastapi",
    "starlette",
)


def machine(wrk: str) -> dict[str, Any]:
    """Describe this machine and the versions of everything that is measured.

    Args:
        wrk: the version of wrk.

    """
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(encoding="ascii"))
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    jars = sorted((paths.ROOT / ".engines").glob("jena-fuseki-server-*.jar"))
    versions = {name: metadata.version(name) for name in _PACKAGES}
    if jars:
        versions["Fuseki"] = jars[-1].stem.removeprefix("jena-fuseki-server-")
    program = shutil.which("virtuoso-t")
    if program:
        done = subprocess.run([program, "-?"], capture_output=True, text=True, check=False)
        version = re.search(r"Version (\S+)", done.stdout + done.stderr)
        versions["Virtuoso"] = version[1] if version else ""
    return {
        "processor": f"{os.cpu_count()} cores, {platform.machine()}{f', {model[1].strip()}' if model else ''}",
        "memory": f"{round(int(memory[1]) / 1e6) if memory else 0} GB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}, Python {platform.python_version()}",
        "versions": versions | {"wrk": wrk.removeprefix("wrk ").split()[0]},
    }


def geometric_mean(values: Iterable[float]) -> float:
    """Return the geometric mean."""
    return math.exp(statistics.fmean(math.log(value) for value in values))


def save(results: dict[str, Any], folder: Path) -> None:
    """Write all figures to a folder, as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _RESULTS).write_text(json.dumps(results) + "\n", encoding="utf-8")


def write(results: dict[str, Any], folder: Path) -> str:
    """Write figures, table and plot to a folder; return the table."""
    save(results, folder)
    text = table(results)
    (folder / "table.md").write_text(text + "\n", encoding="utf-8")
    plot(results, folder / "plot.svg")
    return text


class _Loads:
    """The figures by system, number of clients and query, without those of incorrect or failed responses."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        self.records = records
        self.systems = list(dict.fromkeys(record["system"] for record in records))
        self.clients = sorted({record["clients"] for record in records})
        self.queries = list(dict.fromkeys(record["question"] for record in records))
        self._figures: dict[tuple[str, int], dict[str, dict[str, float]]] = {}
        for record in records:
            figures = record["figures"]
            if figures and figures["answers"] and not figures["failed"] and not record["wrong"]:
                self._figures.setdefault((record["system"], record["clients"]), {})[record["question"]] = figures

    def of(self, system: str, clients: int) -> dict[str, dict[str, float]]:
        """Return the figures of each query."""
        return self._figures.get((system, clients), {})

    def ratio(self, system: str, other: str, clients: int) -> tuple[float, int]:
        """Return the ratio of the rates of two systems, and the number of queries that it is computed from."""
        first, second = self.of(system, clients), self.of(other, clients)
        common = first.keys() & second.keys()
        mean = geometric_mean(first[name]["rate"] / second[name]["rate"] for name in common) if common else math.nan
        return mean, len(common)


def table(results: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    loads = _Loads(results["loads"])
    parts = [
        _environment(results),
        _costs(results),
        _rates(loads),
        _targets(loads, results),
        _left_out(loads),
        _by_query(loads),
        _growth(results),
    ]
    return "\n\n".join(part for part in parts if part)


def _environment(results: dict[str, Any]) -> str:
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    busy = ", ".join(f"{when} {load[0]:.1f}" for when, load in results["busy"].items())
    return (
        f"{machine['processor']}; {machine['memory']}; {machine['system']}. {versions}. "
        f"Release {results['release']}. Load average: {busy}. "
        "The load generator runs on the same cores."
    )


def _row(cells: Iterable[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _header(*cells: str) -> list[str]:
    return [_row(cells), _row(["---"] * len(cells))]


def _costs(results: dict[str, Any]) -> str:
    lines = _header("system", "start, s", "load, s", "memory loaded, MB", "memory after, MB")
    for system in results["systems"]:
        load = "(at the start)" if system["load"] is None else f"{system['load']:.1f}"
        cells = (system["name"], f"{system['start']:.2f}", load, f"{system['loaded'] / 1e6:.0f}", f"{system['after'] / 1e6:.0f}")
        lines.append(_row(cells))
    return "\n".join(lines)


def _rates(loads: _Loads) -> str:
    lines = _header("system", "clients", "answers per second", "p50, ms", "p95, ms", "p99, ms", "CPU, ms per answer", "queries")
    for system in loads.systems:
        for clients in loads.clients:
            figures = loads.of(system, clients).values()
            if figures:
                times = [f"{geometric_mean(max(one[cut], 1e-6) for one in figures) * 1000:.2f}" for cut in ("p50", "p95", "p99")]
                rate = f"{geometric_mean(one['rate'] for one in figures):.0f}"
                cpu = f"{geometric_mean(max(one['processor'], 1e-6) for one in figures) * 1000:.2f}"
                lines.append(_row([system, clients, rate, *times, cpu, f"{len(figures)} of {len(loads.queries)}"]))
    return "Geometric means over the queries that a system answers correctly and in time:\n\n" + "\n".join(lines)


def _targets(loads: _Loads, results: dict[str, Any]) -> str:
    lines = _header("target", "clients", "measured", "queries", "")
    for system, other, target in TARGETS:
        for clients in loads.clients:
            ratio, count = loads.ratio(system, other, clients)
            if count:
                cells = (f"{system} {target:g} times {other}", clients, f"{ratio:.2f}", count, _verdict(ratio >= target))
                lines.append(_row(cells))
    for name, figures in results["limits"].items():
        label = f"p95 of small queries during {name} under 2 times idle"
        lines.append(_row([label, 1, f"{figures['ratio']:.2f}", "", _verdict(figures["ratio"] < 2)]))
    return "\n".join(lines)


def _verdict(met: bool) -> str:
    return "met" if met else "**not met**"


def _left_out(loads: _Loads) -> str:
    lines = []
    for system in loads.systems:
        reasons: dict[str, list[str]] = {}
        for record in loads.records:
            if record["system"] != system or record["clients"] != loads.clients[0]:
                continue
            if record["wrong"]:
                reasons.setdefault(record["wrong"], []).append(record["question"])
        failed = [
            f"{record['question']} ({record['clients']} clients: {record['figures']['failed']})"
            for record in loads.records
            if record["system"] == system and record["figures"] and record["figures"]["failed"]
        ]
        if failed:
            reasons["errors, timeouts or incomplete responses"] = failed
        lines += [f"- {system}: {reason}: {', '.join(names)}" for reason, names in reasons.items()]
    return "Left out of the means:\n\n" + "\n".join(lines) if lines else "All systems answer all queries correctly."


def _by_query(loads: _Loads) -> str:
    clients = 8 if 8 in loads.clients else loads.clients[-1]
    lines = _header(f"answers per second, {clients} clients", *loads.systems)
    for name in loads.queries:
        cells = [loads.of(system, clients).get(name) for system in loads.systems]
        lines.append(_row([name, *(f"{cell['rate']:.0f}" if cell else "" for cell in cells)]))
    return "\n".join(lines)


def _growth(results: dict[str, Any]) -> str:
    sizes = [scale.Size(**size) for size in results["growth"]]
    return f"```\n{scale.table(sizes)}\n```" if sizes else ""


def plot(results: dict[str, Any], path: Path) -> None:
    """Write the plot: the rates of each system, and how the time of each query grows with the data."""
    import matplotlib as mpl  # noqa: PLC0415 - the other functions do not need it

    mpl.use("svg")
    import matplotlib.pyplot as plt  # noqa: PLC0415 - after the backend is set

    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "tutela", "font.size": 9})
    loads = _Loads(results["loads"])
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
    for system in loads.systems:
        points = [(clients, loads.of(system, clients).values()) for clients in loads.clients]
        points = [(clients, figures) for clients, figures in points if figures]
        rates = [geometric_mean(one["rate"] for one in figures) for _, figures in points]
        left.plot([clients for clients, _ in points], rates, marker="o", label=system)
    left.set(xscale="log", yscale="log", xlabel="clients", ylabel="answers per second", title="The catalogue (geometric mean)")
    left.set_xticks(loads.clients, [str(clients) for clients in loads.clients])
    left.minorticks_off()
    left.legend()
    left.grid(alpha=0.3)
    sizes = [scale.Size(**size) for size in results["growth"]]
    for name in sizes[0].answers if sizes else []:
        curve = [(size.quads, answer[0]) for size in sizes if (answer := size.answers[name])]
        style = (
            {"color": "black", "linewidth": 2, "label": "a walk over all triples"} if name == scale.WALK else {"linewidth": 0.6}
        )
        right.plot([quads for quads, _ in curve], [seconds for _, seconds in curve], **style)  # type: ignore[arg-type]
    right.set(xscale="log", yscale="log", xlabel="quads", ylabel="seconds", title="Each query, as the release grows")
    right.grid(alpha=0.3)
    if sizes:
        right.legend()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    folder = paths.ROOT / "bench" / "results"
    print(write(json.loads((folder / _RESULTS).read_text(encoding="utf-8")), folder))
