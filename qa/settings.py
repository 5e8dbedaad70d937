"""The settings of hoibao: one TOML file and HOIBAO_* variables in, one frozen `Settings` out.

This is the only place that reads the environment. Order, later wins: the defaults below,
`settings.toml` in the home folder, environment variables (`HOIBAO_MODEL` for `model` and so on).
`HOIBAO_HOME` moves everything that hoibao keeps: libraries, models, settings.

Knows nothing of libraries, models or the interface: it only says where they are and how they are wanted.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from types import NoneType, UnionType
from typing import get_args, get_type_hints
from urllib.parse import urlsplit

import platformdirs
import tomli_w

from models.errors import SettingsError

SETTINGS_FILE = "settings.toml"
Value = str | int | float | bool


def default_home() -> Path:
    """Return the folder where this system keeps an application's data (not created)."""
    return Path(platformdirs.user_data_dir("hoibao", appauthor=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a person may choose. Raises `SettingsError` where a value has no meaning.

    `library`: name or folder of the library used when none is given. `embedder`: name or folder of a
    sentence-transformers model, "" for the one that ships. `reranker`: name or folder of a cross-encoder
    that puts the first passages in order, "" for none. `model`: a GGUF file or the name of a model in the
    home folder, "" for extracted answers.
    `server_url`: an OpenAI-compatible server to use instead, with `server_model` there; only on this
    machine unless `allow_remote_server`. `threads`: 0 for the physical cores. `context`: context length in
    tokens, 0 for what the model and the memory allow. `evidence_tokens` and `answer_tokens`: budgets of
    the prompt's evidence and of the answer. `deadline`: seconds until a generating model is stopped.
    `seed`: of sampling, so that output repeats. `temperature`: 0 is greedy. `constrain_quotes`: what a
    model puts between quotation marks must be verbatim. `quote_only`: it may only choose quotes.
    `rewrite_with_model`: let it rewrite follow-up questions. `minimum_confidence`: answers below it are
    refused; None for the library's own calibration. `passages`: how many passages a question looks at.
    `chat_port`, `serve_port`: loopback ports. `serve_token`: required from callers of `hoibao serve`.
    """

    home: Path = field(default_factory=default_home)
    library: str = "default"
    embedder: str = ""
    reranker: str = ""
    model: str = ""
    server_url: str = ""
    server_model: str = ""
    allow_remote_server: bool = False
    threads: int = 0
    context: int = 0
    evidence_tokens: int = 800
    answer_tokens: int = 256
    deadline: float = 120.0
    seed: int = 0
    temperature: float = 0.0
    constrain_quotes: bool = True
    quote_only: bool = False
    rewrite_with_model: bool = False
    minimum_confidence: float | None = None
    passages: int = 20
    chat_port: int = 8501
    serve_port: int = 8765
    serve_token: str = ""

    def __post_init__(self) -> None:
        for name, lowest, highest in _RANGES:
            value = getattr(self, name)
            if value is not None and not lowest <= value <= highest:
                raise SettingsError(
                    f"{name} = {value!r}: giá trị phải từ {lowest} đến {highest}.",
                    repair=f"sửa {name} trong {SETTINGS_FILE} hoặc biến HOIBAO_{name.upper()}",
                )
        if not self.library.strip():
            raise SettingsError("library: tên thư viện để trống.", repair='đặt library = "default"')
        if self.server_url:
            self._check_server()

    def _check_server(self) -> None:
        parts = urlsplit(self.server_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError(
                f"server_url = {self.server_url!r}: không phải địa chỉ http.",
                repair='ví dụ: server_url = "http://127.0.0.1:8080/v1"',
            )
        if not self.allow_remote_server and not is_loopback(parts.hostname):
            raise SettingsError(
                f"server_url = {self.server_url!r}: máy chủ không nằm trên máy này, "
                "câu hỏi và bài báo sẽ rời khỏi máy.",
                repair="nếu đúng là ý bạn, đặt allow_remote_server = true",
            )

    @classmethod
    def load(cls, *, home: str | Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
        """Read `settings.toml` and the environment.

        `home` goes before HOIBAO_HOME, which goes before the system's data folder. `environ` is
        `os.environ` if not given. Raises `SettingsError`: unreadable file, unknown name, senseless value.
        """
        environ = os.environ if environ is None else environ
        place = Path(home or environ.get("HOIBAO_HOME") or default_home()).expanduser().absolute()
        chosen: dict[str, object] = {}
        file = place / SETTINGS_FILE
        for name, value in _read_toml(file).items():
            chosen[name] = _checked(name, value, where=str(file))
        for name in _TYPES:
            text = environ.get(f"HOIBAO_{name.upper()}")
            if text is not None and name != "home":
                chosen[name] = _parsed(name, text)
        return cls(home=place, **chosen)  # type: ignore[arg-type]

    def library_path(self, name_or_folder: str | Path | None = None) -> Path:
        """Return the folder of a library: a plain word is a name below the home folder, all else a path.

        So `thoi-su` is `HOME/libraries/thoi-su`, while `./thoi-su` and `/data/thoi-su` are folders.
        """
        text = self.library if name_or_folder is None else str(name_or_folder)
        path = Path(text).expanduser()
        plain = len(path.parts) == 1 and not path.is_absolute() and text not in (".", "..", "~")
        if plain and not text.startswith(("./", ".\\", "~")) and not text.endswith(("/", "\\")):
            return self.home / "libraries" / text
        return path.absolute()

    @property
    def models_path(self) -> Path:
        """The folder that holds pulled and added models."""
        return self.home / "models"

    @property
    def file(self) -> Path:
        """The settings file (it need not exist)."""
        return self.home / SETTINGS_FILE


def save_setting(home: Path, name: str, value: Value) -> Path:
    """Write one setting into `settings.toml` (replaced by rename, so never half written); return the file.

    Raises `SettingsError` if there is no such setting or the value has no meaning.
    """
    file = home / SETTINGS_FILE
    table = _read_toml(file)
    table[name] = _checked(name, value, where=str(file))
    Settings(home=home, **{key: _checked(key, item, where=str(file)) for key, item in table.items()})  # type: ignore[arg-type]
    home.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".toml.part")
    partial.write_text(tomli_w.dumps(table), encoding="utf-8")
    partial.replace(file)
    return file


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine itself, without asking any name server."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


_TYPES = get_type_hints(Settings)
_RANGES: tuple[tuple[str, float, float], ...] = (
    ("threads", 0, 1024),
    ("context", 0, 1_048_576),
    ("evidence_tokens", 64, 100_000),
    ("answer_tokens", 16, 100_000),
    ("deadline", 0.1, 86_400),
    ("temperature", 0, 2),
    ("minimum_confidence", 0, 1),
    ("passages", 1, 1000),
    ("chat_port", 0, 65_535),
    ("serve_port", 0, 65_535),
)
_TRUE, _FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})


def _read_toml(file: Path) -> dict[str, object]:
    if not file.exists():
        return {}
    try:
        with file.open("rb") as stream:
            return tomllib.load(stream)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"không đọc được thiết lập: {error}", path=file, repair="sửa hoặc xóa tệp này"
        ) from error
    except OSError as error:
        raise SettingsError(
            f"không mở được tệp thiết lập: {error.strerror}", path=file, repair="kiểm tra quyền đọc của tệp"
        ) from error


def _plain_type(name: str) -> type:
    kind = _TYPES[name]
    if isinstance(kind, UnionType):
        kind = next(part for part in get_args(kind) if part is not NoneType)
    return kind  # type: ignore[no-any-return]


def _checked(name: str, value: object, *, where: str) -> object:
    known = [item.name for item in fields(Settings) if item.name != "home"]
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        raise SettingsError(
            f"không có thiết lập nào tên {name!r}.",
            path=where,
            repair=f"ý bạn là {near[0]!r}?" if near else "các thiết lập: " + ", ".join(known),
        )
    kind = _plain_type(name)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise SettingsError(
            f"{name} = {value!r}: cần kiểu {_KIND_NAMES[kind]}.", path=where, repair=f"sửa dòng {name}"
        )
    return value


def _parsed(name: str, text: str) -> object:
    kind, variable = _plain_type(name), f"HOIBAO_{name.upper()}"
    word = text.strip().lower()
    try:
        if kind is bool:
            if word not in _TRUE | _FALSE:
                raise ValueError
            return word in _TRUE
        return kind(text)
    except ValueError:
        raise SettingsError(
            f"{variable} = {text!r}: cần kiểu {_KIND_NAMES[kind]}.", repair=f"sửa hoặc bỏ biến {variable}"
        ) from None


_KIND_NAMES: dict[type, str] = {
    str: "chuỗi ký tự",
    int: "số nguyên",
    float: "số",
    bool: "true hoặc false",
}
