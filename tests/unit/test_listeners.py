"""The socket that the server listens on."""

import os
import socket
import stat
from pathlib import Path

import pytest

from tutela.errors import UsageError
from tutela.settings import ServerSettings
from tutela.web.listeners import listen


def unix(path: Path) -> ServerSettings:
    return ServerSettings(unix_socket=str(path))


def test_a_unix_socket_is_for_the_owner_and_the_group_and_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "tutela.sock"
    with listen(unix(path)) as (_, address), socket.socket(socket.AF_UNIX) as client:
        assert address == f"unix:{path}"
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        client.connect(str(path))
    assert not path.exists()


def test_a_unix_socket_that_nobody_listens_on_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "tutela.sock"
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))
    with listen(unix(path)), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))


def test_a_unix_socket_that_is_used_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "tutela.sock"
    with listen(unix(path)) as (listener, _):
        with pytest.raises(UsageError, match="Another process listens on"), listen(unix(path)):
            pass
        listener.close()
        with pytest.raises(RuntimeError), listen(unix(path)):
            raise RuntimeError
        assert not path.exists()


def test_the_socket_of_another_process_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "tutela.sock"
    with socket.socket(socket.AF_UNIX) as other, listen(unix(path)):
        path.unlink()
        (tmp_path / "x").touch()  # so that the inode is not used again
        other.bind(str(path))
    assert path.is_socket()


def test_a_path_that_is_not_a_socket_is_not_removed(tmp_path: Path) -> None:
    target = tmp_path / "target.sock"
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(target))
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(target)
    os.mkfifo(tmp_path / "pipe")
    for name in ("file", "folder", "link", "pipe"):
        with pytest.raises(UsageError, match=f"{name} exists and is not a socket"), listen(unix(tmp_path / name)):
            pass
        assert (tmp_path / name).exists()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nothing/tutela.sock", "No such file or directory"),
        ("a" * 200, "path too long"),
        ("a\0b", "null byte"),
        ("file/x", "Not a directory"),
    ],
)
def test_a_path_that_cannot_be_used_is_an_error(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=reason) as caught, listen(unix(tmp_path / name)):
        pass
    assert caught.value.exit_status == 2


def test_the_start_message_has_the_url_with_the_root_path() -> None:
    with listen(ServerSettings(port=0, root_path="/law/")) as (listener, address):
        assert address == f"http://127.0.0.1:{listener.getsockname()[1]}/law/"
        port = listener.getsockname()[1]
        with (
            pytest.raises(UsageError, match=r"Cannot listen on .* \(Address already in use\)"),
            listen(ServerSettings(port=port)),
        ):
            pass
