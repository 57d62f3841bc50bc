"""Options that several commands have."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from tutela.errors import UsageError

FILE = click.Path(path_type=Path)


def option(*names: str, **attributes: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return an option of a command; see `click.option`."""
    return click.option(*names, **attributes)


release_option = option("--release", "folder", type=FILE, help="Folder of the release to use.")
allow_loss_option = option(
    "--allow-loss", multiple=True, metavar="TABLE", help="A table that may have fewer rows than in the last release. Repeatable."
)
endpoint_option = option(
    "--endpoint", metavar="URL", help="A SPARQL 1.1 engine with a published release, instead of the embedded engine."
)
config_option = option("--config", type=FILE, metavar="FILE", help="Settings in TOML (default: the file in TUTELA_CONFIG).")
set_option = option(
    "--set", "set_", multiple=True, metavar="SECTION.NAME=VALUE", help="A setting; see docs/configuration.md. Repeatable."
)


def pairs(option: str, texts: Sequence[str]) -> dict[str, str]:
    """Return the values of a repeatable option of the form KEY=VALUE."""
    wrong = [text for text in texts if "=" not in text]
    if wrong:
        raise UsageError(f"{option} {', '.join(wrong)}: expected {'SECTION.NAME' if option == '--set' else 'KEY'}=VALUE.")
    return dict(text.split("=", 1) for text in texts)
