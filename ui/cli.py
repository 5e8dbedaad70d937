"""The command `hoibao`. Everything heavy is imported inside the commands: `hoibao --help` is instant.

Exit status: 0 answered or done, 1 error, 2 wrong usage, 3 no answer in the library, 4 done but for some
files (each named with its reason), 130 interrupted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from models.errors import HoibaoError
from ui import cli_upkeep
from ui.cli_models import models_app
from ui.command import (
    ABSTAINED,
    PARTIAL,
    JsonOption,
    LibraryOption,
    QuietOption,
    RerankerOption,
    SinceOption,
    SourceOption,
    UntilOption,
    check_source,
    chosen_reranker,
    guarded,
    load_settings,
    open_library,
    parse_date,
)
from ui.usage import Commands

app = Commands(
    name="hoibao",
    help="Hỏi báo: hỏi kho bài báo tiếng Việt của bạn, ngay trên máy; câu trả lời nào cũng có trích dẫn.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
@guarded
def add(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Tệp hoặc thư mục bài báo.")],
    library: LibraryOption = None,
    embedder: Annotated[
        str | None, typer.Option(metavar="NAME", help="Mô hình nhúng cho thư viện mới: tên hoặc thư mục.")
    ] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Thêm bài báo vào thư viện (.txt .md .html .pdf .docx .jsonl .csv)."""
    from ui.ingest import add_paths

    with open_library(library, create=True, embedder=embedder) as opened:
        complete = add_paths(opened, paths, json=json, quiet=quiet)
    if not complete:
        raise typer.Exit(PARTIAL)


@app.command(name="list")
@guarded
def list_(
    contains: Annotated[str, typer.Argument(metavar="[WORDS]", help="Chỉ bài có những chữ này.")] = "",
    library: LibraryOption = None,
    json: JsonOption = False,
) -> None:
    """Liệt kê các bài trong thư viện."""
    from ui.ingest import matching
    from ui.json_output import listed_json
    from ui.terminal import print_articles, print_json

    with open_library(library) as opened:
        found = matching(opened.articles(), contains)
        if json:
            print_json([listed_json(article) for article in found])
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
    k: Annotated[int, typer.Option("-k", metavar="N", min=1, max=1000, help="Số đoạn.")] = 10,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    library: LibraryOption = None,
    json: JsonOption = False,
    explain: Annotated[bool, typer.Option("--explain", help="Hiện điểm thành phần.")] = False,
    reranker: RerankerOption = None,
) -> None:
    """Tìm các đoạn gần nhất với một câu hỏi hay vài từ."""
    from ui.json_output import hits_json
    from ui.terminal import print_hits, print_json

    with open_library(library, reranker=chosen_reranker(reranker, load_settings())) as opened:
        check_source(opened, source)
        hits = opened.search(
            " ".join(query),
            k=k,
            since=parse_date(since, "--since"),
            until=parse_date(until, "--until"),
            source=source,
        )
    if json:
        print_json(hits_json(hits))
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
        list[str] | None,
        typer.Option("--then", metavar="QUESTION", help="Câu hỏi tiếp theo (dùng được nhiều lần)."),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    library: LibraryOption = None,
    json: JsonOption = False,
    explain: Annotated[bool, typer.Option("--explain", help="Giải thích cách trả lời.")] = False,
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Mô hình GGUF: tệp hoặc tên; «none» để chỉ trích từ bài."),
    ] = None,
    reranker: RerankerOption = None,
) -> None:
    """Hỏi thư viện (mã thoát 3: có câu hỏi mà thư viện không có câu trả lời)."""
    from ui.asking import ask_all, check_questions

    questions = [" ".join(question), *(then or [])]
    check_questions(questions)

    settings = load_settings()
    with open_library(library, reranker=chosen_reranker(reranker, settings)) as opened:
        check_source(opened, source)
        answers = ask_all(
            questions,
            library=opened,
            since=parse_date(since, "--since"),
            until=parse_date(until, "--until"),
            source=source,
            model=model,
            json=json,
            explain=explain,
            settings=settings,
        )
    if any(answer.abstained for answer in answers):
        raise typer.Exit(ABSTAINED)


for upkeep in (
    cli_upkeep.chat,
    cli_upkeep.samples,
    cli_upkeep.doctor,
    cli_upkeep.reindex,
    cli_upkeep.calibrate,
    cli_upkeep.serve,
):
    app.command()(upkeep)
app.command(name="eval")(cli_upkeep.evaluate)
app.add_typer(models_app)


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
