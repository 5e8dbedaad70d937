"""Readers: every format gives title, date, text and body; encodings are found on clear evidence."""

from __future__ import annotations

import csv
import gzip
import json
import logging
import lzma
import unicodedata
from datetime import date
from pathlib import Path

import docx
import pytest
from read_helpers import BODY, ROWS, body, check_rows, error, one, pdf_of

from index.read import read_path
from index.read.pdf import join_pages
from index.types import Article
from models.errors import InputError


def test_text_with_and_without_a_date(tmp_path: Path) -> None:
    dated, plain = tmp_path / "a.txt", tmp_path / "b.TXT"
    dated.write_text(" date 2025-10-02 " + BODY, encoding="utf-8")
    plain.write_text(BODY, encoding="utf-8")
    first, second = one(dated), one(plain)
    assert (first.date, first.date_inferred) == (date(2025, 10, 2), False)
    assert second.date is None and second.path == str(plain)
    assert body(first) == body(second) == BODY.split("\n")
    assert first.text == " date 2025-10-02 " + BODY
    assert first.title == "Sáng nay, Đảng ủy phường Bến Mây họp và tổng kết năm"
    assert first.id != second.id and len(first.content_hash) == 32
    named = tmp_path / "2024-05-06 tin.txt"
    named.write_text(BODY, encoding="utf-8")
    assert (one(named).date, one(named).date_inferred) == (date(2024, 5, 6), True)


def test_the_id_stays_while_the_content_does(tmp_path: Path) -> None:
    first, second = tmp_path / "a.txt", tmp_path / "sub.txt"
    first.write_text(BODY, encoding="utf-8")
    second.write_text(BODY, encoding="utf-8")
    assert one(first).id == one(second).id
    second.write_text(BODY + " Thêm.", encoding="utf-8")
    assert one(first).content_hash != one(second).content_hash


def test_markdown(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "---\ntitle: 'Tin: mới'\ndate: 2025-07-15\ntác giả: Hà Vy\nid: 77\nurl: https://a.example/1\n---\n"
        f"# Tin: mới\n\n{BODY}\n\n![](a.jpg)\n\n## Chỉ tiêu\n\n- Một;\n- Hai.\n",
        encoding="utf-8",
    )
    article = one(path)
    assert (article.title, article.date, article.byline, article.id) == (
        "Tin: mới",
        date(2025, 7, 15),
        "Hà Vy",
        "77",
    )
    assert article.url == "https://a.example/1"
    assert body(article) == [*BODY.split("\n"), "Chỉ tiêu", "- Một;", "- Hai."]
    path.write_text("---\ntitle: [hỏng: 'x\ndate: 2025-07-15\n---\n" + BODY, encoding="utf-8")
    assert one(path).date == date(2025, 7, 15)
    path.write_text("---\n" + BODY + "\n---\nCâu cuối.", encoding="utf-8")
    assert body(one(path)) == [*BODY.split("\n"), "Câu cuối."]
    path.write_text("# Tin mới\n" + BODY, encoding="utf-8")
    assert one(path).title == "Tin mới"


def test_html(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    page = (
        '<html><head><meta charset="{}"><title>Bến Mây tổng kết</title>'
        '<meta name="author" content="Hà Vy">'
        '<meta property="article:published_time" content="2025-12-18T08:00:00+07:00"></head>'
        "<body><nav>Trang chủ</nav>"
        "<article><h1>Bến Mây tổng kết</h1>{}<figure><img src='a.jpg'>"
        "<figcaption>Ông Trần Quốc Thái, Bí thư Đảng ủy"
        "</figcaption></figure><p>Câu cuối cùng của bài báo này nằm ở đây.</p></article></body></html>"
    )
    paragraphs = "".join(f"<p>{line}</p>" for line in BODY.split("\n"))
    path.write_text(page.format("utf-8", paragraphs), encoding="utf-8")
    article = one(path)
    assert (article.title, article.date, article.byline) == ("Bến Mây tổng kết", date(2025, 12, 18), "Hà Vy")
    assert body(article) == [*BODY.split("\n"), "Câu cuối cùng của bài báo này nằm ở đây."]
    assert [article.text[c.start : c.end] for c in article.captions] == ["Ông Trần Quốc Thái, Bí thư Đảng ủy"]
    path.write_text(page.format("utf-16", paragraphs), encoding="utf-16")
    assert body(one(path))[0] == BODY.split("\n")[0]
    path.write_text("<html><body></body></html>", encoding="utf-8")
    assert "không tìm thấy bài báo" in error(path).message


HEADLINE = "Phường Hải Vân cấp 1.420 căn cước lưu động cho người già"


@pytest.mark.parametrize(
    ("title", "head", "source"),
    [
        (f"{HEADLINE} | Báo Hải Vân", "", "Báo Hải Vân"),
        (f"{HEADLINE} - Báo Hải Vân", "", "Báo Hải Vân"),
        (f"{HEADLINE} - Xã hội - Báo Hải Vân", "", ""),
        (f"{HEADLINE} | Xã hội | Báo Hải Vân", "", "Báo Hải Vân"),
        (HEADLINE, "", ""),
        ("Đua thuyền: Hải Vân - Thanh Lộc", "", ""),
        ("Phường Hải Vân cấp 1.420 căn cước | Báo Hải Vân", "", ""),
        (f"{HEADLINE} | Tin tức", '<meta property="og:site_name" content="Báo Hải Vân">', "Báo Hải Vân"),
        (
            f"{HEADLINE} | Báo Hải Vân",
            '<link rel="canonical" href="https://www.haivan.example/tin/1.html">',
            "Báo Hải Vân",
        ),
        (HEADLINE, '<link rel="canonical" href="https://www.haivan.example/tin/1.html">', "haivan.example"),
    ],
)
def test_the_source_of_a_page_is_never_its_title(tmp_path: Path, title: str, head: str, source: str) -> None:
    path = tmp_path / "a.html"
    paragraphs = "".join(f"<p>{line}</p>" for line in BODY.split("\n"))
    path.write_text(
        f"<html><head><title>{title}</title>{head}</head>"
        f"<body><article><h1>{HEADLINE}</h1>{paragraphs}</article></body></html>",
        encoding="utf-8",
    )
    article = one(path)
    assert (article.title, article.source) == (HEADLINE, source)


def test_pdf(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    header, footer = "Bản tin Nguyệt Hải số {}", "Trang {}/3"
    pages = [
        [
            "Ngày 15/01/2025, Đảng ủy phường Bến Mây tổ chức hội nghị",
            "tổng kết năm và bàn việc của năm sau, với sự có mặt",
        ],
        ["của 120 đại biểu.", "Phường có 1.284 đảng viên."],
        ["Hội nghị tặng giấy khen cho 8 tập thể."],
    ]
    path.write_bytes(
        pdf_of(*([header.format(n), *page, footer.format(n)] for n, page in enumerate(pages, 1)))
    )
    article = one(path)
    words = " ".join(" ".join(part.split()) for part in body(article))
    assert words == " ".join(line for page in pages for line in page)
    assert len(article.body) <= 3
    assert article.date == date(2025, 1, 15)


def test_pages_are_joined_in_the_middle_of_a_sentence_only() -> None:
    assert (
        join_pages(["Một câu dở\n1", "dang. Hết.\n2", "Đoạn mới.\n3"])
        == "Một câu dở\ndang. Hết.\n\nĐoạn mới."
    )


def test_docx(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    document = docx.Document()
    document.add_paragraph("Phường Bến Mây tổng kết", style="Title")
    for line in BODY.split("\n"):
        document.add_paragraph(line)
    table = document.add_table(rows=2, cols=2)
    for row, values in zip(table.rows, [["Phường", "Đảng viên"], ["Bến Mây", "1.284"]], strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    document.add_paragraph("Khai sinh", style="List Bullet")
    document.save(str(path))
    article = one(path)
    assert article.title == "Phường Bến Mây tổng kết"
    assert body(article) == [*BODY.split("\n"), "Phường | Đảng viên", "Bến Mây | 1.284", "- Khai sinh"]


def test_jsonl_packed_or_not(tmp_path: Path) -> None:
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()
    (tmp_path / "a.jsonl").write_bytes(b"\xef\xbb\xbf" + data)
    (tmp_path / "b.jsonl.xz").write_bytes(lzma.compress(data))
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(data))
    for path in sorted(tmp_path.iterdir()):
        articles = [article for article in read_path(path) if isinstance(article, Article)]
        check_rows(articles)
        assert articles[1].byline == "An, Bình"
    (tmp_path / "d.jsonl.xz").write_bytes(lzma.compress(data * 50)[:-40])
    results = list(read_path(tmp_path / "d.jsonl.xz"))
    assert isinstance(results[-1], InputError) and "đứt hoặc hỏng" in results[-1].message


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=separator)
        writer.writerow(["id", "Tiêu đề", "Nội dung", "Ngày", "Nguồn", "link", "sapo"])
        writer.writerow(["x1", "Tin một", BODY, "2025-10-02", "Báo A", "https://a.example", ""])
        writer.writerow(["chỉ", "ba", "cột"])
        writer.writerow(["", "Tin hai", BODY, "02/10/2025", "", "", ""])
        writer.writerow(["", "Tin ba", BODY, "2.10.2025", "", "", "Tóm tắt của tin ba."])
    results = list(read_path(path))
    wrong = [result for result in results if isinstance(result, InputError)]
    assert len(wrong) == 1 and "dòng 4" in wrong[0].message  # the text of the first row has two lines
    check_rows([result for result in results if isinstance(result, Article)])


def tones_apart(text: str) -> str:
    """The letters as code page 1258 has them: vowels with their hats and horns, tones behind."""
    parts = []
    for letter in text:
        base, *marks = unicodedata.normalize("NFD", letter)
        tones = [mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323"]
        parts += [unicodedata.normalize("NFC", base + "".join(m for m in marks if m not in tones)), *tones]
    return "".join(parts)


VIETNAMESE = " ".join(["Đảng ủy phường đã tổ chức hội nghị tổng kết và khen thưởng các chi bộ."] * 3)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1258"])
def test_encodings_with_clear_evidence(
    tmp_path: Path, encoding: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.txt"
    text = tones_apart(VIETNAMESE) if encoding == "cp1258" else VIETNAMESE
    path.write_bytes(text.encode(encoding))
    with caplog.at_level(logging.WARNING):
        article = one(path)
    assert article.text == text
    assert ("theo bảng mã" in caplog.text) == (encoding != "utf-8-sig")


@pytest.mark.parametrize(
    ("legacy", "unicode"),
    [
        (
            "§¶ng ñy ph­êng tæ chøc héi nghÞ tæng kÕt vµ khen th­ëng c¸c chi bé.",
            "Đảng ủy phường tổ chức hội nghị",
        ),
        (
            "Ñaûng uûy phöôøng toå chöùc hoäi nghò toång keát vaø khen thöôûng.",
            "Đảng ủy phường tổ chức hội nghị",
        ),
    ],
)
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_legacy_fonts(tmp_path: Path, legacy: str, unicode: str, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(legacy.encode(encoding))
    assert one(path).text.startswith(unicode)
    document = docx.Document()
    document.add_paragraph(legacy)
    document.save(str(tmp_path / "a.docx"))
    assert one(tmp_path / "a.docx").text.startswith(unicode)
