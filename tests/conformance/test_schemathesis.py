"""The OpenAPI description is correct: schemathesis finds no response that contradicts it."""

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        # Every operation, with a few valid and invalid requests each.
        ["--exclude-path", "/validate", "--phases", "examples,fuzzing", "--max-examples", "2"],
        # Every boundary value, for operations with few parameters.
        ["--include-path-regex", "^/(sparql|queries|queries/edition-totals|health|api)$", "--phases", "coverage"],
        # Separate, because each validation starts a process.
        ["--include-path", "/validate", "--phases", "fuzzing", "--max-examples", "6"],
    ],
    ids=["all", "boundaries", "validation"],
)  # fmt: skip
def test_schemathesis_finds_no_issue(live: str, options: list[str]) -> None:
    command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(FOLDER / "schemathesis.toml"), "run"]
    common = ["--generation-deterministic", "--workers", "2", "--no-color"]
    done = subprocess.run(
        [*command, f"{live}/api", *common, *options], cwd=FOLDER.parent.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "No issues found" in done.stdout, done.stdout[-3000:]
