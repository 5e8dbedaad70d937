"""The command `hoibao`. Everything heavy is imported inside the commands: `hoibao --help` is instant.

Exit status: 0 answered or done, 1 error, 2 wrong usage, 3 no answer in the library, 4 done but for some
files (each named with its reason), 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from models.errors import HoibaoError
from ui.cli_models import models_app

if TYPE_CHECKING:
    from index import Library
    from qa.settings import Settings

ABSTAINED, PARTIAL, INTERRUPTED = 3, 4, 130

app = typer.Typer(
    name="hoibao",
    help="Hỏi báo: hỏi kho bài báo tiếng Việt của bạn, ngay trên máy; câu trả lời nào cũng có trích dẫn.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(models_app)

LibraryOption = Annotated[
    str | None, typer.Option("--library", "-l", help="Tên thư viện, hoặc thư mục (có dấu /).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON.")]
SinceOption = Annotated[str | None, typer.Option(help="Chỉ bài từ ngày này (YYYY-MM-DD).")]
UntilOption = Annotated[str | None, typer.Option(help="Chỉ bài đến hết ngày này (YYYY-MM-DD).")]
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


def open_library(name: str | None, *, create: bool = False, embedder: str | None = None) -> Library:
    """Open the library that `--library` names (the settings' own without it)."""
    from index import Library
    from models.embed import load_embedder

    settings = load_settings()
    chosen = embedder or settings.embedder
    return Library.open(
        settings.library_path(name), create=create, embedder=load_embedder(chosen) if chosen else None
    )


def parse_date(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
    raise HoibaoError(f"{option}: {text!r} không phải là ngày.", repair=f"{option} 2025-10-02")


@app.command()
@guarded
def add(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Tệp hoặc thư mục bài báo.")],
    library: LibraryOption = None,
    embedder: Annotated[
        str | None, typer.Option(help="Mô hình nhúng cho thư viện mới: tên hoặc thư mục.")
    ] = None,
    json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Không hiện tiến độ.")] = False,
) -> None:
    """Thêm bài báo vào thư viện (.txt .md .html .pdf .docx .jsonl .csv)."""
    from ui.ingest import add_paths

    with open_library(library, create=True, embedder=embedder) as opened:
        complete = add_paths(opened, paths, json=json, quiet=quiet)
    if not complete:
        raise typer.Exit(PARTIAL)


@app.command()
@guarded
def samples(
    library: LibraryOption = "samples",
    copy_to: Annotated[
        Path | None, typer.Option("--copy-to", help="Chép các bài mẫu ra thư mục này thay vì lập chỉ mục.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Không hiện tiến độ.")] = False,
) -> None:
    """Lập chỉ mục các bài báo mẫu đi kèm (vào thư viện «samples»)."""
    from ui.ingest import add_paths, copy_samples, sample_files

    if copy_to is not None:
        typer.echo(f"Đã chép {copy_samples(copy_to)} bài mẫu vào {copy_to}")
        return
    with open_library(library, create=True) as opened:
        add_paths(opened, sample_files(), quiet=quiet)


@app.command(name="list")
@guarded
def list_(
    contains: Annotated[str, typer.Argument(metavar="[WORDS]", help="Chỉ bài có những chữ này.")] = "",
    library: LibraryOption = None,
    json: JsonOption = False,
) -> None:
    """Liệt kê các bài trong thư viện."""
    from ui.ingest import matching
    from ui.terminal import print_articles, print_json

    with open_library(library) as opened:
        found = matching(opened.articles(), contains)
        if json:
            print_json(found)
            return
        count = print_articles(found)
    typer.echo(f"{count} bài" if count else "Không có bài nào.", err=True)


@app.command()
@guarded
def remove(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help="id của bài (xem: hoibao list).")],
    library: LibraryOption = None,
) -> None:
    """Xóa bài khỏi thư viện; tệp gốc không bị đụng đến."""
    with open_library(library) as opened:
        known = {article.id for article in opened.articles()}
        missing = [name for name in ids if name not in known]
        for name in ids:
            if name in known:
                opened.remove(name)
                typer.echo(f"Đã xóa {name}")
    if missing:
        raise HoibaoError(f"không có bài: {', '.join(missing)}", repair="hoibao list")


@app.command()
@guarded
def search(
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help="Từ cần tìm.")],
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="Số đoạn.")] = 10,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    library: LibraryOption = None,
    json: JsonOption = False,
    explain: Annotated[bool, typer.Option("--explain", help="Hiện điểm thành phần.")] = False,
) -> None:
    """Tìm các đoạn gần nhất với một câu hỏi hay vài từ."""
    from ui.terminal import print_hits, print_json

    with open_library(library) as opened:
        hits = opened.search(
            " ".join(query),
            k=k,
            since=parse_date(since, "--since"),
            until=parse_date(until, "--until"),
            source=source,
        )
    if json:
        print_json(hits)
    elif hits:
        print_hits(hits, parts=explain)
    if not hits:
        typer.echo("Không tìm thấy đoạn nào.", err=True)
        raise typer.Exit(ABSTAINED)


@app.command()
@guarded
def ask(
    question: Annotated[list[str], typer.Argument(metavar="QUESTION", help="Câu hỏi.")],
    then: Annotated[
        list[str] | None, typer.Option("--then", help="Câu hỏi tiếp theo (dùng được nhiều lần).")
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    library: LibraryOption = None,
    json: JsonOption = False,
    explain: Annotated[bool, typer.Option("--explain", help="Giải thích cách trả lời.")] = False,
    model: Annotated[
        str | None, typer.Option(help="Mô hình GGUF: tệp hoặc tên; «none» để chỉ trích từ bài.")
    ] = None,
) -> None:
    """Hỏi thư viện một câu (mã thoát 3: thư viện không có câu trả lời)."""
    from ui.asking import ask_all

    with open_library(library) as opened:
        answers = ask_all(
            [" ".join(question), *(then or [])],
            library=opened,
            since=parse_date(since, "--since"),
            until=parse_date(until, "--until"),
            source=source,
            model=model,
            json=json,
            explain=explain,
            settings=load_settings(),
        )
    if answers[-1].abstained:
        raise typer.Exit(ABSTAINED)


@app.command()
@guarded
def chat(
    library: LibraryOption = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Cổng; 0: cổng trống bất kỳ.")] = None,
    browser: Annotated[bool, typer.Option("--browser", help="Mở trình duyệt.")] = False,
) -> None:
    """Mở trang hỏi đáp tại một địa chỉ trên máy này."""
    from ui.launch import HOST, free_port, run_chat

    settings = load_settings()
    folder = settings.library_path(library)
    chosen = free_port(settings.chat_port if port is None else port)
    address = f"http://{HOST}:{chosen}"
    typer.echo(f"\n  Mở trình duyệt tại:  {address}\n  Dừng: Ctrl+C\n")
    if browser:
        typer.launch(address)
    run_chat(home=settings.home, library=str(folder), port=chosen)


@app.command()
@guarded
def reindex(
    library: LibraryOption = None,
    embedder: Annotated[str | None, typer.Option(help="Mô hình nhúng mới: tên hoặc thư mục.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Không hiện tiến độ.")] = False,
) -> None:
    """Lập lại mọi chỉ mục từ các bài đã lưu (sau khi đổi mô hình nhúng, hay khi chỉ mục hỏng)."""
    from index import Library
    from models.embed import load_embedder
    from ui.ingest import progress_bar

    settings = load_settings()
    chosen = load_embedder(embedder or settings.embedder or None)
    with (
        progress_bar(hidden=quiet) as progress,
        Library.rebuild(settings.library_path(library), embedder=chosen, progress=progress) as rebuilt,
    ):
        count = len(rebuilt)
    typer.echo(f"Đã lập lại chỉ mục của {count} bài.", err=True)


@app.command()
@guarded
def doctor(library: LibraryOption = None, json: JsonOption = False) -> None:
    """Xem máy, các gói, mô hình và thư viện có ổn không, và nên làm gì."""
    from ui.doctor import examine, print_report
    from ui.terminal import print_json

    report = examine(load_settings(), library)
    if json:
        print_json(report)
    else:
        print_report(report)
    if not report.healthy:
        raise typer.Exit(1)


def version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        from importlib.metadata import version as installed

        typer.echo(f"hoibao {installed('hoibao')}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="In phiên bản.")
    ] = False,
) -> None:
    """Hỏi báo: hỏi kho bài báo tiếng Việt của bạn, ngay trên máy; câu trả lời nào cũng có trích dẫn."""


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
