"""Where things lie: in a checkout beside the code, in a wheel under ``tutela/_share``."""

from pathlib import Path

from platformdirs import user_data_path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent.parent


def _root() -> Path:
    # A checkout's folders win: an editable install may carry a stale copy of them.
    if (_CHECKOUT / "data" / "tables.json").is_file():
        return _CHECKOUT
    return _PACKAGE / "_share"


ROOT = _root()
DATA = ROOT / "data"
ONTOLOGY = ROOT / "ontology"
QUERIES = ROOT / "queries"
SHAPES = ROOT / "shapes"
TEMPLATES = _PACKAGE / "web" / "templates"
STATIC = _PACKAGE / "web" / "static"
VENDOR = STATIC / "vendor"  # what `make front` builds; absent where it was not run


def default_release() -> Path:
    """Return the folder that a release is written to and served from unless another is named."""
    return ROOT / "release" if ROOT == _CHECKOUT else user_data_path("tutela") / "release"
