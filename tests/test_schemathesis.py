"""The description of the service is true: schemathesis finds no request that is answered otherwise than it says."""

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


@pytest.mark.parametrize(
    "what",
    [
        # Every operation, a few requests each, right ones and wrong ones.
        ["--exclude-path", "/validate", "--phases", "examples,fuzzing", "--max-examples", "4"],
        # Each value that a schema draws a line at, for those whose values are few.
        ["--include-path-regex", "^/(sparql|queries|queries/edition-totals|health|api)$", "--phases", "coverage"],
        # Each of these begins a process.
        ["--include-path", "/validate", "--phases", "fuzzing", "--max-examples", "6"],
    ],
    ids=["all", "lines", "validation"],
)  # fmt: skip
def test_schemathesis_finds_nothing(live: str, what: list[str]) -> None:
    command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(FOLDER / "schemathesis.toml"), "run"]
    common = ["--generation-deterministic", "--workers", "2", "--no-color"]
    done = subprocess.run(
        [*command, f"{live}/api", *common, *what], cwd=FOLDER.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "No issues found" in done.stdout, done.stdout[-3000:]
