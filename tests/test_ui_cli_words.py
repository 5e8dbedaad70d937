"""What a person reads on the command line: Vietnamese throughout, and always with what to do next."""

from __future__ import annotations

import ast
import json
import re
import shutil
from pathlib import Path

import pytest
from test_ui_cli import library, run  # noqa: F401  (the library is a fixture)
from typer.testing import CliRunner

from index import Library
from ui.cli import app
from ui.command import ABSTAINED, PARTIAL
from ui.usage import WRONG_USAGE, complaint

ROOT = Path(__file__).resolve().parent.parent
VIETNAMESE = re.compile(
    "[ăâđêôơưáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ]", re.IGNORECASE
)
COMMANDS = ("hoibao ", "pip ", "ls ", "iconv ")
ENGLISH = re.compile(
    r"\b(?:the|this|file|cannot|show|options|commands|arguments|usage|try|error|missing)\b", re.I
)
ERRORS = re.compile(r"(?:Error|NotFound|Damaged|Locked|Mismatch)\Z")
FOR_PROGRAMMERS = {"ValueError", "AttributeError", "TypeError", "RuntimeError", "ImportError"}


def told(path: Path) -> list[tuple[int, str]]:
    """The texts in a source file that go to a person: of errors, of their repairs, of warnings."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if (ERRORS.search(name) and name not in FOR_PROGRAMMERS) or name == "warning":
            texts = [*node.args[:1], *(word.value for word in node.keywords if word.arg == "repair")]
            for text in texts:
                pieces = [part.value for part in ast.walk(text) if isinstance(part, ast.Constant)]
                words = " ".join(piece for piece in pieces if isinstance(piece, str))
                if re.search("[a-z]{3}", words):
                    found.append((node.lineno, words))
    return found


@pytest.mark.parametrize("folder", ["index", "ui"])
def test_every_message_of_an_error_is_vietnamese(folder: str) -> None:
    wrong = [
        (path.relative_to(ROOT).as_posix(), line, words)
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line, words in told(path)
        if not VIETNAMESE.search(words) and not words.startswith(COMMANDS)
    ]
    assert not wrong


@pytest.mark.parametrize("arguments", [["--help"], ["ask", "--help"], ["models", "--help"], ["models"], []])
def test_help_is_vietnamese(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert "Cách dùng:" in result.output and "Hiện hướng dẫn này." in result.output
    lines = [line for line in result.output.splitlines() if not line.strip().startswith(("list ", "models "))]
    assert not [line for line in lines if ENGLISH.search(line)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask"], "thiếu QUESTION"),
        (["ask", "x", "--khong-co"], "không có tùy chọn --khong-co"),
        (["ask", "x", "--since"], "tùy chọn --since cần một giá trị"),
        (["search", "x", "-k", "0"], "-k phải từ 1 trở lên"),
        (["search", "x", "-k", "a"], "-k phải là số nguyên"),
        (["serch", "x"], "ý bạn là: search"),
        (["models", "nope"], "không có lệnh nope"),
        (["models", "list", "x"], "thừa: x"),
    ],
)
def test_a_wrong_call_is_explained(arguments: list[str], said: str) -> None:
    status, out, err = run(*arguments)
    assert status == WRONG_USAGE and not out
    assert said in err and "--help" in err
    assert not ENGLISH.search(err.replace("--help", ""))
    assert complaint("Something new.") == "Something new."


def test_bad_files_are_named_in_vietnamese(tmp_path: Path) -> None:
    folder = tmp_path / "bao"
    folder.mkdir()
    (folder / "tot.txt").write_text("Phường Hòa Thạnh có 1.234 đảng viên.", encoding="utf-8")
    (folder / "rong.txt").write_bytes(b"")
    (folder / "gia.docx").write_bytes(b"not a zip file")
    (folder / "hong.jsonl").write_bytes(b'{"text": \n')
    (folder / "bang.csv").write_bytes(b"a,b\n1,2\n")
    status, _, err = run("add", folder, "--library", tmp_path / "tv")
    assert status == PARTIAL
    for words in (
        "rong.txt: tệp rỗng",
        "gia.docx: tệp Word bị hỏng",
        "dòng 1 không đúng JSON",
        "không có cột nào",
    ):
        assert words in err
    assert not ENGLISH.search(err.replace(str(tmp_path), ""))


def test_a_missing_library_names_those_that_there_are(
    home: Path,
    library: Path,  # noqa: F811
) -> None:
    status, _, err = run("ask", "Có gì mới?")
    assert status == 1 and "hoibao samples" in err and "hoibao add" in err
    shutil.copytree(library, home / "libraries" / "samples")
    (home / "libraries" / "not-one").mkdir()
    status, _, err = run("ask", "Có gì mới?")
    assert status == 1 and "Có các thư viện: samples" in err and "hoibao ask --library samples" in err
    status, _, err = run("list")
    assert status == 1 and "hoibao list --library samples" in err and "not-one" not in err


def test_sources_are_found_without_marks_and_unknown_ones_are_named(
    library: Path,  # noqa: F811
) -> None:
    question = ("ask", "Tổng mức đầu tư dự án đường ven sông Ngà là bao nhiêu?", "-l", library)
    status, out, _ = run(*question, "--source", "bao nguoi BEN cang")
    assert status == 0 and "438" in out and "412" not in out
    for command in (question, ("search", "phường", "-l", library)):
        status, _, err = run(*command, "--source", "báo bến cảng")
        assert status == 1 and "«báo bến cảng»" in err
        assert "gần nhất: Báo Người Bến Cảng" in err and "Nguyệt Hải Ngày Mới" in err


def test_sources_of_removed_articles_are_gone(tmp_path: Path) -> None:
    rows = [
        {"id": "Báo A", "source": "Báo A", "text": "Tin chợ đêm mở cửa cuối tuần ở phường Bến Mây."},
        {"id": "Báo Á", "source": "Báo Á", "text": "Tin xã Suối Ngà có thêm mười hai trạm phát sóng."},
        {"id": "báo b", "source": "báo b", "text": "Tin đội cờ tướng của khu phố chín đoạt giải nhì."},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with Library.open(tmp_path / "tv", create=True) as opened:
        opened.add(tmp_path / "a.jsonl")
        assert {hit.article.id for hit in opened.search("tin", source="BÁO A")} == {"Báo A"}
        assert {hit.article.id for hit in opened.search("tin", source="bao a")} == {"Báo A", "Báo Á"}
        assert {hit.article.id for hit in opened.search("tin", source="Báo B")} == {"báo b"}
        assert opened.search("tin", source="Báo C") == []
        opened.remove("Báo Á")
        assert opened.sources == ("Báo A", "báo b")
        (tmp_path / "b.txt").write_text("Tin khác của xã Suối Ngà.", encoding="utf-8")
    status, _, err = run("ask", "Tin gì?", "-l", tmp_path / "tv", "--source", "Báo Á")
    assert status in (0, ABSTAINED) and not err, "found without its mark"
    assert run("add", tmp_path / "b.txt", "-l", tmp_path / "tw", "-q")[0] == 0
    status, _, err = run("ask", "Tin gì?", "-l", tmp_path / "tw", "--source", "Báo A")
    assert status == 1 and "không ghi nguồn" in err


def test_json_holds_no_article(library: Path) -> None:  # noqa: F811
    question = "Tổng mức đầu tư dự án đường ven sông Ngà là bao nhiêu?"
    _, out, _ = run("ask", question, "-l", library, "--json")
    answer = json.loads(out)
    assert len(out.splitlines()) < 250
    assert {"text", "citations", "confidence", "hits", "abstained"} <= set(answer)
    first = answer["citations"][0]
    assert {"title", "date", "source", "path"} <= set(first["article"])
    assert {"quote", "start", "end", "marks", "marker"} <= set(first)
    assert answer["hits"] and all("text" not in {*hit["article"], *hit["passage"]} for hit in answer["hits"])
    _, out, _ = run("ask", question, "-l", library, "--json", "--explain")
    assert "explanation" in json.loads(out) and json.loads(out)["hits"][0]["passage"]["text"]
    _, out, _ = run("list", "-l", library, "--json")
    assert all("text" not in article and "date_inferred" in article for article in json.loads(out))


def test_the_question_mark_behind_a_date_is_explained(library: Path) -> None:  # noqa: F811
    _, out, _ = run("list", "-l", library)
    assert "?" in out and "ngày có dấu ?" in out
    _, out, _ = run("list", "-l", library, "03-go-sen")
    assert "ngày có dấu" not in out
