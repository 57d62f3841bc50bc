"""A query of a user in a process of its own, because one that is too long for the engine ends its process."""

import ctypes
import os
import signal
import sys

from tutela.errors import QueryError
from tutela.sparql.embedded import TOO_DEEP

_PR_SET_PDEATHSIG = 1  # prctl(2)


def continue_in_child() -> None:
    """Continue in a child process, while this one waits for it and exits with its status.

    Raises:
        QueryError: the stack of the child overflowed, which ends a process without a message.

    """
    parent = os.getpid()
    sys.stdout.flush()
    if (pid := os.fork()) == 0:
        if sys.platform == "linux":  # it must not outlive this process
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        return
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status in (-signal.SIGSEGV, -signal.SIGBUS):
        raise QueryError(TOO_DEEP)
    sys.exit(status if status >= 0 else 128 - status)
