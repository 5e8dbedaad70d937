"""What the commands share: options, opening a library, errors shown to a person."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from models.errors import HoibaoError

if TYPE_CHECKING:
    from index import Library
    from qa.settings import Settings

ABSTAINED, PARTIAL, INTERRUPTED = 3, 4, 130

LibraryOption = Annotated[
    str | None, typer.Option("--library", "-l", help="Tên thư viện, hoặc thư mục (có dấu /).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Không hiện tiến độ.")]
SinceOption = Annotated[str | None, typer.Option(help="Chỉ bài từ ngày này (YYYY-MM-DD).")]
UntilOption = Annotated[str | None, typer.Option(help="Chỉ bài đến hết ngày này (YYYY-MM-DD).")]
RerankerOption = Annotated[
    str | None,
    typer.Option(
        "--reranker", help="Xếp lại các đoạn đầu bằng một CrossEncoder: tên hoặc thư mục; «none»: không."
    ),
]
NO_MODEL = "none"
SourceOption = Annotated[str | None, typer.Option(help="Chỉ bài của nguồn này.")]
Command = TypeVar("Command", bound=Callable[..., None])


def guarded(command: Command) -> Command:
    """Show errors meant for a person without a traceback, and turn them into an exit status."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except HoibaoError as error:
            from ui.terminal import print_error

            print_error(error)
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            typer.echo("\nĐã dừng. Phần đã làm xong vẫn được giữ; chạy lại lệnh để làm tiếp.", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            sys.stderr.close()
            raise typer.Exit(0) from None

    return run  # type: ignore[return-value]


def load_settings() -> Settings:
    """Load the settings, and let all layers agree on where models are kept."""
    from qa.settings import Settings

    settings = Settings.load()
    os.environ.setdefault("HOIBAO_HOME", str(settings.home))
    return settings


def chosen_reranker(option: str | None, settings: Settings) -> str:
    """Return the cross-encoder that `--reranker` names (the settings' own without it), "" for none."""
    return settings.reranker if option is None else option if option != NO_MODEL else ""


def open_library(
    name: str | None, *, create: bool = False, embedder: str | None = None, reranker: str = ""
) -> Library:
    """Open the library that `--library` names (the settings' own without it)."""
    from index import Library
    from models.embed import load_embedder
    from models.rerank import load_reranker

    settings = load_settings()
    chosen = embedder or settings.embedder
    return Library.open(
        settings.library_path(name),
        create=create,
        embedder=load_embedder(chosen) if chosen else None,
        reranker=load_reranker(reranker) if reranker else None,
    )


def parse_date(text: str | None, option: str) -> date | None:
    """Read YYYY-MM-DD or D/M/YYYY; `option` is named in the error."""
    if text is None:
        return None
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
    raise HoibaoError(f"{option}: {text!r} không phải là ngày.", repair=f"{option} 2025-10-02")
