"""What the tests of the readers share: a text, rows, a PDF made by hand, and what a path must give."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from index.read import read_path
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
