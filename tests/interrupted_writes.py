"""Replace a release again and again, and interrupt each attempt one step later than the last.

Run as ``python -m tests.interrupted_writes FOLDER kill|fail exchange|rename``: the process is killed at a line of the code, or a
call to the file system fails; folders are exchanged at once, or renamed one after the other as where the system cannot exchange
them. After each attempt a release must be there, complete, old or new, and nothing else. Prints the number of attempts.
"""

import errno
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from tests.release_files import write_release
from tutela.errors import TutelaError, UsageError
from tutela.release import bundle, open_release, verification, workspace

_CALLS = ((os, "open"), (os, "mkdir"), (os, "rename"), (os, "fsync"), (os, "unlink"), (os, "rmdir"), (io, "open"))
_KILLED, _REFUSED, _UNEXPECTED, _ENDED = 40, 41, 42, 43
_UNCHANGED = "The last release is unchanged."


left = 0  # steps until the interruption


def kill_at_a_line() -> None:
    """Kill this process at a line of the modules that write."""

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        global left  # noqa: PLW0603 - each process has its own
        if frame.f_code.co_filename not in (bundle.__file__, workspace.__file__):
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os._exit(_KILLED)
        return trace

    sys.settrace(trace)


def fail_at_a_call() -> None:
    """Let a call to the file system fail, as on a full disk."""

    def failing(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            global left  # noqa: PLW0603
            left -= 1
            if left == 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return function(*args, **kwargs)

        return call

    for module, name in _CALLS:
        setattr(module, name, failing(getattr(module, name)))
    workspace._exchange = failing(workspace._exchange)


def attempt(folder: Path, interrupt: Callable[[], None], step: int) -> int:
    """Replace a release in a process of its own, and return its exit status: `_ENDED` if it was not interrupted."""
    global left  # noqa: PLW0603
    pid = os.fork()
    if pid == 0:
        left = step
        try:
            interrupt()
            write_release(folder, version="new", added="added")
            os._exit(_ENDED if left > 0 else 0)
        except UsageError as error:
            os._exit(_REFUSED if _UNCHANGED in str(error) else 0)
        except TutelaError:
            os._exit(_REFUSED)  # the new files could not be verified
        except BaseException as error:
            sys.settrace(None)
            os.write(2, f"step {step}: {error!r}\n".encode())
            os._exit(_UNEXPECTED)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> None:
    """Run all attempts."""
    folder, interrupt = Path(sys.argv[1]), {"kill": kill_at_a_line, "fail": fail_at_a_call}[sys.argv[2]]
    os.fsync = lambda fd: None  # slow, and no interruption here loses what was not yet on disk
    at_once = sys.argv[3] == "exchange"
    if not at_once:
        workspace._exchange = lambda one, other: False
    version, step, status = "", 0, _KILLED
    while status != _ENDED:
        if version != "old":
            write_release(folder, version="old")
        step += 1
        status = attempt(folder, interrupt, step)
        assert status != _UNEXPECTED
        if at_once:
            verification.verify(folder)  # complete even before another command repairs anything
        version = open_release(folder).version
        assert version == "old" or (version == "new" and status != _REFUSED), (step, status, version)
        left = sorted(path.name for path in folder.parent.iterdir())
        assert left == [folder.name], (step, left)
    assert version == "new"
    print(step)


if __name__ == "__main__":
    main()
