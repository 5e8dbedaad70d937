"""Answers, hits and articles on a terminal, through rich. Text of articles is never markup nor control.

Knows the types of the index and of answers, and nothing of how they are made.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from index.types import Article, Hit
from models.errors import HoibaoError
from qa.types import Answer, Citation
from ui import view
from ui.json_output import rendered

out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)

MARK = "bold black on yellow"
QUIET = "dim"
INFERRED = "ngày có dấu ?: bài không ghi ngày đăng, ngày này đọc từ đầu bài hoặc tên tệp"
EXPLAINED = 5  # hits that --explain shows
_EXPLAINED = {
    "kind": "loại câu hỏi", "item": "loại điều được hỏi", "slot": "từ để hỏi", "unit": "đơn vị đếm",
    "names": "tên riêng", "focus": "từ cần tìm", "toneless": "gõ không dấu", "many": "hỏi nhiều mục",
    "best": "ứng viên tốt nhất", "standing": "nói về tên được hỏi", "features": "bằng chứng",
    "against": "điều trái ngược", "threshold": "ngưỡng trả lời",
}  # fmt: skip


def print_json(value: object) -> None:
    """Write one JSON document to standard output, with the dataclasses' own field names."""
    sys.stdout.write(rendered(view.jsonable(value)) + "\n")


def print_error(error: HoibaoError) -> None:
    """Write what happened and what repairs it to standard error."""
    text = Text("Lỗi: ", style="bold red")
    if error.path:
        text.append(f"{view.plain(error.path)}: ", style="default")
    text.append(view.plain(error.message), style="default")
    if error.repair:
        text.append(f"\n  → {view.plain(error.repair)}", style="cyan")
    err.print(text, soft_wrap=True)


def print_answer(answer: Answer, *, explain: bool = False) -> None:
    """Print an answer, each citation with its place and quote, the answer in the quote highlighted."""
    if answer.rewritten:
        out.print(Text(f"Hiểu là: {view.plain(answer.question)}", style=QUIET))
    if view.caution(answer):
        out.print(Text(view.caution(answer), style="yellow"))
    body = Text()
    for segment in view.segments(answer):
        body.append(segment.text, style="" if segment.marker is None else "bold cyan")
    out.print(body)
    for note in answer.notes:
        out.print(Text(f"• {view.plain(note)}", style="yellow"))
    for item in answer.removed:
        out.print(Text(f"✂ {view.plain(item.text)} ({view.plain(item.reason)})", style=QUIET))
    for citation in answer.citations:
        out.print()
        _print_citation(citation)
    if answer.abstained and answer.nearest:
        out.print()
        out.print(Text("Bài gần nhất:"))
        for article in answer.nearest:
            out.print(Text(f"  – {view.article_label(article)}  ({view.plain(article.path or article.id)})"))
    if explain:
        _print_explanation(answer)
    elif not answer.abstained:
        out.print()
        out.print(Text(f"Độ tin cậy {view.percent(answer.confidence)}", style=QUIET))


def _print_citation(citation: Citation) -> None:
    head = Text(f"[{citation.marker}] ", style="bold cyan")
    head.append(view.article_label(citation.article), style="bold not cyan")
    out.print(head)
    out.print(Text(f"    {view.place_text(citation)}", style=QUIET), soft_wrap=True)
    quote = Text("“") + Text(view.plain(citation.quote)) + Text("”")
    for start, end in citation.marks:
        quote.stylize(MARK, start + 1, end + 1)
    out.print(Padding(quote, (0, 0, 0, 4)))


def _print_explanation(answer: Answer) -> None:
    out.print()
    table = Table(title="Vì sao trả lời như vậy", title_justify="left", show_header=False, box=None)
    table.add_row("câu hỏi được hiểu", Text(view.plain(answer.question)))
    table.add_row("cách trả lời", answer.method)
    table.add_row("độ tin cậy", f"{answer.confidence:.3f}")
    for name, value in answer.explanation.items():
        table.add_row(_EXPLAINED.get(name, view.plain(str(name))), Text(view.plain(_short(value))))
    timings = ", ".join(f"{name} {value:.1f}" for name, value in answer.timings.items())
    table.add_row("thời gian (ms)", timings)
    out.print(table)
    print_hits(answer.hits[:EXPLAINED], parts=True)


def _short(value: object) -> str:
    plain = view.jsonable(value)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def print_hits(hits: Sequence[Hit], *, parts: bool = False) -> None:
    """Print ranked passages: rank, score, article, place and the passage's text."""
    for rank, hit in enumerate(hits, start=1):
        head = Text(f"{rank:>2}. {hit.score:.3f}  ", style="bold cyan")
        head.append(view.article_label(hit.article), style="bold not cyan")
        out.print(head)
        place = f"{hit.article.path or hit.article.id}:{hit.passage.start}-{hit.passage.end}"
        if parts and hit.parts:
            place += "  " + "  ".join(f"{name} {value:.3f}" for name, value in hit.parts.items())
        if hit.reprints:
            place += f"  (+{len(hit.reprints)} bài đăng lại)"
        out.print(Text(f"    {view.plain(place)}", style=QUIET), soft_wrap=True)
        out.print(Padding(Text(view.plain(hit.passage.text)), (0, 0, 1, 4)))


def print_articles(articles: Iterable[Article]) -> int:
    """Print one line an article and return how many there were."""
    table = Table(box=None, pad_edge=False, expand=True, header_style="bold")
    table.add_column("id", no_wrap=True)
    table.add_column("ngày", no_wrap=True)
    table.add_column("tiêu đề", overflow="ellipsis", no_wrap=True, ratio=3)
    table.add_column("tệp", overflow="ellipsis", no_wrap=True, ratio=1)
    count, inferred = 0, False
    for article in articles:
        count += 1
        inferred = inferred or article.date_inferred
        day = view.date_text(article.date) + ("?" if article.date_inferred else "")
        title = Text(" ".join(view.plain(article.title).split()) or view.UNTITLED)
        file = view.plain(PurePath(article.path).name)
        table.add_row(Text(view.plain(article.id)), day, title, Text(file, style=QUIET))
    if count:
        out.print(table)
    if inferred:
        out.print(Text(f"({INFERRED})", style=QUIET))
    return count
