"""Plain text and Markdown: the article's text is the decoded file itself, rows of tables written out."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml  # type: ignore[import-untyped, unused-ignore]

from index.normalize import composed
from index.read.build import Stated, build_article, parse_date
from index.read.decode import decode, read_bytes
from index.read.tables import write_markdown_rows
from index.types import Article

logger = logging.getLogger(__name__)

_FRONT_MATTER = re.compile(
    r"\s*---[ \t]*\r?\n(?P<yaml>.*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL
)

FIELD_NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "_id", "article_id", "guid"),
    "title": ("title", "tiêu đề", "tieu_de", "tieude", "headline", "tựa đề"),
    "text": (
        "text",
        "content",
        "body",
        "nội dung",
        "noi_dung",
        "noidung",
        "article",
        "full_text",
        "fulltext",
    ),
    "abstract": ("abstract", "summary", "sapo", "description", "lead", "tóm tắt", "tom_tat"),
    "date": (
        "date",
        "published",
        "publish_date",
        "published_at",
        "pubdate",
        "ngày",
        "ngay",
        "ngày đăng",
        "ngay_dang",
        "datetime",
    ),
    "byline": ("byline", "author", "authors", "tác giả", "tac_gia"),
    "source": ("source", "nguồn", "nguon", "publisher", "newspaper", "báo"),
    "url": ("url", "link", "href"),
}
"""The names under which files keep a field of an article, the best first (compared in lower case)."""


def field_key(name: object) -> str:
    """The name of a field as `FIELD_NAMES` has it: lower case, and each letter with its marks."""
    return composed(str(name)).strip().lower()


def field_value(row: Mapping[str, object], field: str) -> object:
    """The value of a field of an article in a row with lower-case keys, or None."""
    for name in FIELD_NAMES[field]:
        value = row.get(name)
        if value is not None and value != "":
            return value
    return None


def field_text(row: Mapping[str, object], field: str) -> str:
    """The same as text; lists (of authors) are joined."""
    value = field_value(row, field)
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(value).strip() if field != "text" else str(value)


def stated_of(row: Mapping[str, object], *, path: Path, where: str = "") -> Stated:
    """What a row or a front matter states about its article."""
    value = field_value(row, "date")
    day = parse_date(value)
    if value is not None and day is None:
        logger.warning("%s%s: %r không phải là ngày; bài được thêm mà không có ngày", path, where, value)
    return Stated(
        id=field_text(row, "id"),
        title=field_text(row, "title"),
        date=day,
        byline=field_text(row, "byline"),
        source=field_text(row, "source"),
        url=field_text(row, "url"),
    )


def read_text(path: Path) -> Iterator[Article]:
    """Read a .txt file; ` date YYYY-MM-DD ` may stand before the text."""
    yield build_article(decode(read_bytes(path), path=path), Stated(), path=path)


def read_markdown(path: Path) -> Iterator[Article]:
    """Read a .md file, with or without YAML front matter (title, date, author, source, url, id)."""
    text = decode(read_bytes(path), path=path)
    found = _FRONT_MATTER.match(text)
    row = {} if found is None else _front_matter(found["yaml"], path)
    start = found.end() if found is not None and row else 0
    table = write_markdown_rows(text, start)
    stated = stated_of(row, path=path)
    yield build_article(table.text, stated, path=path, start=start, markdown=True, rows=table.rows)


def _front_matter(source: str, path: Path) -> dict[str, object]:
    try:
        values = yaml.safe_load(source)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" ở dòng {mark.line + 2}" if mark is not None else ""  # the first one is "---"
        logger.warning(
            "%s: phần đầu tệp không đúng YAML%s (giá trị có dấu hai chấm phải nằm trong ngoặc kép); "
            "đã đọc từng dòng",
            path, line,
        )  # fmt: skip
        pairs = (line.partition(":") for line in source.splitlines() if ":" in line)
        values = {key: value.strip().strip("\"'") for key, _, value in pairs}
    if not isinstance(values, dict):
        return {}
    return {field_key(key): value for key, value in values.items()}
