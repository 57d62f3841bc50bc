"""The messages between the service and its processes. Between the service and a worker each is preceded by its length.

A request is one JSON message. A small response is two messages: a JSON header and the body. A large response is a header with
``"chunked": true``, the first chunk, further chunks, an empty message, and the final status.
"""

import socket
import struct

LENGTH = struct.Struct("!I")
READY = b"!"  # the fork server has loaded the release
PID = struct.Struct("!I")  # what the fork server sends with the socket of a new worker
CHUNK_BYTES = 1 << 18  # a response of this size or more is sent in chunks
STACK_OVERFLOW = b"Fatal Python error: Segmentation fault"  # the last words of a worker (Python's faulthandler)

# Statuses of a response.
OK, INVALID, FORBIDDEN, NO_FORMAT, TOO_LARGE, OUT_OF_MEMORY = "ok", "invalid", "forbidden", "no-format", "too-large", "memory"
UNWRITABLE = "unwritable"  # the format cannot express the result


def send(connection: socket.socket, *messages: bytes) -> None:
    """Send messages, each preceded by its length."""
    connection.sendall(b"".join(LENGTH.pack(len(message)) + message for message in messages))


def receive(connection: socket.socket) -> bytes | None:
    """Receive one message; None if the connection was closed. The sender must wait for the response before the next one."""
    data = b""
    while len(data) < LENGTH.size or len(data) < LENGTH.size + LENGTH.unpack_from(data)[0]:
        received = connection.recv(1 << 20)
        if not received:
            return None
        data += received
    return data[LENGTH.size :]
