"""Settings: precedence, conversion and error messages."""

from pathlib import Path

import pytest

from tutela.errors import UsageError
from tutela.settings import CONFIG_VARIABLE, Settings, all_settings, load, variable


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    path = tmp_path / "tutela.toml"
    path.write_text("[query]\ntimeout_s = 5\nqueue_size = 7\n\n[server]\nport = 8001\n", encoding="utf-8")
    return path


def test_the_defaults_are_used_without_any_source() -> None:
    assert load(environment={}) == Settings()


def test_an_option_precedes_the_environment_the_file_and_the_default(config_file: Path) -> None:
    environment = {"TUTELA_QUERY_TIMEOUT_S": "6", "TUTELA_SERVER_PORT": "8002"}
    settings = load({"query.timeout_s": "7", "server.host": None}, config_file, environment)
    assert settings.query.timeout_s == 7
    assert settings.server.port == 8002
    assert settings.query.queue_size == 7
    assert settings.server.host == "127.0.0.1"


def test_the_environment_can_name_the_file(config_file: Path) -> None:
    assert load(environment={CONFIG_VARIABLE: str(config_file)}).query.timeout_s == 5


def test_every_setting_can_be_set_by_a_variable_of_its_own() -> None:
    keys = [f"{section}.{setting.name}" for section, setting in all_settings()]
    assert len({variable(key) for key in keys}) == len(keys) > 20
    assert variable("query.timeout_s") == "TUTELA_QUERY_TIMEOUT_S"
    assert variable("server.contact") == "TUTELA_CONTACT"


def test_readers_report_errors_to_a_mail_address_or_a_url() -> None:
    for contact in ("law@example.org", "https://example.org/issues/new?labels=data", "http://127.0.0.1:9000/report", ""):
        assert load(environment={"TUTELA_CONTACT": contact}).server.contact == contact


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("server.access_log", "true", True), ("server.access_log", "YES", True), ("server.access_log", "1", True),
        ("server.access_log", "false", False), ("server.access_log", "no", False), ("server.access_log", True, True),
        ("query.queue_size", "12", 12), ("query.queue_size", 0, 0), ("query.timeout_s", "0.5", 0.5), ("query.timeout_s", 3, 3.0),
        ("endpoint.url", "http://example.org/sparql", "http://example.org/sparql"), ("endpoint.password", 1234, "1234"),
        ("server.trusted_proxies", "10.0.0.1, 10.0.0.2,", ("10.0.0.1", "10.0.0.2")), ("server.trusted_proxies", ["::1"], ("::1",)),
        ("server.trusted_proxies", "", ()), ("server.allowed_hosts", ("x",), ("x",)),
    ],
)  # fmt: skip
def test_a_value_is_converted_to_the_type_of_its_setting(key: str, text: object, value: object) -> None:
    section, _, name = key.partition(".")
    converted = getattr(getattr(load({key: text}, environment={}), section), name)
    assert (converted, type(converted)) == (value, type(value))


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("server.access_log", "maybe", "expected true or false"),
        ("query.queue_size", "many", "expected a whole number"),
        ("server.contact", "law at example.org", "expected a mail address or a URL with http or https"),
        ("server.contact", "javascript:alert(1)", "expected a mail address or a URL with http or https"),
        ("server.contact", "https://example.org/#new", "expected a mail address or a URL with http or https"),
        ("server.trusted_proxies", [1], "expected a list of texts"),
        ("query.queue_size", "1.5", "expected a whole number"),
        ("query.queue_size", 1.5, "expected a whole number"),
        ("query.queue_size", "-1", "expected a whole number from 0"),
        ("query.queue_size", True, "expected a whole number from 0"),
        ("query.timeout_s", "soon", "expected a number"),
        ("query.timeout_s", "-1", "expected a number from 0"),
        ("query.timeout_s", "nan", "expected a number from 0"),
        ("query.timeout_s", "inf", "expected a number from 0"),
    ],
)
def test_an_invalid_value_is_an_error(key: str, value: object, expected: str) -> None:
    with pytest.raises(UsageError, match=f"option: {key} is .*; {expected}"):
        load({key: value}, environment={})


def test_one_error_names_all_invalid_settings(tmp_path: Path) -> None:
    path = tmp_path / "tutela.toml"
    path.write_text("[query]\ntimeout = 5\n", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load({"server.port": "x", "nothing.at_all": "1"}, path, {"TUTELA_CACHE_RESPONSE_BYTES": "64 MB"})
    message = str(caught.value)
    assert f"{path}: unknown setting 'query.timeout'" in message
    assert "TUTELA_CACHE_RESPONSE_BYTES: cache.response_bytes is '64 MB'" in message
    assert "option: server.port is 'x'" in message
    assert "option: unknown setting 'nothing.at_all'" in message
    assert "See docs/configuration.md" in message


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"[query\n", "not readable as TOML"), (b"\xff", "not readable as TOML"), (b"port = 8000\n", "'port' is not a table")],
)
def test_a_file_that_is_not_toml_with_sections_is_an_error(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "tutela.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        load(file=path, environment={})


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not readable as TOML"):
        load(file=tmp_path / "missing.toml", environment={})
