"""Readers: every format, and every way in which a file can be bad. Nothing is lost without a word."""

from __future__ import annotations

import csv
import gzip
import json
import logging
import lzma
import os
import random
import sys
import unicodedata
import zipfile
from datetime import date
from pathlib import Path

import docx
import pytest
from pypdf import PdfWriter

from index.chunk import passages_of
from index.read import article_files, read_path
from index.read.pdf import join_pages
from index.read.rows import MAX_LINE
from index.types import Article
from models.errors import InputError

BODY = "Sáng nay, Đảng ủy phường Bến Mây họp và tổng kết năm.\nPhường có 1.284 đảng viên của các chi bộ."


def one(path: Path) -> Article:
    results = list(read_path(path))
    assert len(results) == 1 and isinstance(results[0], Article), results
    return results[0]


def error(path: Path) -> InputError:
    results = list(read_path(path))
    assert len(results) == 1 and isinstance(results[0], InputError), results
    assert str(path) in str(results[0])
    return results[0]


def body(article: Article) -> list[str]:
    return [article.text[span.start : span.end] for span in article.body]


def pdf_of(*pages: list[str]) -> bytes:
    """A PDF whose text layer holds these lines: a Type 0 font without outlines, with a ToUnicode map."""
    letters = sorted({letter for page in pages for line in page for letter in line})
    code = {letter: number for number, letter in enumerate(letters, 1)}
    chars = "\n".join(f"<{number:04x}> <{ord(letter):04x}>" for letter, number in code.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{len(letters)} beginbfchar\n{chars}\n"
        "endbfchar endcmap end end"
    ).encode()
    kids = " ".join(f"{6 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /F /Encoding /Identity-H /DescendantFonts [4 0 R]"
        b" /ToUnicode 5 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /F"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 500 >>",
        b"<< /Length %d >> stream\n%s\nendstream" % (len(cmap), cmap),
    ]
    for number, page in enumerate(pages):
        lines = " T* ".join("<" + "".join(f"{code[letter]:04x}" for letter in line) + "> Tj" for line in page)
        stream = f"BT /F 10 Tf 12 TL 50 780 Td {lines} ET".encode()
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {7 + 2 * number} 0 R"
            " /Resources << /Font << /F 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >> stream\n%s\nendstream" % (len(stream), stream))
    data = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)


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
    assert "no article" in error(path).message


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


ROWS = [
    {
        "id": "x1",
        "title": "Tin một",
        "text": BODY,
        "date": "2025-10-02",
        "source": "Báo A",
        "url": "https://a.example",
    },
    {"Title": "Tin hai", "Content": BODY, "date": "02/10/2025 08:00", "author": ["An", "Bình"]},
    {"title": "Tin ba", "abstract": "Tóm tắt của tin ba.", "text": BODY, "date": 1759363200},
]


def check_rows(articles: list[Article]) -> None:
    first, second, third = articles
    assert (first.id, first.title, first.source, first.url) == ("x1", "Tin một", "Báo A", "https://a.example")
    assert first.text == second.text == BODY
    assert first.date == second.date == third.date == date(2025, 10, 2)
    assert third.text == "Tóm tắt của tin ba.\n" + BODY
    assert len(third.body) == 3


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
    assert isinstance(results[-1], InputError) and "damaged" in results[-1].message


def test_broken_rows_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    good = json.dumps(ROWS[0], ensure_ascii=False).encode()
    bad = [
        b'{"text": ',
        b"[1, 2]",
        b'{"title": "x"}',
        b'{"text": "\xff\xfe x"}',
        b'{"text": "a\\ud800"}',
        b"{" * 99_999,
    ]
    long = b'{"text": "' + b"x" * (MAX_LINE + 5) + b'"}'
    path.write_bytes(b"\n".join([good, b"", *bad, long, good]) + b"\n")
    results = list(read_path(path))
    assert [isinstance(result, Article) for result in results] == [True, *[False] * 7, True]
    for number, result in enumerate(results[1:-1], 3):
        assert isinstance(result, InputError)
        assert f"line {number}" in result.message and str(path) in str(result), result


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
    assert len(wrong) == 1 and "line 4" in wrong[0].message  # the text of the first row has two lines
    check_rows([result for result in results if isinstance(result, Article)])


def test_csv_without_text_or_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("tên,tuổi\nAn,3\n", encoding="utf-8")
    assert "no column" in error(path).message
    path.write_bytes(b"text\n" + "Một câu.".encode() + b"\n\xff\xfe\xfa\n")
    results = list(read_path(path))
    assert isinstance(results[0], Article)
    assert isinstance(results[1], InputError) and "line 3 is broken UTF-8" in results[1].message


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
    assert ("read as" in caplog.text) == (encoding != "utf-8-sig")


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


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x7fELF\x02\x01\x00\x00" + bytes(range(256)) * 20, "binary"),
        (bytes(range(1, 32)) * 50, "binary"),
        (b"\x89PNG\r\n\x1a\n" + os.urandom(5000), "binary"),
        ("Phường có 900 đảng viên.\n".encode() * 3 + b"\xc3\x28 h\xe1\xba", "broken UTF-8 in line 4"),
        ("Đảng ủy phường".encode()[:-1] + b"\xff", "broken UTF-8"),
        ("Привет, мир. Это новости.".encode("cp1251") * 10, "broken UTF-8"),
        (b"\xff\xfeP\x00h\x00\xd8", "broken"),
        (b" date 2025-10-02 ", "no text"),
    ],
)
def test_bad_text_files_are_named_with_the_reason(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "xấu.txt"
    path.write_bytes(data)
    assert reason in error(path).message


def test_a_line_of_fifty_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"chu " * 12_500_000)
    assert "50 MB" in error(path).message
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "' + b"chu " * 12_500_000 + b'"}\n' + json.dumps(ROWS[0]).encode())
    first, second = read_path(path)
    assert isinstance(first, InputError) and "line 1 has 50 MB" in first.message
    assert isinstance(second, Article)


def test_bad_pdf_files(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    writer = PdfWriter()
    writer.add_blank_page(300, 300)
    writer.write(path)
    assert "scan" in error(path).message
    writer.encrypt("mật khẩu")
    writer.write(path)
    assert "encrypted" in error(path).message
    whole = pdf_of(["Phường có 900 đảng viên."])
    for data in (b"%PDF-1.4\n%%EOF", b"no pdf", whole[:200], whole.replace(b"/Kids", b"/Kits")):
        path.write_bytes(data)
        error(path)


def test_bad_docx_files(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + b"x" * 600)
    assert "encrypted" in error(path).message
    path.write_bytes(b"PK\x03\x04 broken")
    assert "damaged" in error(path).message
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("word/other.xml", "<a/>")
    assert "damaged" in error(path).message
    docx.Document().save(str(path))
    assert "no text" in error(path).message


def test_folders_are_read_in_order_and_nothing_is_passed_over_silently(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/2.txt", "c.txt", "a.txt", ".hidden.txt", "~$khóa.docx", "bild.jpeg", "LICENSE"):
        (tmp_path / name).write_text(f"{BODY} {name}", encoding="utf-8")
    (tmp_path / "d.txt").write_bytes(b"")
    (tmp_path / "e.txt").symlink_to(tmp_path / "nowhere.txt")
    (tmp_path / "f.txt").symlink_to(tmp_path / "f.txt")
    (tmp_path / "b" / "up").symlink_to(tmp_path, target_is_directory=True)
    with caplog.at_level(logging.INFO):
        results = list(read_path(tmp_path))
    names = [str(Path(result.path or "").relative_to(tmp_path)) for result in results]
    assert names == ["a.txt", "b/2.txt", "b/up", "c.txt", "d.txt", "e.txt", "f.txt"]
    assert [isinstance(result, Article) for result in results] == [
        True,
        True,
        False,
        True,
        False,
        False,
        False,
    ]
    for name in (".hidden.txt", "~$khóa.docx", "bild.jpeg", "LICENSE"):
        assert name in caplog.text
    files = [entry for entry in article_files(tmp_path) if isinstance(entry, Path)]
    assert [file.name for file in files] == ["a.txt", "2.txt", "c.txt", "d.txt"]


def test_files_that_are_asked_for_and_cannot_be_read(tmp_path: Path) -> None:
    assert "no such file" in error(tmp_path / "fehlt.txt").message
    picture = tmp_path / "bild.jpeg"
    picture.write_bytes(b"x")
    assert "cannot be read" in error(picture).message


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are others there")
def test_permission_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text(BODY, encoding="utf-8")
    folder = tmp_path / "zu"
    folder.mkdir()
    if os.geteuid() != 0:
        path.chmod(0)
        folder.chmod(0)
    else:  # root may read all: let the system call itself refuse
        real_read, real_list = Path.read_bytes, Path.iterdir

        def refuse(self: Path) -> bytes:
            if self == path:
                raise PermissionError(13, "Permission denied", str(self))
            return real_read(self)

        def refuse_folder(self: Path) -> object:
            if self == folder:
                raise PermissionError(13, "Permission denied", str(self))
            return real_list(self)

        monkeypatch.setattr(Path, "read_bytes", refuse)
        monkeypatch.setattr(Path, "iterdir", refuse_folder)
    results = list(read_path(tmp_path))
    folder.chmod(0o700)
    assert len(results) == 2
    assert all(isinstance(result, InputError) and "Permission denied" in result.message for result in results)


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".html", ".md", ".csv", ".jsonl", ".txt"])
def test_damaged_files_never_end_the_work(tmp_path: Path, suffix: str) -> None:
    """Whatever is changed, cut or put into a good file: articles with true spans or errors come out."""
    document = docx.Document()
    document.add_paragraph(BODY)
    document.save(str(tmp_path / "good.docx"))
    good = {
        ".pdf": pdf_of(BODY.split("\n")),
        ".docx": (tmp_path / "good.docx").read_bytes(),
        ".html": f"<html><body><article><h1>Tin</h1><p>{BODY}</p></article></body></html>".encode(),
        ".md": f"---\ntitle: Tin\ndate: 2025-01-02\n---\n# Tin\n{BODY}\n![](a.jpg)\n".encode(),
        ".csv": f'id,text\n1,"{BODY}"\n2,"{BODY}"\n'.encode(),
        ".jsonl": "\n".join(json.dumps(row) for row in ROWS).encode(),
        ".txt": BODY.encode(),
    }[suffix]
    chance = random.Random(suffix)
    path = tmp_path / f"damaged{suffix}"
    for _ in range(60):
        data = bytearray(good)
        for _ in range(chance.choice((1, 2, 5, 30))):
            at = chance.randrange(len(data) + 1)
            size = chance.choice((1, 4, 50, 400))
            if chance.random() < 0.5:
                data[at : at + size] = chance.randbytes(size)
            else:
                del data[at : at + size]
        path.write_bytes(data)
        for result in read_path(path):
            if isinstance(result, Article):
                for passage in passages_of(result):
                    for part in passage.sentences:
                        assert result.text[part.start : part.end] == part.text
            else:
                assert str(path) in str(result)
