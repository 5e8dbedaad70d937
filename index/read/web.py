"""Saved web pages: trafilatura finds the article; its text is what the offsets count in."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from index.normalize import composed
from index.read.build import Stated, build_article, parse_date
from index.read.decode import decode, read_bytes
from index.read.web_tables import write_rows
from index.types import Article
from models.errors import InputError

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

logger = logging.getLogger(__name__)

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_SEPARATOR = re.compile(r" [|–—-] ")
_UNLIKE_UTF8 = frozenset({"utf-8", "utf8", "utf-16", "utf16"})


def read_html(path: Path) -> Iterator[Article]:
    """Read the article of a saved page; raises InputError where the page holds none."""
    from trafilatura import bare_extraction  # half a second: only where a page is read
    from trafilatura.settings import Document
    from trafilatura.utils import load_html

    tree = load_html(_page(read_bytes(path), path))
    if tree is None:
        raise InputError("đây không phải trang web", path=path)
    site = _site_in_title(tree)
    named = _named_in_head(tree)
    _keep_captions(tree)
    rows = write_rows(tree)
    document = bare_extraction(
        tree,
        include_comments=False,
        include_tables=True,
        favor_recall=True,
        with_metadata=True,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if not isinstance(document, Document) or not (document.text or "").strip():
        raise InputError(
            "không tìm thấy bài báo trong trang này", path=path, repair="chép phần chữ vào tệp .txt rồi thêm"
        )
    stated = Stated(
        title=" ".join((document.title or "").split()),
        date=parse_date(document.date),
        byline=(document.author or "").strip(),
        source=_source((document.sitename or "").strip(), site, named=named, url=document.url or ""),
        url=(document.url or "").strip(),
    )
    yield build_article(document.text or "", stated, path=path, rows=rows)


def _site_in_title(tree: HtmlElement) -> str:
    """The name of the site in "Headline | Site", "" where the rest of <title> is not the page's headline."""
    title = " ".join((tree.findtext(".//title") or "").split())
    headlines = {_folded("".join(heading.itertext())) for heading in tree.iter("h1")}
    headlines |= {_folded(meta.get("content")) for meta in tree.iter("meta") if _is_title(meta)}
    for found in _SEPARATOR.finditer(title):
        if _folded(title[: found.start()]) in headlines:
            site = title[found.end() :].rpartition(" | ")[2]
            return "" if _SEPARATOR.search(site) else site
    return ""


def _named_in_head(tree: HtmlElement) -> frozenset[str]:
    """What the meta elements of a page say, but for its title: a site named there is named on purpose."""
    return frozenset(_folded(meta.get("content")) for meta in tree.iter("meta") if not _is_title(meta))


def _is_title(meta: HtmlElement) -> bool:
    return (meta.get("property") or meta.get("name") or "").lower().endswith("title")


def _source(site: str, in_title: str, *, named: frozenset[str], url: str) -> str:
    """The source of a page: what its head names, else what its title does, else its host.

    trafilatura takes a piece of <title> with a full stop in it for a host ("cấp 1.420 căn cước").
    """
    if site and _folded(site) in named:
        return site
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    if in_title and (not site or "." in site):
        return in_title
    return site if "." not in site or " " not in site or site == host else ""


def _folded(text: str | None) -> str:
    return " ".join(composed(text or "").split()).lower()


def _keep_captions(tree: HtmlElement) -> None:
    """Write the captions of figures as pictures of Markdown: trafilatura drops them, `clean` knows these."""
    from lxml.etree import SubElement  # type: ignore[import-untyped, unused-ignore]

    for caption in list(tree.iter("figcaption")):
        words = " ".join("".join(caption.itertext()).split()).replace("[", "(").replace("]", ")")
        figure = caption.getparent()
        while figure is not None and figure.tag != "figure":
            figure = figure.getparent()
        if words and figure is not None:
            tail = figure.tail
            figure.clear()
            figure.tag, figure.tail = "div", tail
            SubElement(figure, "p").text = f"![{words}]()"


def _page(data: bytes, path: Path) -> str:
    """The page as text, by the encoding that it declares where it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        found = _CHARSET.search(data[:8192])
    name = "" if found is None else found[1].decode("ascii").lower()
    if name and name not in _UNLIKE_UTF8:
        try:
            text = data.decode(name)
        except (UnicodeDecodeError, LookupError):
            logger.warning("%s: khai bảng mã %s nhưng không đúng", path, name)
        else:
            logger.warning("%s: đọc theo bảng mã %s mà trang khai", path, name)
            return text
    return decode(data, path=path)
