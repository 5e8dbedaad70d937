"""Tables: each row of one with a header is a sentence of the article, and no cell is lost."""

from __future__ import annotations

import re
from pathlib import Path

import docx
import pytest
from docx.oxml import OxmlElement
from hypothesis import given, settings
from hypothesis import strategies as st
from read_helpers import body, one

from index.read.tables import looks_like_header, row_sentences, write_markdown_rows
from qa import Assistant

LEAD = "Ngày 1/2/2026, phường Bến Mây công bố số bình chữa cháy ở các khu phố, theo kế hoạch của năm."
END = "Chủ tịch phường cho biết sẽ cấp thêm bình chữa cháy trong quý II cho các khu phố còn thiếu."
GRID = [
    ["Khu phố", "Số bình chữa cháy", "Người phụ trách"],
    ["Khu phố 1", "120", "Lê Văn Tám"],
    ["Khu phố 2", "95", "Bùi Thị Chín"],
]
SENTENCES = [
    "Khu phố: Khu phố 1; Số bình chữa cháy: 120; Người phụ trách: Lê Văn Tám.",
    "Khu phố: Khu phố 2; Số bình chữa cháy: 95; Người phụ trách: Bùi Thị Chín.",
]
PAIRS = [["Chủ trì", "Ông Lê Văn Tám"], ["Thời gian", "8 giờ ngày 3/2"], ["Khách mời", "20"]]


def markdown(grid: list[list[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in grid]
    return "\n".join([lines[0], "|" + "---|" * len(grid[0]), *lines[1:]])


def html(grid: list[list[str]], cell: str = "th") -> str:
    rows = []
    for number, row in enumerate(grid):
        tag = cell if number == 0 else "td"
        rows.append("<tr>" + "".join(f"<{tag}>{text}</{tag}>" for text in row) + "</tr>")
    return f"<table>{''.join(rows)}</table>"


def page(*parts: str) -> str:
    title = "<h1>Phường Bến Mây kiểm tra phòng cháy</h1>"
    return f"<html><body><article>{title}<p>{LEAD}</p>{''.join(parts)}<p>{END}</p></article></body></html>"


def document(path: Path, grid: list[list[str]], *, bold: bool = False, repeated: bool = False) -> Path:
    made = docx.Document()
    made.add_paragraph("Phường Bến Mây kiểm tra phòng cháy", style="Title")
    made.add_paragraph(LEAD)
    table = made.add_table(rows=len(grid), cols=len(grid[0]))
    for number, (row, values) in enumerate(zip(table.rows, grid, strict=True)):
        for cell, value in zip(row.cells, values, strict=True):
            cell.paragraphs[0].add_run(value).bold = (bold and number == 0) or None
    if repeated:
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    made.add_paragraph(END)
    made.save(str(path))
    return path


def files(folder: Path) -> list[Path]:
    (folder / "a.md").write_text(f"# Phòng cháy\n\n{LEAD}\n\n{markdown(GRID)}\n\n{END}\n", encoding="utf-8")
    (folder / "b.html").write_text(page(html(GRID)), encoding="utf-8")
    return [folder / "a.md", folder / "b.html", document(folder / "c.docx", GRID)]


def test_rows_are_sentences_of_the_body(tmp_path: Path) -> None:
    for path in files(tmp_path):
        assert body(one(path)) == [LEAD, *SENTENCES, END], path.name


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_row_answers_and_its_citation_points_at_it(tmp_path: Path, number: int) -> None:
    path = files(tmp_path)[number]
    from index import Library

    with Library.open(tmp_path / "tv", create=True) as library:
        library.add(path)
        with Assistant.open(library) as assistant:
            answer = assistant.ask("Khu phố 1 có bao nhiêu bình chữa cháy?")
            assert not answer.abstained and "120" in answer.text
            (citation,) = answer.citations
            article = library.article(citation.article.id)
            assert article is not None
            assert article.text[citation.start : citation.end] == citation.quote == SENTENCES[0]
            assert assistant.ask("Khu phố 7 có bao nhiêu bình chữa cháy?").abstained


def test_what_has_no_header_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(page(html(PAIRS, "td")), encoding="utf-8")
    lines = [line.strip(" |") for line in body(one(tmp_path / "a.html"))]
    assert lines == [LEAD, *(" | ".join(row) for row in PAIRS), END]
    assert body(one(document(tmp_path / "b.docx", PAIRS))) == [LEAD, *(" | ".join(row) for row in PAIRS), END]
    named = html([["Tên", "Khu phố 1"], ["Số bình", "120"], ["Số tổ", "4"]], "td").replace(
        "<tr><td>", "<tr><th>"
    )
    (tmp_path / "c.html").write_text(page(re.sub(r"(<th>[^<]*)</td>", r"\1</th>", named)), encoding="utf-8")
    assert [line.strip(" |") for line in body(one(tmp_path / "c.html"))][1:-1] == [
        "Tên | Khu phố 1",
        "Số bình | 120",
        "Số tổ | 4",
    ]
    text = f"{LEAD}\n\n| | |\n|---|---|\n| Thời gian | 8 giờ |\n\n{END}\n"
    assert write_markdown_rows(text).text == text
    picture = f"| ![](a.jpg) | ![](b.jpg) |\n|---|---|\n| Ảnh một | Ảnh hai |\n\n{END}\n"
    assert write_markdown_rows(picture).text == picture
    fenced = f"```\n{markdown(GRID)}\n```\n"
    assert write_markdown_rows(fenced).text == fenced


def test_a_header_that_stands_out_or_is_repeated_on_each_page(tmp_path: Path) -> None:
    grid = [["Họ và tên", "Chức vụ"], ["Lê Văn Tám", "Bí thư"], ["Bùi Thị Chín", "Phó Bí thư"]]
    wanted = [
        LEAD,
        "Họ và tên: Lê Văn Tám; Chức vụ: Bí thư.",
        "Họ và tên: Bùi Thị Chín; Chức vụ: Phó Bí thư.",
        END,
    ]
    assert body(one(document(tmp_path / "a.docx", grid, bold=True))) == wanted
    assert body(one(document(tmp_path / "b.docx", grid, repeated=True))) == wanted
    (tmp_path / "c.html").write_text(
        page(html([[f"<b>{name}</b>" for name in grid[0]], *grid[1:]], "td")), encoding="utf-8"
    )
    assert body(one(tmp_path / "c.html")) == wanted
    assert not looks_like_header(grid) and not looks_like_header(PAIRS)


def test_cells_that_span_rows_and_columns(tmp_path: Path) -> None:
    table = (
        "<table><caption>Bảng 1</caption><tr><th rowspan=2>Khu phố</th><th colspan=2>Số bình</th></tr>"
        "<tr><th>Năm 2024</th><th>Năm 2025</th></tr><tr><td rowspan=2>Khu phố 1</td><td>45</td><td></td></tr>"
        "<tr><td>50</td><td>61</td></tr><tr><td colspan=3>Khối chợ</td></tr>"
        "<tr><td>Chợ Gò</td><td colspan=2>38</td></tr></table>"
    )
    (tmp_path / "a.html").write_text(page(table), encoding="utf-8")
    assert body(one(tmp_path / "a.html"))[1:-1] == [
        "Bảng 1",
        "Khu phố: Khu phố 1; Số bình Năm 2024: 45.",
        "Khu phố: Khu phố 1; Số bình Năm 2024: 50; Số bình Năm 2025: 61.",
        "Khối chợ",
        "Khu phố: Chợ Gò; Số bình Năm 2024, Số bình Năm 2025: 38.",
    ]


def test_rows_that_look_like_furniture_stay_in_the_body(tmp_path: Path) -> None:
    grid = [["Chủ đề", "Số buổi"], ["Chuyển đổi số", "3"], ["CHỢ", "4"]]
    (tmp_path / "a.md").write_text(f"# Lịch\n\n{markdown(grid)}\n", encoding="utf-8")
    assert body(one(tmp_path / "a.md")) == ["Chủ đề: Chuyển đổi số; Số buổi: 3.", "Chủ đề: CHỢ; Số buổi: 4."]


def test_markdown_in_its_variants() -> None:
    text = f"Mở đầu\r\n**Khu**: | Số \\| lượng\r\n:--|--:\r\nA | 28 | thừa\r\nB\r\n{END}"
    found = write_markdown_rows(text)
    assert found.text == f"Mở đầu\r\n\r\nKhu: A; Số | lượng: 28; thừa.\r\n\r\nB\r\n{END}"
    assert found.rows == {"Khu: A; Số | lượng: 28; thừa."}
    front = f"---\ntitle: |\n  a | b\n---\n{markdown(GRID)}\n"
    assert write_markdown_rows(front, front.index("| Khu")).text.startswith(
        "---\ntitle: |\n  a | b\n---\n\nKhu phố: "
    )


cells = st.text("ab1|-: .\\é`!\n", max_size=6).map(lambda text: " ".join(text.replace("|", "").split()))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=2, max_size=5))
def test_no_cell_is_lost_and_twice_changes_nothing(grid: list[list[str]]) -> None:
    text = f"{LEAD}\n\n{markdown(grid)}\n\n{END}\n"
    written = write_markdown_rows(text).text
    assert write_markdown_rows(written).text == written
    assert written.startswith(LEAD) and written.endswith(f"{END}\n")
    for cell in (cell for row in grid for cell in row):
        assert cell.replace("\\|", "|").strip("*_ :") in written


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.lists(st.none() | st.text("ab1", max_size=3), min_size=3, max_size=3), min_size=1, max_size=4
    ),
    st.lists(st.text("xyz", max_size=3), min_size=3, max_size=3),
)
def test_every_cell_of_any_grid_is_said(rows: list[list[str | None]], header: list[str]) -> None:
    sentences = row_sentences([header], rows)
    for cell in (cell for row in rows for cell in row if cell):
        assert any(cell in sentence for sentence in sentences)
    if sentences:
        assert all(any(name in sentence for sentence in sentences) for name in header)
