"""Every limit, timeout and cache size, with its default, its environment variable and its documentation.

A setting comes from, in order of precedence: an option of the command (``--set SECTION.NAME=VALUE`` or one of its own),
an environment variable ``TUTELA_SECTION_NAME``, a TOML file, the default. ``docs/configuration.md`` is generated from
this module. It is plain dataclasses, because `tutela query` must start in 0.3 s and pydantic alone takes half of that.
"""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from tutela.errors import UsageError

# Fixed limits: they protect a parser or suit what every engine accepts, so there is no reason to change them.
MAX_NESTING = 500  # open brackets in a query: parsers recurse, and one that recurses too deeply takes its process with it
MAX_PROVENANCE_RESOURCES = 2500  # resources whose sources are looked up for one answer
MAX_SEARCH_LENGTH = 200  # characters of a search
MAX_SEARCH_RESULTS = 100  # results of a search as JSON
MAX_URL_BYTES = (1 << 16) - 1  # URL of a request
MAX_REQUEST_HEAD_BYTES = 1 << 17  # URL and header fields of a request
MAX_CACHED_REQUEST_BYTES = 1 << 16  # body of a POST request whose response may be cached
MAX_COMPACTED_TRIPLES = 3000  # larger documents stay in expanded JSON-LD, because compaction takes 10 ms per 1,000 triples
MAX_AGENT_ROWS = 1000  # rows that an agent gets at once
MAX_AGENT_TRIPLES = 2000  # triples that an agent gets at once
MAX_COMPARED_JURISDICTIONS = 6  # jurisdictions side by side on the compare page
PUBLISH_STATEMENTS = 500  # statements in one update; Virtuoso's compile time grows faster than their number
PUBLISH_BYTES = 200_000  # bytes of statements in one update

ENV_PREFIX = "TUTELA_"
CONFIG_VARIABLE = "TUTELA_CONFIG"  # path of the TOML file
# A valid mail address (HTML, section 4.10.5.1.5) with a domain of at least two labels.
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_WEB = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:[/?][!$-~]*)?")


# What a setting of a form must match, and the same in words.
_FORMS = {"contact": (re.compile(f"{_MAIL.pattern}|{_WEB.pattern}"), "a mail address or a URL with http or https")}


def _setting(default: Any, unit: str, description: str, *, variable: str = "", form: str = "") -> Any:
    """Return a setting.

    Args:
        default: its default.
        unit: its unit.
        description: what it means.
        variable: its environment variable, if it is not named after its section.
        form: the key in `_FORMS` of what a value that is not empty must match.

    """
    return field(default=default, metadata={"unit": unit, "description": description, "variable": variable, "form": form})


@dataclass(frozen=True)
class ServerSettings:
    """The HTTP server."""

    host: str = _setting("127.0.0.1", "", "address to listen on")
    port: int = _setting(8000, "", "port to listen on; 0 for any free port")
    unix_socket: str = _setting("", "", "path of a Unix socket to listen on instead of an address and a port")
    root_path: str = _setting("", "", "URL path that a proxy serves this service under, such as /law")
    trusted_proxies: tuple[str, ...] = _setting((), "", "addresses and networks of proxies whose forwarding headers are used")
    allowed_hosts: tuple[str, ...] = _setting((), "", "host names that requests may name; empty for any")
    shutdown_timeout_s: int = _setting(20, "s", "time for open requests to finish at shutdown")
    request_timeout_s: float = _setting(60.0, "s", "time for a whole request (head and body) to arrive")
    slow_client_check_s: float = _setting(30.0, "s", "interval at which a response that waits for its client is checked")
    min_client_rate: int = _setting(1024, "bytes/s", "slowest rate at which a client may read a response")
    reload_check_s: float = _setting(1.0, "s", "interval at which the release folder is checked for another release; 0 for never")
    archived_releases: int = _setting(2, "", "published releases that are served under /v/ at the same time; 0 for none")
    contact: str = _setting(
        "",
        "",
        "where “Report an error” leads: a mail address, or a URL with http or https, which gets the query parameters page, "
        "statement and source; empty for a page with a message to copy",
        variable="TUTELA_CONTACT",
        form="contact",
    )
    log_level: str = _setting("warning", "", "debug, info, warning or error")
    access_log: bool = _setting(False, "", "log each request")


@dataclass(frozen=True)
class QuerySettings:
    """Limits of one SPARQL query, and the worker pool that evaluates queries."""

    timeout_s: float = _setting(15.0, "s", "time after which a query is stopped")
    fast_lane_cpu_s: float = _setting(0.25, "s", "CPU time after which a query moves to the slow lane")
    fast_workers: int = _setting(0, "", "worker processes of the fast lane; 0 for one per processor, and at least two")
    slow_workers: int = _setting(4, "", "queries that the slow lane evaluates at the same time")
    queue_size: int = _setting(32, "", "queries that may wait for the slow lane; more are refused with 503")
    memory_bytes: int = _setting(1 << 30, "bytes", "memory that a worker may use beyond the loaded release")
    max_response_bytes: int = _setting(32 << 20, "bytes", "largest response")
    max_buffered_bytes: int = _setting(512 << 20, "bytes", "all responses together that wait for slow clients")
    max_body_bytes: int = _setting(1 << 20, "bytes", "largest body of a POST request")

    @property
    def fast_lane(self) -> int:
        """Number of worker processes in the fast lane."""
        return self.fast_workers or max(2, os.cpu_count() or 2)


@dataclass(frozen=True)
class EndpointSettings:
    """A SPARQL engine of your own instead of the embedded one."""

    url: str = _setting("", "", "its query endpoint; empty for the embedded engine")
    user: str = _setting("", "", "user name (Basic or Digest authentication)")
    password: str = _setting("", "", "password")
    version_ttl_s: float = _setting(2.0, "s", "how long the version of its current release is remembered")
    check_timeout_s: float = _setting(5.0, "s", "time after which an engine that does not respond is reported as not ready")
    publish_timeout_s: float = _setting(300.0, "s", "time for one request of `tutela publish`")


@dataclass(frozen=True)
class CacheSettings:
    """Caches."""

    response_bytes: int = _setting(64 << 20, "bytes", "responses kept in memory; 0 for none")
    folder: str = _setting("", "", "folder for prepared stores and the state of checks; empty for the user's cache folder")


@dataclass(frozen=True)
class ValidationSettings:
    """``POST /validate``."""

    timeout_s: float = _setting(40.0, "s", "time for a validation of RDF")
    table_timeout_s: float = _setting(120.0, "s", "time for a validation of a table, which checks the whole graph")
    memory_bytes: int = _setting(2 << 30, "bytes", "memory of one validation")
    max_body_bytes: int = _setting(12_000_000, "bytes", "largest body")
    workers: int = _setting(2, "", "validations at the same time; more are refused with 503")
    niceness: int = _setting(10, "", "niceness of their processes, so that queries come first (nice(2))")


@dataclass(frozen=True)
class Settings:
    """All settings, by section."""

    server: ServerSettings = field(default_factory=ServerSettings)
    query: QuerySettings = field(default_factory=QuerySettings)
    endpoint: EndpointSettings = field(default_factory=EndpointSettings)
    cache: CacheSettings = field(default_factory=CacheSettings)
    validation: ValidationSettings = field(default_factory=ValidationSettings)


def load(
    options: Mapping[str, Any] | None = None, file: Path | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings.

    Args:
        options: values by ``section.name``; text is converted, None is left out.
        file: a TOML file with a table per section; by default the one that ``TUTELA_CONFIG`` names.
        environment: environment variables; by default those of the process.

    Raises:
        UsageError: a setting is unknown or has an invalid value; the message names all of them.

    """
    environment = os.environ if environment is None else environment
    if file is None and environment.get(CONFIG_VARIABLE):
        file = Path(environment[CONFIG_VARIABLE])
    known = {f"{section}.{one.name}": (section, one) for section, one in all_settings()}
    given: list[tuple[str, str, Any]] = [(str(file), key, value) for key, value in _from_file(file)] if file else []
    given += [(name, key, environment[name]) for key in known if (name := variable(key)) in environment]
    given += [("option", key, value) for key, value in (options or {}).items() if value is not None]
    values: dict[str, dict[str, Any]] = {}
    wrong: list[str] = []
    for origin, key, value in given:
        if key not in known:
            wrong.append(f"{origin}: unknown setting {key!r}")
            continue
        section, one = known[key]
        try:
            values.setdefault(section, {})[one.name] = _converted(one, value)
        except ValueError as error:
            wrong.append(f"{origin}: {key} is {value!r}; expected {error}")
    if wrong:
        raise UsageError(f"Invalid settings. {'; '.join(wrong)}. See docs/configuration.md.")
    settings = Settings()
    return replace(settings, **{name: replace(getattr(settings, name), **found) for name, found in values.items()})


def all_settings() -> Iterable[tuple[str, "Field[Any]"]]:
    """Return each setting with the name of its section."""
    return [(section.name, one) for section in fields(Settings) for one in fields(section.default_factory)]  # type: ignore[arg-type]


def variable(key: str) -> str:
    """Return the environment variable of a setting: ``query.timeout_s`` is ``TUTELA_QUERY_TIMEOUT_S``."""
    own = next((one.metadata["variable"] for section, one in all_settings() if f"{section}.{one.name}" == key), "")
    return own or ENV_PREFIX + key.replace(".", "_").upper()


def _from_file(path: Path) -> list[tuple[str, Any]]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: not readable as TOML ({error}).") from error
    pairs = []
    for section, content in document.items():
        if not isinstance(content, dict):
            raise UsageError(f"{path}: {section!r} is not a table; expected sections such as [query].")
        pairs += [(f"{section}.{name}", value) for name, value in content.items()]
    return pairs


def _converted(one: "Field[Any]", value: Any) -> Any:
    if one.type is bool:
        found = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(str(value).lower())
        if found is None:
            raise ValueError("true or false")
        return found
    if one.type is str:
        pattern, expected = _FORMS.get(one.metadata["form"], (None, ""))
        if pattern is not None and value != "" and not pattern.fullmatch(str(value)):
            raise ValueError(expected)
        return str(value)
    if one.type == tuple[str, ...]:
        items = value if isinstance(value, list | tuple) else str(value).split(",")
        if not all(isinstance(item, str) for item in items):
            raise ValueError("a list of texts")
        return tuple(item.strip() for item in items if item.strip())
    wanted: type[int | float] = int if one.type is int else float
    try:
        number = wanted(value)
    except (TypeError, ValueError):
        raise ValueError("a whole number" if wanted is int else "a number") from None
    if isinstance(value, bool) or number < 0 or number != float(value) or number == float("inf"):
        raise ValueError("a whole number from 0" if wanted is int else "a number from 0")
    return number
