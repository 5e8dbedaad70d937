"""Bad files: each is reported by name with the reason, the rest is read, and nothing ends the work."""

from __future__ import annotations

import json
import logging
import os
import random
import sys
import zipfile
from pathlib import Path

import docx
import pytest
from pypdf import PdfWriter
from read_helpers import BODY, ROWS, error, pdf_of

from index.chunk import passages_of
from index.read import article_files, read_path
from index.read.rows import MAX_LINE
from index.types import Article
from models.errors import InputError


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
        assert f"dòng {number}" in result.message and str(path) in str(result), result


def test_csv_without_text_or_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("tên,tuổi\nAn,3\n", encoding="utf-8")
    assert "không có cột nào" in error(path).message
    path.write_bytes(b"text\n" + "Một câu.".encode() + b"\n\xff\xfe\xfa\n")
    results = list(read_path(path))
    assert isinstance(results[0], Article)
    assert isinstance(results[1], InputError) and "dòng 3 có UTF-8 hỏng" in results[1].message


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "rỗng"),
        (b" \n\t ", "rỗng"),
        (b"\xef\xbb\xbf", "rỗng"),
        (b"\x7fELF\x02\x01\x00\x00" + bytes(range(256)) * 20, "nhị phân"),
        (bytes(range(1, 32)) * 50, "nhị phân"),
        (b"\x89PNG\r\n\x1a\n" + os.urandom(5000), "nhị phân"),
        ("Phường có 900 đảng viên.\n".encode() * 3 + b"\xc3\x28 h\xe1\xba", "UTF-8 hỏng ở dòng 4"),
        ("Đảng ủy phường".encode()[:-1] + b"\xff", "UTF-8 hỏng"),
        ("Привет, мир. Это новости.".encode("cp1251") * 10, "UTF-8 hỏng"),
        (b"\xff\xfeP\x00h\x00\xd8", "hỏng"),
        (b" date 2025-10-02 ", "không có nội dung"),
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
    assert isinstance(first, InputError) and "dòng 1 dài 50 MB" in first.message
    assert isinstance(second, Article)


def test_bad_pdf_files(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    writer = PdfWriter()
    writer.add_blank_page(300, 300)
    writer.write(path)
    assert "scan" in error(path).message
    writer.encrypt("mật khẩu")
    writer.write(path)
    assert "mật khẩu" in error(path).message
    whole = pdf_of(["Phường có 900 đảng viên."])
    for data in (b"%PDF-1.4\n%%EOF", b"no pdf", whole[:200], whole.replace(b"/Kids", b"/Kits")):
        path.write_bytes(data)
        error(path)


def test_bad_docx_files(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + b"x" * 600)
    assert "mật khẩu" in error(path).message
    path.write_bytes(b"PK\x03\x04 broken")
    assert "hỏng" in error(path).message
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("word/other.xml", "<a/>")
    assert "hỏng" in error(path).message
    docx.Document().save(str(path))
    assert "không có chữ" in error(path).message


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
    assert "không có tệp" in error(tmp_path / "fehlt.txt").message
    picture = tmp_path / "bild.jpeg"
    picture.write_bytes(b"x")
    assert "không đọc được loại tệp" in error(picture).message


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
    assert all(isinstance(result, InputError) and "không có quyền" in result.message for result in results)


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
