"""What the commands share: options, opening a library, errors shown to a person."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from models.errors import HoibaoError, LibraryNotFound

if TYPE_CHECKING:
    from index import Library
    from qa.settings import Settings

ABSTAINED, PARTIAL, INTERRUPTED = 3, 4, 130

LibraryOption = Annotated[
    str | None, typer.Option("--library", "-l", metavar="NAME", help="Tên thư viện, hoặc thư mục (có dấu /).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Không hiện tiến độ.")]
SinceOption = Annotated[str | None, typer.Option(metavar="DATE", help="Chỉ bài từ ngày này (YYYY-MM-DD).")]
UntilOption = Annotated[
    str | None, typer.Option(metavar="DATE", help="Chỉ bài đến hết ngày này (YYYY-MM-DD).")
]
RerankerOption = Annotated[
    str | None,
    typer.Option(
        "--reranker",
        metavar="NAME",
        help="Xếp lại các đoạn đầu bằng một CrossEncoder: tên hoặc thư mục; «none»: không.",
    ),
]
NO_MODEL = "none"
SOURCES_NAMED = 12
SourceOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="Chỉ bài của nguồn này (không cần dấu).")
]
Command = TypeVar("Command", bound=Callable[..., None])


def guarded(command: Command) -> Command:
    """Show errors meant for a person without a traceback, and turn them into an exit status."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except HoibaoError as error:
            from ui.terminal import print_error

            if isinstance(error, LibraryNotFound):
                error = _with_names(error, command.__name__.strip("_"))
            print_error(error)
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            typer.echo("\nĐã dừng. Phần đã làm xong vẫn được giữ; chạy lại lệnh để làm tiếp.", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            sys.stderr.close()
            raise typer.Exit(0) from None

    return run  # type: ignore[return-value]


def _with_names(error: LibraryNotFound, command: str) -> LibraryNotFound:
    """Return the error with the names of the libraries that there are, and the command to try."""
    known = library_names(load_settings())
    if not known:
        samples = "hoibao add THƯ_MỤC_BÀI, hoặc lập thư viện các bài mẫu: hoibao samples"
        return LibraryNotFound(
            f"{error.message}, và cũng không có thư viện nào khác", path=error.path, repair=samples
        )
    first = "samples" if "samples" in known else known[0]
    dots = " …" if command in ("ask", "search") else ""
    return LibraryNotFound(
        f"{error.message}. Có các thư viện: {', '.join(known)}",
        path=error.path,
        repair=f"thử: hoibao {command} --library {first}{dots}   (hoặc thêm bài: hoibao add THƯ_MỤC_BÀI)",
    )


def library_names(settings: Settings) -> list[str]:
    """Return the names of the libraries in the home folder."""
    return sorted(found.parent.name for found in (settings.home / "libraries").glob("*/CURRENT"))


def check_source(library: Library, source: str | None) -> None:
    """Raise `HoibaoError` if no article of a library has this source: it would find nothing, silently."""
    from index.sources import named, nearest

    known = library.sources
    if source is None or named(source, known):
        return
    if not known:
        raise HoibaoError(
            f"--source: không có bài nào của nguồn «{source}»; các bài trong thư viện này không ghi nguồn",
            repair="bỏ --source",
        )
    near = nearest(source, known)
    rest = [one for one in known if one not in near]
    listed = ", ".join(rest[:SOURCES_NAMED]) + (", …" if len(rest) > SOURCES_NAMED else "")
    if near:
        hint = f"gần nhất: {', '.join(near)}" + (f". Các nguồn khác: {listed}" if rest else "")
    else:
        hint = f"các nguồn: {listed}"
    raise HoibaoError(
        f"--source: không có bài nào của nguồn «{source}»",
        repair=hint,
    )


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
