from __future__ import annotations

import re
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest
import tomli_w

from models.errors import SettingsError
from qa.settings import SETTINGS_FILE, Settings, default_home, is_loopback, save_setting


def write(home: Path, text: str) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    (home / SETTINGS_FILE).write_text(text, encoding="utf-8")
    return home


def test_defaults_without_file_or_variables(tmp_path: Path) -> None:
    settings = Settings.load(environ={})
    assert settings.home == default_home()
    settings = Settings.load(home=tmp_path, environ={})
    assert settings == Settings(home=tmp_path)
    assert not list(tmp_path.iterdir()), "loading settings writes nothing"


def test_variables_go_before_the_file_and_the_file_before_defaults(tmp_path: Path) -> None:
    home = write(tmp_path, 'library = "thoi-su"\nthreads = 3\ndeadline = 5\n')
    settings = Settings.load(
        environ={"HOIBAO_HOME": str(home), "HOIBAO_THREADS": "1", "HOIBAO_QUOTE_ONLY": "yes"}
    )
    assert (settings.library, settings.threads, settings.deadline) == ("thoi-su", 1, 5.0)
    assert settings.quote_only is True
    assert settings.home == home


def test_frozen(tmp_path: Path) -> None:
    with pytest.raises(FrozenInstanceError):
        Settings(home=tmp_path).threads = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("threads = -1", "threads"),
        ('threads = "two"', "số nguyên"),
        ("constrain_quotes = 1", "true hoặc false"),
        ("temperature = 9.5", "temperature"),
        ('libary = "x"', "'library'"),
        ('library = " "', "library"),
        ("threads = ", "settings.toml"),
        ('server_url = "ftp://localhost"', "server_url"),
        ('server_url = "http://example.org/v1"', "allow_remote_server"),
        ("minimum_confidence = 2.0", "minimum_confidence"),
        ('home = "/tmp"', "home"),
    ],
)
def test_senseless_files_are_refused_and_say_how_to_repair(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load(home=write(tmp_path, text), environ={})
    assert words in str(caught.value)
    assert caught.value.repair


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"settings\.toml"):
        Settings.load(home=tmp_path, environ={})


@pytest.mark.parametrize("name", ["HOIBAO_THREADS", "HOIBAO_QUOTE_ONLY", "HOIBAO_DEADLINE"])
def test_a_senseless_variable_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.load(home=tmp_path, environ={name: "khoảng"})


def test_minimum_confidence_can_be_a_variable(tmp_path: Path) -> None:
    assert (
        Settings.load(home=tmp_path, environ={"HOIBAO_MINIMUM_CONFIDENCE": "0.4"}).minimum_confidence == 0.4
    )


def test_names_and_folders_of_libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(home=tmp_path / "home")
    below = tmp_path / "home" / "libraries"
    assert settings.library_path() == below / "default"
    assert settings.library_path("thời sự") == below / "thời sự"
    assert settings.library_path("./bao") == tmp_path / "bao"
    assert settings.library_path("bao/") == tmp_path / "bao"
    assert settings.library_path("a/b") == tmp_path / "a" / "b"
    assert settings.library_path(tmp_path / "x") == tmp_path / "x"
    assert settings.library_path("~/x") == Path.home() / "x"
    (tmp_path / "bao").mkdir()
    assert settings.library_path("bao") == below / "bao", "a plain word is a name, whatever lies around"


def test_saving_one_setting_keeps_the_others(tmp_path: Path) -> None:
    home = write(tmp_path / "home", "threads = 2\n")
    file = save_setting(home, "model", "qwen3-0.6b")
    assert file == home / SETTINGS_FILE
    settings = Settings.load(home=home, environ={})
    assert (settings.model, settings.threads) == ("qwen3-0.6b", 2)
    with pytest.raises(SettingsError):
        save_setting(home, "threads", -5)
    with pytest.raises(SettingsError):
        save_setting(home, "modle", "x")
    assert Settings.load(home=home, environ={}).threads == 2
    assert [path.name for path in home.iterdir()] == [SETTINGS_FILE], "no partial file stays behind"


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("192.168.1.5", False),
        ("localhost.example.org", False),
    ],
)
def test_loopback(host: str, local: bool) -> None:
    assert is_loopback(host) is local


def test_the_page_of_settings_lists_every_one_with_its_default() -> None:
    page = (Path(__file__).parents[1] / "docs" / "settings.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"(?m)^\| `(\w+)` \| (.+?) \|", page))
    defaults = {
        item.name: "not set" if item.default is None else f"`{_as_toml(item.default)}`"
        for item in fields(Settings)
        if item.name != "home"
    }
    assert listed == defaults


def _as_toml(value: object) -> str:
    return tomli_w.dumps({"x": value}).removeprefix("x = ").strip()
