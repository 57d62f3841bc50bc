"""What was measured, as a table in Markdown, a plot and all figures as JSON; by itself it writes the first two again."""

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

import matplotlib as mpl

import scale
from tutela import paths

OURS, BARE, NATIVE, SLOW = "tutela", "tutela, no cache", "oxigraph serve", "rdflib-endpoint"
# What the figures should be at least: whose rate over whose, and how many times as high.
AIMS = ((OURS, NATIVE, 5.0), (BARE, NATIVE, 0.8), (OURS, SLOW, 20.0))
_FIGURES = "results.json"
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


def machine(load_tool: str) -> dict[str, Any]:
    """Return what machine this is, and which versions are measured."""
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(encoding="ascii"))
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    jars = sorted((paths.ROOT / ".engines").glob("jena-fuseki-server-*.jar"))
    versions = {name: metadata.version(name) for name in _PACKAGES}
    if jars:
        versions["Fuseki"] = jars[-1].stem.removeprefix("jena-fuseki-server-")
    program = shutil.which("virtuoso-t")
    if program:
        said = subprocess.run([program, "-?"], capture_output=True, text=True, check=False)
        found = re.search(r"Version (\S+)", said.stdout + said.stderr)
        versions["Virtuoso"] = found[1] if found else ""
    return {
        "processor": f"{os.cpu_count()} cores, {platform.machine()}{f', {model[1].strip()}' if model else ''}",
        "memory": f"{round(int(memory[1]) / 1e6) if memory else 0} GB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}, Python {platform.python_version()}",
        "versions": versions | {"wrk": load_tool.removeprefix("wrk ").split()[0]},
    }


def mean(values: Iterable[float]) -> float:
    """Return the geometric mean."""
    return math.exp(statistics.fmean(math.log(value) for value in values))


def keep(found: dict[str, Any], folder: Path) -> None:
    """Write the figures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _FIGURES).write_text(json.dumps(found) + "\n", encoding="utf-8")


def write(found: dict[str, Any], folder: Path) -> str:
    """Write everything into a folder and return the table."""
    keep(found, folder)
    text = table(found)
    (folder / "table.md").write_text(text + "\n", encoding="utf-8")
    plot(found, folder / "plot.svg")
    return text


class _Loads:
    """The figures by system, number of clients and question, those alone whose answers are right and all came."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        self.records = records
        self.systems = list(dict.fromkeys(record["system"] for record in records))
        self.clients = sorted({record["clients"] for record in records})
        self.questions = list(dict.fromkeys(record["question"] for record in records))
        self._of: dict[tuple[str, int], dict[str, dict[str, float]]] = {}
        for record in records:
            figures = record["figures"]
            if figures and figures["answers"] and not figures["failed"] and not record["wrong"]:
                self._of.setdefault((record["system"], record["clients"]), {})[record["question"]] = figures

    def of(self, system: str, clients: int) -> dict[str, dict[str, float]]:
        """Return the figures of each question."""
        return self._of.get((system, clients), {})

    def ratio(self, ours: str, theirs: str, clients: int) -> tuple[float, int]:
        """Return how many times as many answers a second one gives, and over how many questions that is."""
        one, other = self.of(ours, clients), self.of(theirs, clients)
        both = one.keys() & other.keys()
        return (mean(one[name]["rate"] / other[name]["rate"] for name in both) if both else math.nan), len(both)


def table(found: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    loads = _Loads(found["loads"])
    parts = [_about(found), _costs(found), _rates(loads), _aims(loads, found), _wrong(loads), _each(loads), _growth(found)]
    return "\n\n".join(part for part in parts if part)


def _about(found: dict[str, Any]) -> str:
    told = found["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in told["versions"].items())
    busy = ", ".join(f"{when} {load[0]:.1f}" for when, load in found["busy"].items())
    return (
        f"{told['processor']}; {told['memory']}; {told['system']}. {versions}. Release {found['release']}. Load average: {busy}. "
        "The load generator runs on the same cores."
    )


def _row(cells: Iterable[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _head(*cells: str) -> list[str]:
    return [_row(cells), _row(["---"] * len(cells))]


def _costs(found: dict[str, Any]) -> str:
    lines = _head("system", "start, s", "load, s", "memory loaded, MB", "memory after, MB")
    for system in found["systems"]:
        load = "(as it starts)" if system["load"] is None else f"{system['load']:.1f}"
        cells = (system["name"], f"{system['start']:.2f}", load, f"{system['loaded'] / 1e6:.0f}", f"{system['after'] / 1e6:.0f}")
        lines.append(_row(cells))
    return "\n".join(lines)


def _rates(loads: _Loads) -> str:
    lines = _head(
        "system", "clients", "answers a second", "p50, ms", "p95, ms", "p99, ms", "processor, ms an answer", "questions"
    )
    for system in loads.systems:
        for clients in loads.clients:
            figures = loads.of(system, clients).values()
            if figures:
                times = [f"{mean(max(one[cut], 1e-6) for one in figures) * 1000:.2f}" for cut in ("p50", "p95", "p99")]
                rate = f"{mean(one['rate'] for one in figures):.0f}"
                used = f"{mean(max(one['processor'], 1e-6) for one in figures) * 1000:.2f}"
                lines.append(_row([system, clients, rate, *times, used, f"{len(figures)} of {len(loads.questions)}"]))
    return "Geometric means over the questions that a system answers rightly and within the bound:\n\n" + "\n".join(lines)


def _aims(loads: _Loads, found: dict[str, Any]) -> str:
    lines = _head("aim", "clients", "measured", "questions", "")
    for ours, theirs, wanted in AIMS:
        for clients in loads.clients:
            ratio, count = loads.ratio(ours, theirs, clients)
            if count:
                cells = (f"{ours} {wanted:g} times {theirs}", clients, f"{ratio:.2f}", count, _said(ratio >= wanted))
                lines.append(_row(cells))
    for name, figures in found["limits"].items():
        good = _said(figures["ratio"] < 2)
        lines.append(_row([f"p95 of small queries beside {name} under 2 times calm", 1, f"{figures['ratio']:.2f}", "", good]))
    return "\n".join(lines)


def _said(good: bool) -> str:
    return "met" if good else "**not met**"


def _wrong(loads: _Loads) -> str:
    lines = []
    for system in loads.systems:
        told: dict[str, list[str]] = {}
        for record in loads.records:
            if record["system"] != system or record["clients"] != loads.clients[0]:
                continue
            if record["wrong"]:
                told.setdefault(record["wrong"], []).append(record["question"])
        failed = [
            f"{record['question']} ({record['clients']} clients: {record['figures']['failed']})"
            for record in loads.records
            if record["system"] == system and record["figures"] and record["figures"]["failed"]
        ]
        if failed:
            told["answers that were errors, late or broken off"] = failed
        lines += [f"- {system}: {why}: {', '.join(names)}" for why, names in told.items()]
    return "Left out of the means:\n\n" + "\n".join(lines) if lines else "All systems answer all questions rightly."


def _each(loads: _Loads) -> str:
    clients = 8 if 8 in loads.clients else loads.clients[-1]
    lines = _head(f"answers a second, {clients} clients", *loads.systems)
    for name in loads.questions:
        cells = [loads.of(system, clients).get(name) for system in loads.systems]
        lines.append(_row([name, *(f"{cell['rate']:.0f}" if cell else "" for cell in cells)]))
    return "\n".join(lines)


def _growth(found: dict[str, Any]) -> str:
    sizes = [scale.Size(**size) for size in found["growth"]]
    return f"```\n{scale.table(sizes)}\n```" if sizes else ""


def plot(found: dict[str, Any], path: Path) -> None:
    """Write the plot: the rates of each system, and how the times of the questions grow with the data."""
    mpl.use("svg")
    import matplotlib.pyplot as plt  # noqa: PLC0415 - after it is told how to draw

    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "tutela", "font.size": 9})
    loads = _Loads(found["loads"])
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
    for system in loads.systems:
        points = [(clients, loads.of(system, clients).values()) for clients in loads.clients]
        points = [(clients, figures) for clients, figures in points if figures]
        rates = [mean(one["rate"] for one in figures) for _, figures in points]
        left.plot([clients for clients, _ in points], rates, marker="o", label=system)
    left.set(xscale="log", yscale="log", xlabel="clients", ylabel="answers a second", title="The catalogue (geometric mean)")
    left.set_xticks(loads.clients, [str(clients) for clients in loads.clients])
    left.minorticks_off()
    left.legend()
    left.grid(alpha=0.3)
    sizes = [scale.Size(**size) for size in found["growth"]]
    for name in sizes[0].answers if sizes else []:
        points_ = [(size.quads, answer[0]) for size in sizes if (answer := size.answers[name])]
        style = (
            {"color": "black", "linewidth": 2, "label": "a walk over all triples"} if name == scale.WALK else {"linewidth": 0.6}
        )
        right.plot([quads for quads, _ in points_], [seconds for _, seconds in points_], **style)  # type: ignore[arg-type]
    right.set(xscale="log", yscale="log", xlabel="quads", ylabel="seconds", title="Each question, as the release grows")
    right.grid(alpha=0.3)
    if sizes:
        right.legend()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    place = paths.ROOT / "bench" / "results"
    print(write(json.loads((place / _FIGURES).read_text(encoding="utf-8")), place))
