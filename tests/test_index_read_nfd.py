"""Text whose letters and marks stand apart (NFD, as on macOS) is read like the same text in one piece."""

from __future__ import annotations

import json
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from read_helpers import BODY, one, pdf_of

from index import Library
from index.clean import clean
from index.normalize import composed_with_offsets
from index.read import read_path
from index.sentences import split_sentences
from index.types import Article, Span
from ui.ingest import sample_files


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def said(text: str, spans: tuple[Span, ...]) -> list[str]:
    return [nfc(text[span.start : span.end]) for span in spans]


@pytest.mark.parametrize("file", sample_files(), ids=lambda file: file.name)
def test_a_sample_means_the_same(file: Path, tmp_path: Path) -> None:
    other = tmp_path / file.name
    other.write_text(nfd(file.read_text(encoding="utf-8")), encoding="utf-8")
    pairs = list(zip(read_path(file), read_path(other), strict=True))
    assert pairs
    for first, second in pairs:
        assert isinstance(first, Article) and isinstance(second, Article)
        for name in ("title", "date", "date_inferred", "byline", "source", "url"):
            assert getattr(first, name) == getattr(second, name), name
        assert nfc(first.text) == nfc(second.text)
        assert said(first.text, first.body) == said(second.text, second.body)
        assert said(first.text, first.captions) == said(second.text, second.captions)


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_the_date_of_the_lead_is_found(tmp_path: Path, suffix: str) -> None:
    lead = "Ngày 19/5/2025, phường Thanh Lộc phát động Tết trồng cây. Phường đã trồng 5.000 cây."
    title = "Phường Thanh Lộc trồng 5.000 cây xanh"
    text = {
        ".txt": f"{title}\n\n{lead}\n",
        ".md": f"# {title}\n\n{lead}\n",
        ".html": f"<html><body><article><h1>{title}</h1><p>{lead}</p></article></body></html>",
    }[suffix]
    path = tmp_path / f"a{suffix}"
    path.write_text(nfd(text), encoding="utf-8")
    article = one(path)
    assert article.date == date(2025, 5, 19)
    assert article.title == title


def test_names_of_fields_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        nfd(json.dumps({"Tiêu đề": "Tin", "Nội dung": BODY, "Ngày đăng": "19/5/2025"}, ensure_ascii=False)),
        encoding="utf-8",
    )
    (tmp_path / "b.csv").write_text(
        nfd(f'tiêu đề,nội dung,ngày đăng\nTin,"{BODY}",Ngày 19/5/2025\n'), encoding="utf-8"
    )
    (tmp_path / "c.md").write_text(
        nfd(f"---\ntiêu đề: Tin\nngày đăng: 19/5/2025\ntác giả: Hà Vy\n---\n# Tin\n\n{BODY}\n"),
        encoding="utf-8",
    )
    for path in sorted(tmp_path.iterdir()):
        article = one(path)
        assert (article.title, article.date) == ("Tin", date(2025, 5, 19)), path.name
    assert one(tmp_path / "c.md").byline == "Hà Vy"


def test_the_title_of_a_pdf_is_recognised(tmp_path: Path) -> None:
    title = "Phường Bến Mây tổng kết"
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf_of([nfd(title), *nfd(BODY).split("\n")]))
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(PdfReader(path))
    writer.add_metadata({"/Title": title})
    writer.write(path)
    assert one(path).title == title


def test_text_of_utf16_without_a_mark_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(nfd(BODY * 3).encode("utf-16-le"))
    assert nfc(one(path).text) == BODY * 3


def test_sentences_end_in_the_same_places() -> None:
    text = (
        "Chị Lê Thị Th. Ông Hòa ở Q. Bình Thạnh nói.Đến nay, TP. Ước tính 1.200 hộ. Bà Nguyễn V. Ánh vắng. "
        "Theo ông Đ. Ấp 3 có lớp A. Ông về.\nNSƯT. Ái Liên hát. Khoản 2. Ở đây."
    )
    apart = nfd(text)
    for start in (0, 4):
        cut = len(nfd(text[:start]))
        found = split_sentences(apart, cut)
        assert [nfc(one.text) for one in found] == [one.text for one in split_sentences(text, start)]
        assert all(apart[one.start : one.end] == one.text for one in found)


def test_offsets_of_the_composed_form() -> None:
    text = nfd("Ấp Ngã Ba, đường Hòa Ước") + " \u0301x"
    found = composed_with_offsets(text)
    assert found.text == nfc(text)
    assert len(found.offsets) == len(found.text) + 1
    for number, letter in enumerate(found.text):
        start, end = found.original_span(number, number + 1)
        assert nfc(text[start:end]) == letter
    assert composed_with_offsets(found.text).text == found.text


def test_only_the_part_that_is_asked_for_is_cleaned() -> None:
    text = nfd("---\nx: ở\n---\nSáng 2/10/2025, phường Ấp Bắc họp dân.")
    found = clean(text, start=text.index("S"))
    assert found.date is None or found.date == date(2025, 10, 2)
    assert said(text, found.body) == ["Sáng 2/10/2025, phường Ấp Bắc họp dân."]


def test_a_library_holds_the_date_and_finds_both_forms(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        nfd("Phường Thanh Lộc trồng cây\n\nNgày 19/5/2025, phường Thanh Lộc trồng 5.000 cây bàng."),
        encoding="utf-8",
    )
    with Library.open(tmp_path / "tv", create=True) as library:
        library.add(tmp_path / "a.txt")
        for question in ("Thanh Lộc trồng bao nhiêu cây?", nfd("Thanh Lộc trồng bao nhiêu cây?")):
            (hit,) = library.search(question, k=1)
            assert hit.article.date == date(2025, 5, 19)
            sentence = hit.passage.sentences[-1]
            assert hit.article.text[sentence.start : sentence.end] == sentence.text
