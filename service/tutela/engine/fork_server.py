"""The fork server: a process that loads a release once and forks worker processes from it.

It has no threads, so forking is safe, and its workers share the memory of the loaded release. `ForkServer` starts it as
``python -m tutela.engine.fork_server NQUADS FD MEMORY_BYTES MAX_BYTES [SERVICE...]``; it exits when the socket FD is closed.
``docs/decisions/`` records why this is not the fork server of `multiprocessing`.
"""

import contextlib
import gc
import os
import signal
import socket
import sys
from pathlib import Path

from tutela.engine import worker
from tutela.engine.messages import PID, READY
from tutela.errors import TutelaError
from tutela.sparql.embedded import EmbeddedStore

_CONNECTION_FD = 3


def main() -> None:
    """Load the release, then fork a worker for each byte received, and send back its socket and process id."""
    nquads, descriptor, memory_bytes, max_bytes = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    # A low descriptor, which workers close; the service sees that this process has exited when the last copy is closed.
    control = socket.socket(fileno=os.dup(descriptor))
    os.close(descriptor)
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # meant for the service, which closes the socket when it stops
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system reaps the workers
    try:
        store = EmbeddedStore.open(nquads, sys.argv[5:])
    except TutelaError as error:
        sys.exit(str(error))
    gc.freeze()  # keeps the collector from writing to pages that the workers share
    control.sendall(READY)
    while control.recv(1):
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            control.close()
            # The lowest descriptor, so that RLIMIT_NOFILE leaves none free above it.
            connection = socket.socket(fileno=os.dup2(theirs.fileno(), _CONNECTION_FD, inheritable=False))
            os.closerange(_CONNECTION_FD + 1, 256)
            worker.run(store, connection, memory_bytes, max_bytes)
        theirs.close()
        socket.send_fds(control, [PID.pack(pid)], [ours.fileno()])
        ours.close()


if __name__ == "__main__":
    with contextlib.suppress(ConnectionError):  # the service has been stopped, perhaps while the release was loaded
        main()
