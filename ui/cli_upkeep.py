"""The commands that keep things going: samples, chat, serve, reindex, doctor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from models.errors import HoibaoError
from ui.command import (
    JsonOption,
    LibraryOption,
    QuietOption,
    RerankerOption,
    chosen_reranker,
    guarded,
    load_settings,
    open_library,
)


@guarded
def samples(
    library: LibraryOption = "samples",
    copy_to: Annotated[
        Path | None,
        typer.Option(
            "--copy-to", metavar="FOLDER", help="Chép các bài mẫu ra thư mục này thay vì lập chỉ mục."
        ),
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Lập chỉ mục các bài báo mẫu đi kèm (vào thư viện «samples»)."""
    from ui.ingest import add_paths, copy_samples, sample_files

    if copy_to is not None:
        typer.echo(f"Đã chép {copy_samples(copy_to)} bài mẫu vào {copy_to}")
        return
    with open_library(library, create=True) as opened:
        add_paths(opened, sample_files(), quiet=quiet)


@guarded
def chat(
    library: LibraryOption = None,
    port: Annotated[
        int | None, typer.Option(metavar="PORT", min=0, max=65535, help="Cổng; 0: cổng trống bất kỳ.")
    ] = None,
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


@guarded
def serve(
    library: LibraryOption = None,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Địa chỉ nghe; ngoài máy này thì phải có mã truy cập.")
    ] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(metavar="PORT", min=0, max=65535, help="Cổng.")] = None,
) -> None:
    """Mở máy chủ HTTP: /ask có trích dẫn, và /v1 theo giao thức OpenAI."""
    import importlib.util

    if importlib.util.find_spec("fastapi") is None or importlib.util.find_spec("uvicorn") is None:
        raise HoibaoError("chưa cài các gói của máy chủ HTTP.", repair='pip install "hoibao[serve]"')
    from qa import Assistant
    from ui.asking import configured_writer
    from ui.serve import run_server

    settings = load_settings()
    chosen = settings.serve_port if port is None else port
    with open_library(library, reranker=settings.reranker) as opened:
        assistant = Assistant.open(opened, settings=settings, generate=configured_writer(settings))
        typer.echo(f"http://{host}:{chosen}  (Ctrl+C để dừng)", err=True)
        run_server(assistant, host=host, port=chosen, token=settings.serve_token)


@guarded
def reindex(
    library: LibraryOption = None,
    embedder: Annotated[
        str | None, typer.Option(metavar="NAME", help="Mô hình nhúng mới: tên hoặc thư mục.")
    ] = None,
    quiet: QuietOption = False,
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


@guarded
def calibrate(
    library: LibraryOption = None,
    count: Annotated[
        int, typer.Option(metavar="N", min=10, max=5000, help="Số câu hỏi tự đặt ra từ các bài.")
    ] = 150,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Chỉnh ngưỡng từ chối theo chính các bài của bạn, và báo tỉ lệ trả lời sai."""
    from qa.calibrate import calibrate as fit
    from ui.ingest import counting_bar
    from ui.terminal import print_json

    with (
        open_library(library, reranker=load_settings().reranker) as opened,
        counting_bar("câu hỏi", hidden=quiet or json) as progress,
    ):
        report = fit(opened, count=count, progress=progress)
    if json:
        print_json(report)
        return
    typer.echo(
        f"Trên {report.trials} lượt hỏi thử: trả lời {100 * report.answered:.0f}% câu có lời đáp "
        f"(đúng {100 * report.right:.0f}%), trả lời nhầm {100 * report.false_answers:.0f}% câu không có."
    )
    saved = f"Đã lưu vào {report.saved_to}" if report.saved_to else "Ít bài quá, giữ ngưỡng có sẵn"
    typer.echo(f"{saved}; ngưỡng {report.threshold:.2f}.")


@guarded
def evaluate(
    questions: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Tệp SQuAD (.json), thư mục BEIR, hoặc câu hỏi kèm đáp án (.jsonl)."
        ),
    ],
    library: LibraryOption = None,
    distractors: Annotated[
        list[Path] | None,
        typer.Option("--distractors", metavar="PATH", help="Bài báo trộn thêm vào (tệp hay thư mục)."),
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=0, help="Chỉ hỏi chừng này câu, rải đều; 0: hỏi hết.")
    ] = 0,
    reranker: RerankerOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Đo chất lượng tìm kiếm, đọc và trả lời trên các câu hỏi có đáp án."""
    import dataclasses
    import importlib.util

    if importlib.util.find_spec("ir_measures") is None:
        raise HoibaoError("chưa cài gói đo lường.", repair='pip install "hoibao[eval]"')
    from ui import evaluating
    from ui.ingest import counting_bar
    from ui.terminal import print_json

    settings = load_settings()
    with counting_bar("câu hỏi", hidden=quiet or json) as progress:
        reports = evaluating.evaluate(
            questions,
            settings=dataclasses.replace(settings, reranker=chosen_reranker(reranker, settings)),
            library=library,
            distractors=distractors or (),
            limit=limit,
            progress=progress,
        )
    if json:
        print_json(reports)
    else:
        typer.echo("\n\n".join(report.table() for report in reports))
