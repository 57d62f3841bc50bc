"""A process that loads a release once and forks a worker for each socket it is asked for.

It has no threads, so that forking is safe; its workers share the memory of the loaded release. It is started by
`tutela.pool` as ``python -m tutela.nursery DUMP FD MEMORY BYTES [SERVICE...]`` and ends when the socket FD does.

A worker reads one request at a time (a JSON object after four bytes of length), and answers with a JSON head and
a body, each after its length; the head says how much of the processor it has used so far. A large answer comes in
parts: the head says so, an empty part ends them, and a last one says whether all is there. It knows one release and nothing
else: no file can be opened, no address reached, unless there are services that it may call.
"""

import gc
import io
import json
import os
import resource
import signal
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from tutela.store import EmbeddedStore, QueryError, QueryRefusedError

_LENGTH = struct.Struct("!I")
# Bytes of an answer that are sent together; what is smaller is not cut into parts.
_PART = 1 << 18


class TooLargeError(Exception):
    """The answer is larger than allowed."""


class _Sink(io.RawIOBase):
    """Takes an answer as it is written: keeps a small one, sends a large one on in parts, and refuses one beyond a bound."""

    def __init__(self, connection: socket.socket, head: dict[str, Any], bound: int) -> None:
        super().__init__()
        self.connection = connection
        self.head = head
        self.bound = bound
        self.size = 0
        self.kept: list[bytes] = []
        self.held = 0
        self.begun = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        part = bytes(data)
        self.size += len(part)
        if self.size > self.bound:
            raise TooLargeError
        self.kept.append(part)
        self.held += len(part)
        if self.held >= _PART:
            self.flush_on()
        return len(part)

    def flush_on(self) -> None:
        """Send what is kept, after the head if nothing was sent before."""
        if not self.begun:
            send(self.connection, json.dumps({**self.head, "parts": True}).encode())
            self.begun = True
        send(self.connection, b"".join(self.kept))
        self.kept, self.held = [], 0

    def end(self, status: str) -> None:
        """Send the rest: a small answer at once, of a large one the last part, an empty one and the status of the whole."""
        if not self.begun:
            head = {**self.head, "status": status, "spent": time.process_time()}
            send(self.connection, json.dumps(head).encode(), b"".join(self.kept))
            return
        if self.kept and status == "ok":
            send(self.connection, b"".join(self.kept))
        send(self.connection, b"", status.encode())


def send(connection: socket.socket, *parts: bytes) -> None:
    """Send parts, each after its length."""
    connection.sendall(b"".join(_LENGTH.pack(len(part)) + part for part in parts))


def receive(connection: socket.socket) -> bytes | None:
    """Receive one part, or None when the other side is gone; nothing is sent after it before it is answered."""
    data = b""
    while len(data) < _LENGTH.size or len(data) < _LENGTH.size + _LENGTH.unpack_from(data)[0]:
        part = connection.recv(1 << 20)
        if not part:
            return None
        data += part
    return data[_LENGTH.size :]


def _answer(store: EmbeddedStore, request: dict[str, Any], connection: socket.socket, bound: int) -> None:
    """Answer a request on its connection."""
    sink = _Sink(connection, {"status": "ok"}, bound)
    try:
        answer = store.query(request["query"], default_graphs=request["default_graphs"], named_graphs=request["named_graphs"])
        sink.head["kind"] = answer.kind
        form = request["forms"].get(answer.kind)
        if form is None:
            sink.end("unacceptable")
            return
        answer.write(form, sink)
        sink.end("ok")
    except QueryError as error:
        # Rows may be found wrong when some are sent already: then only that they break off can be told.
        sink.kept = []
        sink.head["message"] = str(error)
        sink.end("refused" if isinstance(error, QueryRefusedError) else "bad")
    except TooLargeError:
        sink.kept = []
        sink.end("large")
    except MemoryError:
        sink.kept = []
        sink.end("memory")


def _work(store: EmbeddedStore, connection: socket.socket, memory: int, bound: int) -> NoReturn:
    """Answer requests until the other side is gone."""
    # What Oxigraph writes when memory runs out is for nobody's eyes.
    devnull = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(devnull, stream)
    os.close(devnull)
    now = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + memory, now + memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not store.services:
        # SERVICE is refused by its name; without a descriptor left no socket could be opened either.
        resource.setrlimit(resource.RLIMIT_NOFILE, (connection.fileno() + 1, connection.fileno() + 1))
    try:
        while (data := receive(connection)) is not None:
            _answer(store, json.loads(data), connection, bound)
    finally:
        os._exit(0)


def main() -> None:
    """Load the release, then fork a worker for each byte that comes, and send back its socket and process id."""
    dump, descriptor, memory, bound = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    control = socket.socket(fileno=descriptor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C stops the service, and with it this
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries the workers
    store = EmbeddedStore.open(dump, sys.argv[5:])
    gc.freeze()  # the workers share its pages as long as nobody writes to them
    control.sendall(b"!")
    while control.recv(1):
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            # The lowest descriptor left, so that the bound on descriptors leaves no room above it.
            connection = socket.socket(fileno=os.dup2(theirs.fileno(), 3, inheritable=False))
            os.closerange(4, 256)
            _work(store, connection, memory, bound)
        theirs.close()
        socket.send_fds(control, [struct.pack("!I", pid)], [ours.fileno()])
        ours.close()


if __name__ == "__main__":
    main()
