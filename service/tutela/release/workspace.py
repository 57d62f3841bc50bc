"""Where a release is built: a hidden folder next to it, which is also the lock, and from which it is swapped into place.

For ``release/`` it is ``.release.build/``. Its file ``lock`` is locked while a build runs (flock(2)), and the system unlocks it
if the build is killed. The next process that gets the lock removes what is left, and first restores the last release if the
build was killed while it replaced it.
"""

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tutela.errors import UsageError

_LOCK = "lock"
_CONTENT = frozenset(("inputs", "new", "old"))
_OLD = "old"  # the last release, for an instant, on a file system that cannot exchange folders
_ATTEMPTS = 5
_WAIT_S = 0.05
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # linux/fs.h
_NO_EXCHANGE = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)


@contextmanager
def workspace(folder: Path, attempts: int = _ATTEMPTS) -> Iterator[Path]:
    """Lock a release for a build, and return an empty folder for it. The folder is removed in the end.

    Args:
        folder: the release; no symbolic link.
        attempts: how often to try. A command that only reads holds the lock for an instant.

    Raises:
        UsageError: another build of this release is running.
        OSError: the folder cannot be created.

    """
    place = workspace_of(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = _lock(place, folder, attempts)
    try:
        _tidy(place, folder)
        yield place
    finally:
        _tidy(place, folder)
        # The lock file is last: a build that starts now creates a new one, or waits for this one and finds it removed.
        with suppress(OSError):
            (place / _LOCK).unlink()
            place.rmdir()
        os.close(lock)


def tidy_up(folder: Path) -> None:
    """Remove what a killed build left next to a release, and restore the release; do nothing while a build runs."""
    with suppress(OSError, UsageError):
        if workspace_of(folder).is_dir():
            with workspace(folder, attempts=1 if folder.exists() else _ATTEMPTS):
                pass


def replace_folder(new: Path, folder: Path) -> None:
    """Put a folder into the place of another at once. The old one is then in the workspace, or gone if it was empty.

    Args:
        new: the new folder, in the workspace.
        folder: the folder that it replaces; it need not exist.

    Raises:
        OSError: it cannot be replaced; it is unchanged then.

    """
    if not folder.is_dir() or not any(folder.iterdir()):
        new.rename(folder)  # also replaces an empty folder (rename(2))
    elif not _exchange(new, folder):
        old = new.with_name(_OLD)
        folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            old.rename(folder)
            raise


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk (fsync(2))."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def workspace_of(folder: Path) -> Path:
    """Return the path of the workspace of a release.

    Raises:
        UsageError: the folder has no name, as ``/``.

    """
    if not folder.name:
        raise UsageError(f"{folder} cannot be the folder of a release; name a folder in it.")
    return folder.with_name(f".{folder.name}.build")


def _lock(place: Path, folder: Path, attempts: int) -> int:
    for attempt in range(attempts):
        if attempt:
            time.sleep(_WAIT_S)
        place.mkdir(exist_ok=True)
        if place.is_symlink():
            raise OSError(errno.ELOOP, "a symbolic link is in the place of a folder of the build", str(place))
        try:
            # A build creates the lock first and removes it last.
            content = {path.name for path in place.iterdir()}
            if _LOCK not in content and content - _CONTENT:
                names = ", ".join(sorted(content)[:3])
                raise UsageError(f"{place} is needed for a build and contains something else: {names}. Move it away.")
            descriptor = os.open(place / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        except FileNotFoundError:
            continue  # the build before has just removed the folder
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if (place / _LOCK).stat().st_ino == os.fstat(descriptor).st_ino:
                return descriptor
        except (BlockingIOError, FileNotFoundError):
            pass
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)
    raise UsageError(f"{folder}: another build of this release is running; wait until it has ended, or name another --out.")


def _tidy(place: Path, folder: Path) -> None:
    """Restore the last release if it is not in its place, then remove everything else except the lock."""
    with suppress(OSError):
        if (place / _OLD).is_dir() and not (folder.exists() and any(folder.iterdir())):
            (place / _OLD).rename(folder)
            sync(folder.parent)
        for path in place.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != _LOCK:
                path.unlink()


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders at once; return False if the system cannot (renameat2(2))."""
    import ctypes  # noqa: PLC0415 - only builds need it

    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is None:
        return False
    if function(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _NO_EXCHANGE:
        return False
    raise OSError(code, os.strerror(code), str(other))
