"""From answers and articles to safe HTML and plain words: pure functions, no Streamlit, no terminal.

Everything that comes out of an article, a question or a model is untrusted: it is escaped here and
nowhere else, control and direction-changing characters are shown as a box, and only http(s) addresses
become links. The HTML uses the classes of `static/style.css`.
"""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from index.types import Article, Span
from qa.types import Answer, ArticleRef, Citation, Evidence

UNTITLED = "(không có tiêu đề)"
BEFORE_ARTICLE = "Những dòng đứng trước bài trong tệp gốc"
UNSURE = "Chưa chắc chắn: hãy đọc câu trích trước khi dùng câu trả lời này."
_MARKER = re.compile(r"\[(\d{1,3})\]")
# C0 and C1 controls but for tab and newline, and the characters that turn the direction of writing.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_INLINE_MARKDOWN = re.compile(r"([\\`*_\[\]<>])")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^])")


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of an answer's text; with `marker`, it is the [n] of that citation."""

    text: str
    marker: int | None = None


def plain(text: str) -> str:
    """Return text that cannot steer a terminal: control and direction characters become "□".

    The length stays the same, so that offsets into the text still hold.
    """
    return _UNSEEN.sub("□", text.replace("\r\n", " \n").replace("\r", "\n"))


def markdown_escaped(text: str) -> str:
    """Return text that Markdown shows as it stands (for labels, which Streamlit renders as Markdown)."""
    return _MARKDOWN.sub(r"\\\1", " ".join(plain(text).split()))


def segments(answer: Answer) -> tuple[Segment, ...]:
    """Cut an answer's text at its markers. Only a marker of a citation counts; other [n] stay text."""
    known = {citation.marker for citation in answer.citations}
    found: list[Segment] = []
    last = 0
    for match in _MARKER.finditer(answer.text):
        marker = int(match.group(1))
        if marker in known:
            if match.start() > last:
                found.append(Segment(plain(answer.text[last : match.start()])))
            found.append(Segment(match.group(), marker))
            last = match.end()
    if last < len(answer.text):
        found.append(Segment(plain(answer.text[last:])))
    return tuple(found)


def date_text(day: date | None) -> str:
    """Return a date as Vietnamese news writes it: "2/10/2025"; "" for none."""
    return "" if day is None else f"{day.day}/{day.month}/{day.year}"


def newest_first(article: Article | ArticleRef) -> tuple[bool, int, str]:
    """Return what sorts articles: the newest first, those without a date last, then by title."""
    return article.date is None, -article.date.toordinal() if article.date else 0, article.title.casefold()


def article_label(article: Article | ArticleRef) -> str:
    """Return "Title · 2/10/2025 · source", in one line, without what is not known."""
    parts = [article.title.strip() or UNTITLED, date_text(article.date), article.source.strip()]
    return " · ".join(" ".join(plain(part).split()) for part in parts if part)


def place_text(citation: Citation) -> str:
    """Return where the quote stands: "path:start-end", in code points of the article's text."""
    return f"{plain(citation.article.path or citation.article.id)}:{citation.start}-{citation.end}"


def caution(answer: Answer) -> str:
    """Return what is to be said before an answer that is not sure; "" before any other."""
    return "" if answer.abstained or answer.sure else UNSURE


def percent(share: float) -> str:
    """Return a share in [0, 1] as "87%", rounded down, never 0 or 100: certainty is not on offer."""
    return f"{min(99, max(1, int(100 * share)))}%"


def decimal(value: float, digits: int = 1) -> str:
    """Return a number with a decimal comma, as Vietnamese writes it: "23,5"."""
    return f"{value:.{digits}f}".replace(".", ",")


def _escape(text: str) -> str:
    return html.escape(plain(text), quote=True)


def marked_html(text: str, marks: Sequence[tuple[int, int]]) -> str:
    """Return escaped text with `<mark>` around the marked ranges (merged, clipped to the text)."""
    pieces: list[str] = []
    last = 0
    for start, end in sorted(marks):
        start, end = max(start, last), min(end, len(text))
        if start < end:
            pieces += [_escape(text[last:start]), "<mark>", _escape(text[start:end]), "</mark>"]
            last = end
    return "".join([*pieces, _escape(text[last:])])


def citation_html(citation: Citation) -> str:
    """Return the card of a citation: marker, title, date, source, and the quote with the answer marked."""
    quote = marked_html(citation.quote, citation.marks)
    return (
        f'<div class="hb-source"><span class="hb-number">{citation.marker}</span>'
        f'<span class="hb-label">{_escape(article_label(citation.article))}</span>'
        f"<blockquote>{quote}</blockquote></div>"
    )


def evidence_html(evidence: Iterable[Evidence]) -> str:
    """Return the sentences found, before any answer: shown while a model is still reading."""
    cards = "".join(
        f'<li><span class="hb-label">{_escape(article_label(item.article))}</span>'
        f"<blockquote>{_escape(item.sentence.text)}</blockquote></li>"
        for item in evidence
    )
    return f'<ol class="hb-evidence">{cards}</ol>' if cards else ""


def provisional_html(text: str) -> str:
    """Return text that is still being written."""
    return f'<div class="hb-provisional">{_escape(text)}<span class="hb-cursor"></span></div>'


def answer_html(answer: Answer) -> str:
    """Return the answer's text as HTML, markers raised; for exports and where nothing can be clicked."""
    pieces = (
        _escape(item.text) if item.marker is None else f"<sup>[{item.marker}]</sup>"
        for item in segments(answer)
    )
    return f'<div class="hb-answer">{"".join(pieces)}</div>'


def removed_html(answer: Answer) -> str:
    """Return what verification took out of a generated answer, and why; "" where nothing was."""
    items = "".join(
        f"<li><s>{_escape(item.text)}</s><br><small>{_escape(item.reason)}</small></li>"
        for item in answer.removed
    )
    return f'<ul class="hb-removed">{items}</ul>' if items else ""


def link_html(url: str) -> str:
    """Return a link to the article on the web; "" for anything but http and https."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    shown = _escape(url.strip())
    return f'<a href="{shown}" target="_blank" rel="noopener noreferrer">{shown}</a>'


def article_html(
    article: Article, *, highlight: Span | None = None, marks: Sequence[tuple[int, int]] = ()
) -> str:
    """Return the whole article, the cited sentence highlighted and the answer in it marked.

    `highlight` is a range of `article.text`; `marks` are relative to its start, as in `Citation`. What
    does not belong to the body (captions, footers) is shown paler. The highlight has the class
    `hb-target`, once for each paragraph that it touches.
    """
    text = article.text
    target = Span(0, 0) if highlight is None else highlight
    inner = [Span(target.start + start, target.start + end) for start, end in marks]
    front: list[str] = []
    rows: list[str] = []
    offset = 0
    for line in text.split("\n"):
        start, end = offset, offset + len(line)
        offset = end + 1
        if not line.strip():
            continue
        inside = not article.body or any(span.start < end and start < span.end for span in article.body)
        cited = start < target.end and target.start < end
        row = _line_html(text, start, end, target, inner)
        if inside or cited or rows:
            rows.append(f"<p>{row}</p>" if inside else f'<p class="hb-outside">{row}</p>')
        else:
            front.append(f'<p class="hb-outside">{row}</p>')
    if front:
        rows.insert(
            0,
            f"<details><summary>{BEFORE_ARTICLE}</summary>{''.join(front)}</details>",
        )
    head = f"<h3>{_escape(article.title.strip() or UNTITLED)}</h3>"
    known = [date_text(article.date), _escape(article.byline), _escape(article.source)]
    meta = " · ".join(item for item in [*known, link_html(article.url)] if item)
    return f'<article class="hb-article">{head}<div class="hb-meta">{meta}</div>{"".join(rows)}</article>'


def _line_html(text: str, start: int, end: int, target: Span, inner: Sequence[Span]) -> str:
    first, last = max(start, target.start), min(end, target.end)
    if first >= last:
        return _escape(text[start:end])
    marks = [(span.start - first, span.end - first) for span in inner if span.end > first]
    quote = marked_html(text[first:last], marks)
    return f'{_escape(text[start:first])}<span class="hb-target">{quote}</span>{_escape(text[last:end])}'


def brief_markdown(answers: Iterable[tuple[str, Answer]]) -> str:
    """Return questions with their answers as a Markdown document: every quote with title, date and place."""
    parts = ["# Hỏi báo"]
    for question, answer in answers:
        parts.append(f"## {_readable(' '.join(question.split()))}")
        if caution(answer):
            parts.append(f"*{UNSURE}*")
        parts.append("".join(_brief_segment(item) for item in segments(answer)))
        for citation in answer.citations:
            label = _readable(article_label(citation.article))
            quote = _readable(" ".join(citation.quote.split()))
            place = place_text(citation).replace("`", "'").replace("\n", " ")
            parts.append(f"- **[{citation.marker}]** {label}: “{quote}” (`{place}`)")
    return "\n\n".join(parts) + "\n"


def _brief_segment(segment: Segment) -> str:
    return _readable(segment.text) if segment.marker is None else segment.text


def _readable(text: str) -> str:
    """Escape what would be markup inside a line, and no more: the file is read as it stands, too."""
    return _INLINE_MARKDOWN.sub(r"\\\1", plain(text))


def jsonable(value: object) -> object:
    """Return dataclasses as dicts with the same field names, for `--json` (dates as YYYY-MM-DD)."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: jsonable(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [jsonable(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, BaseException):
        return {"error": type(value).__name__, **vars(value)} if vars(value) else str(value)
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return getattr(value, "item", lambda: str(value))()  # NumPy scalars
