"""The socket that the server listens on: an address and a port, or a Unix socket."""

import os
import signal
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tutela.errors import UsageError
from tutela.settings import ServerSettings

_BACKLOG = 2048  # connections that wait while the release is loaded
_UNIX_MODE = 0o660  # the owner and the group may connect, which needs permission to write (unix(7))
_PROBE_TIMEOUT_S = 1


@contextmanager
def listen(settings: ServerSettings) -> Iterator[tuple[socket.socket, str]]:
    """Listen; yield the socket and its URL, for the start message. A Unix socket is removed at the end.

    Args:
        settings: the address and port, or the path of the Unix socket; and the root path.

    Raises:
        UsageError: the address is not available.

    """
    if not settings.unix_socket:
        with _listen_on_port(settings.host, settings.port) as listener:
            name = f"[{settings.host}]" if ":" in settings.host else settings.host
            yield listener, f"http://{name}:{listener.getsockname()[1]}{settings.root_path.rstrip('/')}/"
        return
    path = Path(settings.unix_socket)
    with _listen_on_path(path) as listener:
        try:
            with _exception_at_termination(), _removed_at_end(path):
                yield listener, f"unix:{path}"
        except _TerminatedError:
            signal.raise_signal(signal.SIGTERM)


def _listen_on_port(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise UsageError(f"Cannot listen on {host}:{port} ({error.strerror}); choose another with --host or --port.") from error
    return listener


def _listen_on_path(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_unused(path)
        listener.bind(str(path))
        path.chmod(_UNIX_MODE)  # before listen, so that nobody can connect with other permissions
        listener.listen(_BACKLOG)
    except (OSError, ValueError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"Cannot listen on {path} ({reason}); choose another path with --unix-socket.") from error
    except UsageError:
        listener.close()
        raise
    return listener


def _remove_unused(path: Path) -> None:
    """Remove a socket that a process left behind; a path that is anything else is an error."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise UsageError(f"{path} exists and is not a socket; choose another path with --unix-socket.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(_PROBE_TIMEOUT_S)
        try:
            client.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        except TimeoutError:
            pass
    raise UsageError(f"Another process listens on {path}; stop it, or choose another path with --unix-socket.")


@contextmanager
def _removed_at_end(path: Path) -> Iterator[None]:
    identity = _identity(path)
    try:
        yield
    finally:
        if _identity(path) == identity:  # another process may have replaced it
            path.unlink()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


class _TerminatedError(BaseException):
    """SIGTERM was received."""


@contextmanager
def _exception_at_termination() -> Iterator[None]:
    """Leave the block with an exception at SIGTERM, which would otherwise end the process at once.

    uvicorn handles the signal first, and repeats it when it has finished.
    """

    def terminate(number: int, frame: FrameType | None) -> None:
        raise _TerminatedError

    previous = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
