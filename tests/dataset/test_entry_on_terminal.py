"""`tutela add` asks on a terminal: again where an answer is not possible, and for a new source."""

import os
import pty
import subprocess
import sys
from contextlib import suppress


def ask(command: list[str], answers: list[str]) -> str:
    """Return what a command prints on a terminal where these lines are typed."""
    master, terminal = pty.openpty()
    try:
        process = subprocess.Popen([sys.executable, "-m", "tutela", *command], stdin=terminal, stdout=terminal, stderr=terminal)
        os.close(terminal)
        os.write(master, "".join(f"{answer}\n" for answer in answers).encode())
        text = b""
        with suppress(OSError):  # the other end of a terminal is closed when the command ends
            while part := os.read(master, 65536):
                text += part
        assert process.wait(timeout=60) == 0, text.decode()
    finally:
        os.close(master)
    return text.decode().replace("\r\n", "\n")


def test_a_wrong_answer_is_asked_again_with_a_suggestion() -> None:
    answers = ["Kenia", "", "lanzarote", "", "", "new", "Chart of signatures", "https://www.coe.int/chart", "", "2026-11-25"]
    shown = ask(["add", "accession", "--dry-run", "--no-consequences"], answers)
    assert "Did you mean KEN (Kenya)?" in shown
    assert "[KEN]" in shown, "the suggestion is the answer if nothing else is typed"
    assert "or a year, or a day by which it had happened" in shown, "the day, which was left out, is asked for in the end"
    assert "id: chart-of-signatures" in shown
    assert "entry_into_force: 2027-03-01" in shown
    assert shown.rstrip().endswith("Nothing was written.")


def test_what_an_option_answers_is_not_asked() -> None:
    options = ["--jurisdiction", "Kenya", "--instrument", "lanzarote", "--source", "icmec-10", "--date", "2026-11-25"]
    shown = ask(["add", "accession", *options, "--no-consequences"], ["", "", "n"])
    assert "State or territory" not in shown
    assert "jurisdiction: KEN" in shown
    assert "Write this? [y/N]:" in shown
    assert shown.rstrip().endswith("Nothing was written.")
