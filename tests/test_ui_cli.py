"""The command line, run as a person runs it: real library, real answers, exit statuses."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qa.types import Answer, ArticleRef, Citation
from ui.cli import app
from ui.command import ABSTAINED, PARTIAL
from ui.ingest import sample_files

ROOT = Path(__file__).resolve().parent.parent
runner = CliRunner()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with the sample articles, made by the command itself."""
    folder = tmp_path_factory.mktemp("cli") / "mau"
    result = runner.invoke(app, ["samples", "--library", str(folder), "--quiet"])
    assert result.exit_code == 0, result.output
    return folder


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = runner.invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_an_answer_has_status_0_and_a_citation_that_resolves(library: Path) -> None:
    status, out, _ = run(
        "ask", "Đại hội Đảng bộ phường Gò Sen có bao nhiêu đại biểu?", "-l", library, "--json"
    )
    assert status == 0
    answer = json.loads(out)
    assert set(answer) == {field.name for field in fields(Answer)} - {"timings", "explanation"}
    assert len(out.splitlines()) < 200 and all("text" not in hit["article"] for hit in answer["hits"])
    assert "185" in answer["text"]
    for citation in answer["citations"]:
        assert set(citation) == {field.name for field in fields(Citation)}
        text = Path(citation["article"]["path"]).read_text(encoding="utf-8")
        assert text[citation["start"] : citation["end"]] == citation["quote"]
        assert f"[{citation['marker']}]" in answer["text"]


def test_an_answer_for_people_names_the_article_and_the_place(library: Path) -> None:
    status, out, _ = run(
        "ask", "dai hoi dang bo phuong go sen co bao nhieu dai bieu?", "-l", library, "--explain"
    )
    assert status == 0
    assert "[1]" in out and "185" in out
    assert re.search(r"03-go-sen-dai-hoi\.md:\d+-\d+\n", out), "the place stands whole on one line"
    assert "Vì sao trả lời như vậy" in out


def test_no_answer_has_status_3_and_names_the_nearest_articles(library: Path) -> None:
    status, out, _ = run("ask", "Thủ đô của Mông Cổ có bao nhiêu dân?", "-l", library)
    assert status == ABSTAINED
    assert "Không tìm thấy câu trả lời" in out
    assert "Bài gần nhất" in out


def test_follow_up_questions(library: Path) -> None:
    first, second = "Phường Đông Hạnh giao bao nhiêu công dân nhập ngũ?", "Còn phường Gò Sen?"
    status, out, _ = run("ask", first, "--then", second, "-l", library, "--json")
    answers = json.loads(out)
    assert len(answers) == 2
    assert answers[1]["rewritten"] and "Gò Sen" in answers[1]["question"]
    assert status in (0, ABSTAINED)


def test_search_and_its_json(library: Path) -> None:
    status, out, _ = run("search", "sốt xuất huyết", "-l", library, "-k", "3", "--json")
    hits = json.loads(out)
    assert status == 0 and 0 < len(hits) <= 3
    assert "sốt xuất huyết" in hits[0]["article"]["title"]
    article, passage = hits[0]["article"], hits[0]["passage"]
    assert set(article) == {field.name for field in fields(ArticleRef)}
    text = Path(article["path"]).read_text(encoding="utf-8")
    assert text[passage["start"] : passage["end"]].split()[0] == passage["text"].split()[0]
    assert run("search", "sốt xuất huyết", "-l", library, "--since", "2026-02-01", "-k", "1", "--json")[
        0
    ] in (0, 3)


def test_search_filters_are_hard(library: Path) -> None:
    _, out, _ = run("search", "phường", "-l", library, "--since", "1/1/2026", "--json")
    assert all(hit["article"]["date"] >= "2026-01-01" for hit in json.loads(out))
    _, out, _ = run("search", "phường", "-l", library, "--source", "Báo Người Bến Cảng", "--json")
    assert {hit["article"]["source"] for hit in json.loads(out)} == {"Báo Người Bến Cảng"}
    status, _, err = run("search", "phường", "-l", library, "--since", "hôm qua")
    assert status == 1 and "--since" in err


def test_list_and_its_filter(library: Path) -> None:
    status, out, _ = run("list", "-l", library, "--json")
    everything = json.loads(out)
    assert status == 0 and len(everything) >= 15
    _, out, _ = run("list", "go sen", "-l", library, "--json")
    some = json.loads(out)
    assert 0 < len(some) < len(everything)
    status, out, err = run("list", "-l", library)
    assert everything[0]["id"] in out and f"{len(everything)} bài" in err


def test_add_names_bad_files_indexes_the_rest_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "bao"
    folder.mkdir()
    (folder / "tot.txt").write_text("date 2025-10-02\nPhường Hòa Thạnh có 1.234 đảng viên.", encoding="utf-8")
    (folder / "rong.txt").write_bytes(b"")
    (folder / "hong.pdf").write_bytes(b"%PDF-1.4 nothing")
    library = tmp_path / "tv"
    status, _, err = run("add", folder, "--library", library)
    assert status == PARTIAL
    assert "rong.txt" in err and "hong.pdf" in err and "1 bài mới" in err
    status, out, _ = run("ask", "Phường Hòa Thạnh có bao nhiêu đảng viên?", "-l", library)
    assert status == 0 and "1.234" in out
    (folder / "rong.txt").unlink()
    (folder / "hong.pdf").unlink()
    status, out, _ = run("add", folder, "--library", library, "--json")
    report = json.loads(out)
    assert status == 0 and report["unchanged"] == 1 and report["added"] == 0


def test_what_is_removed_does_not_answer(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Phường Hòa Thạnh có 1.234 đảng viên.", encoding="utf-8")
    library = tmp_path / "tv"
    assert run("add", file, "-l", library, "-q")[0] == 0
    identifier = json.loads(run("list", "-l", library, "--json")[1])[0]["id"]
    status, out, _ = run("remove", identifier, "-l", library)
    assert status == 0 and identifier in out
    assert run("ask", "Phường Hòa Thạnh có bao nhiêu đảng viên?", "-l", library)[0] == ABSTAINED
    assert file.exists()
    status, _, err = run("remove", identifier, "-l", library)
    assert status == 1 and identifier in err


def test_an_empty_question_is_no_question(tmp_path: Path) -> None:
    status, _, err = run("ask", " ?", "-l", tmp_path)
    assert status == 1 and "câu hỏi trống" in err and "hoibao ask" in err


def test_one_refusal_of_several_shows_in_the_exit_status(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Phường Hòa Thạnh có 1.234 đảng viên.", encoding="utf-8")
    library = tmp_path / "tv"
    assert run("add", file, "-l", library, "-q")[0] == 0
    known, unknown = "Phường Hòa Thạnh có bao nhiêu đảng viên?", "Ai vô địch giải cờ vua thế giới?"
    assert run("ask", known, "-l", library)[0] == 0
    assert run("ask", unknown, "--then", known, "-l", library)[0] == ABSTAINED


def test_errors_are_short_name_the_repair_and_have_no_traceback(tmp_path: Path) -> None:
    status, _, err = run("ask", "Có gì mới?", "-l", tmp_path / "khong-co")
    assert status == 1
    assert "Lỗi:" in err and "→" in err and "hoibao add" in err
    assert "Traceback" not in err
    assert not (tmp_path / "khong-co").exists(), "asking makes no library"


def test_names_of_libraries_live_below_the_home_folder(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Xã Suối Ngà có 12 ấp.", encoding="utf-8")
    assert run("add", tmp_path / "a.txt", "-l", "thoi-su", "-q")[0] == 0
    assert (home / "libraries" / "thoi-su" / "CURRENT").exists()
    assert run("add", tmp_path / "a.txt", "-q")[0] == 0
    assert (home / "libraries" / "default" / "CURRENT").exists()


def test_reindex_repairs_a_damaged_index(library: Path, tmp_path: Path) -> None:
    copy = tmp_path / "tv"
    shutil.copytree(library, copy)
    for file in copy.glob("gen-*/columns.npz"):
        file.write_bytes(b"damaged")
    status, _, err = run("search", "phường", "-l", copy)
    assert status == 1 and "→" in err
    assert run("reindex", "-l", copy, "-q")[0] == 0
    assert run("search", "phường", "-l", copy)[0] == 0


def test_hostile_text_cannot_steer_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(
        "Phường Hòa Thạnh có \x1b[31m1.234\x1b[0m đảng viên [bold red]x[/] [7].", encoding="utf-8"
    )
    library = tmp_path / "tv"
    run("add", file, "-l", library, "-q")
    for arguments in (["ask", "Phường Hòa Thạnh có bao nhiêu đảng viên?"], ["search", "Hòa Thạnh"], ["list"]):
        _, out, err = run(*arguments, "-l", library)
        assert "\x1b" not in out + err
    assert "[bold red]" in run("search", "Hòa Thạnh", "-l", library)[1]


def test_samples_can_be_copied_out(tmp_path: Path) -> None:
    status, out, _ = run("samples", "--copy-to", tmp_path / "mau")
    assert status == 0 and str(len(sample_files())) in out
    assert len(list((tmp_path / "mau").iterdir())) == len(sample_files())


def test_doctor_reports_machine_packages_and_library(library: Path) -> None:
    status, out, _ = run("doctor", "-l", library, "--json")
    report = json.loads(out)
    names = [finding["name"] for finding in report["findings"]]
    assert {"hoibao", "máy", "gói", "thư viện", "mô hình nhúng"} <= set(names)
    assert status == 0
    status, out, _ = run("doctor", "-l", library)
    assert status == 0 and "bài" in out


def test_doctor_finds_damage(library: Path, tmp_path: Path) -> None:
    copy = tmp_path / "tv"
    shutil.copytree(library, copy)
    for file in copy.glob("gen-*/columns.npz"):
        file.write_bytes(b"damaged")
    status, out, _ = run("doctor", "-l", copy)
    assert status == 1 and "✗" in out and "reindex" in out


def test_a_wrong_setting_is_shown_kindly(home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text("threads = -4\n")
    status, _, err = run("list")
    assert status == 1 and "threads" in err and "Traceback" not in err


def test_an_unusable_model_leaves_extracted_answers(library: Path, tmp_path: Path) -> None:
    fake = tmp_path / "giả.gguf"
    fake.write_bytes(b"not a model")
    question = "Đại hội Đảng bộ phường Gò Sen có bao nhiêu đại biểu?"
    status, out, err = run("ask", question, "-l", library, "--model", fake)
    assert status == 0 and "185" in out
    assert "giả.gguf" in err


def test_help_is_instant_and_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['hoibao', '--help']\n"
        "from ui.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'streamlit', 'numpy', 'faiss', 'tantivy', 'langchain_core', 'llama_cpp'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))"
    )
    started = time.perf_counter()
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, encoding="utf-8"
    )
    seconds = time.perf_counter() - started
    assert "HEAVY []" in result.stdout
    assert seconds < 5, "a second at most on an idle machine; this one may be busy"


def test_the_chat_serves_a_page_without_being_asked_anything(library: Path, tmp_path: Path) -> None:
    import urllib.request

    environment = {**os.environ, "HOIBAO_HOME": str(tmp_path / "home"), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", "from ui.cli import main; main()", "chat", "--port", "0", "-l", str(library)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    try:
        assert process.stdout is not None
        address = next(word for line in process.stdout for word in line.split() if word.startswith("http://"))
        assert address.startswith("http://127.0.0.1:")
        for _ in range(720):
            try:
                with urllib.request.urlopen(address + "/_stcore/health", timeout=5) as answer:
                    assert answer.read() == b"ok"
                break
            except OSError:
                time.sleep(0.25)
        else:
            pytest.fail("the chat did not start within three minutes")
    finally:
        process.terminate()
        process.wait(20)


def test_eval_measures_a_squad_file_and_gold_questions(library: Path, tmp_path: Path) -> None:
    context = "Phường Hòa Thạnh có 1.234 đảng viên. Chủ tịch phường là bà Lê Thị Mai."
    paragraph = {
        "context": context,
        "qas": [
            {
                "id": "1",
                "question": "Phường Hòa Thạnh có bao nhiêu đảng viên?",
                "answers": [_gold(context, "1.234")],
            },
            {"id": "2", "question": "Ai là chủ tịch phường?", "answers": [_gold(context, "bà Lê Thị Mai")]},
        ],
    }
    squad = tmp_path / "squad.json"
    squad.write_text(json.dumps({"data": [{"title": "x", "paragraphs": [paragraph]}]}), encoding="utf-8")
    status, out, _ = run("eval", squad, "--distractors", sample_files()[0], "--json")
    reports = {report["name"]: report["rows"]["all"] for report in json.loads(out)}
    assert status == 0 and set(reports) == {"retrieval", "reading", "answers"}
    assert reports["retrieval"]["recall@10"] == 1.0 and reports["reading"]["n"] == 2
    gold = ROOT / "tests" / "gold" / "samples.jsonl"
    status, out, _ = run("eval", gold, "-l", library, "--limit", "6", "-q")
    assert status == 0 and "median_ms" in out
    (tmp_path / "x.txt").write_text("?")
    status, _, err = run("eval", tmp_path / "x.txt")
    assert status == 1 and "x.txt" in err


def _gold(context: str, answer: str) -> dict[str, object]:
    return {"text": answer, "answer_start": context.index(answer)}


def test_calibrate_reports_the_rate_of_false_answers(library: Path, tmp_path: Path) -> None:
    copy = tmp_path / "tv"
    shutil.copytree(library, copy)
    status, out, _ = run("calibrate", "-l", copy, "--count", "12", "--json")
    report = json.loads(out)
    assert status == 0 and report["trials"] > 0 and 0 <= report["false_answers"] <= 1
