"""`hoibao doctor`: is this machine, this installation and this library well, and what would help.

Examines and reports; repairs nothing, and loads neither torch nor a language model.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil
from rich.text import Text

from models.errors import HoibaoError, LibraryNotFound
from qa.settings import Settings
from ui.view import decimal, plain

State = Literal["ok", "note", "bad"]
GIB = 2**30
NEEDED = (
    "faiss-cpu",
    "tantivy",
    "sentence-transformers",
    "torch",
    "langchain",
    "streamlit",
    "trafilatura",
    "pypdf",
)
OPTIONAL = {
    "llama-cpp-python": 'chỉ trích câu trả lời từ bài; mô hình ngôn ngữ cần: pip install "hoibao[llm]"',
    "fastapi": 'hoibao serve cần: pip install "hoibao[serve]"',
    "ir_measures": 'hoibao eval cần: pip install "hoibao[eval]"',
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing examined: `state` "ok", "note" (works, could be better) or "bad"."""

    name: str
    state: State
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All findings; `healthy` unless one is bad."""

    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing is bad."""
        return all(finding.state != "bad" for finding in self.findings)


def examine(settings: Settings, library: str | None = None) -> Report:
    """Examine the machine, the packages, the models and one library (the settings' own by default)."""
    folder = settings.library_path(library)
    return Report(
        (
            _python(),
            _machine(),
            *_packages(),
            _home(settings.home),
            _settings_file(settings),
            _embedder(settings),
            *_reranker(settings),
            *_language_model(settings),
            *_library(folder),
        )
    )


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    hoibao = _version("hoibao") or "chưa cài"
    good = (3, 11) <= sys.version_info[:2] < (3, 14)
    return Finding(
        "hoibao",
        "ok" if good else "bad",
        f"{hoibao}, Python {version}, {platform.system()} {platform.machine()}",
        "" if good else "dùng Python 3.11, 3.12 hoặc 3.13",
    )


def _machine() -> Finding:
    memory = psutil.virtual_memory()
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    total, free = decimal(memory.total / GIB), decimal(memory.available / GIB)
    text = f"{cores} lõi, {total} GiB bộ nhớ, còn trống {free} GiB"
    if memory.available < GIB:
        return Finding(
            "máy", "note", text, "bộ nhớ còn ít: đóng bớt chương trình trước khi dùng mô hình ngôn ngữ"
        )
    return Finding("máy", "ok", text)


def _packages() -> list[Finding]:
    found = []
    versions = {name: _version(name) for name in NEEDED}
    missing = [name for name, version in versions.items() if version is None]
    present = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    if missing:
        found.append(Finding("gói", "bad", f"thiếu {', '.join(missing)}", "cài lại: pip install hoibao"))
    found.append(Finding("gói", "ok", present))
    for name, advice in OPTIONAL.items():
        version = _version(name)
        found.append(Finding(name, "ok", version) if version else Finding(name, "note", "chưa cài", advice))
    return found


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _home(home: Path) -> Finding:
    place = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(place).free
    text = f"{home}, còn trống {decimal(free / GIB)} GiB"
    if not os.access(place, os.W_OK):
        return Finding(
            "thư mục dữ liệu", "bad", text, f"không ghi được vào {place}: đặt HOIBAO_HOME sang nơi khác"
        )
    if free < GIB:
        return Finding("thư mục dữ liệu", "note", text, "ổ đĩa sắp đầy")
    return Finding("thư mục dữ liệu", "ok", text)


def _settings_file(settings: Settings) -> Finding:
    text = str(settings.file) if settings.file.exists() else f"mặc định (chưa có {settings.file})"
    return Finding("thiết lập", "ok", text)


def _embedder(settings: Settings) -> Finding:
    from models.embed import load_embedder

    try:
        embedder = load_embedder(settings.embedder or None)
        text = f"{embedder.name}, {embedder.dimension} chiều, {embedder.fingerprint[:12]}"
    except HoibaoError as error:
        return Finding("mô hình nhúng", "bad", error.message, error.repair or "")
    return Finding("mô hình nhúng", "ok", text)


def _reranker(settings: Settings) -> list[Finding]:
    if not settings.reranker:
        return []
    from models.rerank import load_reranker

    name = "mô hình xếp hạng lại"
    try:
        load_reranker(settings.reranker).scores("thử", ["thử"])
    except HoibaoError as error:
        return [Finding(name, "bad", f"{settings.reranker}: {error.message}", error.repair or "")]
    return [Finding(name, "ok", settings.reranker)]


def _language_model(settings: Settings) -> list[Finding]:
    from models.catalog import propose

    name = "mô hình ngôn ngữ"
    if settings.server_url:
        return [Finding(name, "ok", f"máy chủ {settings.server_url}")]
    if not settings.model:
        cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
        best = propose(memory=psutil.virtual_memory().total, cores=cores)
        advice = "" if best is None else f"máy này hợp với {best.name}: hoibao models pull {best.name}"
        return [Finding(name, "ok", "không dùng; câu trả lời được trích từ bài", advice)]
    if importlib.util.find_spec("llama_cpp") is None:
        return [Finding(name, "bad", settings.model, OPTIONAL["llama-cpp-python"])]
    from models.llama_file import read_header
    from models.llama_load import fit_context
    from models.store import ModelStore

    try:
        header = read_header(ModelStore(settings.models_path).find(settings.model))
        context = fit_context(header, settings.context or None)
    except HoibaoError as error:
        return [Finding(name, "bad", f"{settings.model}: {error.message}", error.repair or "")]
    size = decimal(header.size / GIB)
    return [Finding(name, "ok", f"{settings.model} ({size} GiB, ngữ cảnh {context} token)")]


def _library(folder: Path) -> list[Finding]:
    from index import Library

    try:
        with Library.open(folder) as library:
            library.verify()
            count = len(library)
            library.search("tin tức", k=1)
    except LibraryNotFound:
        return [
            Finding(
                "thư viện", "note", f"{folder}: chưa có", "thêm bài: hoibao add THƯ_MỤC, hoặc: hoibao samples"
            )
        ]
    except HoibaoError as error:
        return [Finding("thư viện", "bad", f"{folder}: {error.message}", error.repair or "")]
    return [Finding("thư viện", "ok", f"{folder}: {count} bài")]


def print_report(report: Report) -> None:
    """Print a report on the terminal."""
    from ui.terminal import out

    for finding in report.findings:
        sign, style = {"ok": ("✓", "green"), "note": ("•", "yellow"), "bad": ("✗", "bold red")}[finding.state]
        out.print(
            Text.assemble((f"{sign} ", style), (f"{finding.name}: ", "bold"), plain(finding.text)),
            soft_wrap=True,
        )
        if finding.advice:
            out.print(Text(f"    → {plain(finding.advice)}", style="cyan"), soft_wrap=True)
