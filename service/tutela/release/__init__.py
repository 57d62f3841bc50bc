"""A release: the folder that `tutela build` writes and every other command reads."""

from tutela.release.bundle import Release, is_release, open_release
from tutela.release.inputs import current_version, is_current, verified_source

__all__ = ["Release", "current_version", "is_current", "is_release", "open_release", "verified_source"]
