"""The measures themselves, the readers of question files, and the calibration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import index.samples as samples
from index import Library
from models.errors import InputError
from qa.calibrate import CALIBRATION_FILE, Trial, calibrate, fitted, made_questions, measured
from qa.evaluate import add_gold, evaluate_reading, evaluate_retrieval, squad_relevance
from qa.gold import exact_match, holds_answer, normalise_answer, overlap_f1, read_beir, read_gold, read_squad
from qa.refuse import Calibration, calibration_of, shipped

PASSAGE = "Phường Lộc An có 1.310 đảng viên. Bí thư Đảng ủy phường là ông Trần Văn Bình."


@pytest.fixture
def squad(tmp_path: Path) -> Path:
    number = {"text": "1.310", "answer_start": 17}
    person = {"text": "Trần Văn Bình", "answer_start": 63}
    questions = [
        {"id": "1", "question": "Phường Lộc An có bao nhiêu đảng viên?", "answers": [number]},
        {"id": "2", "question": "Ai là Bí thư Đảng ủy phường?", "answers": [person]},
        {"id": "3", "question": "Phường có mấy chợ?", "is_impossible": True, "answers": []},
    ]
    data = {"data": [{"title": "Lộc An", "paragraphs": [{"context": PASSAGE, "qas": questions}]}]}
    file = tmp_path / "squad.json"
    file.write_text(json.dumps(data), "utf-8")
    return file


def test_answers_are_compared_as_squad_does() -> None:
    assert normalise_answer("  “Hoà Bình”, 2025! ") == "hòa bình 2025"
    assert exact_match("Ngày 2/9.", ["ngày 2/9"]) == 1.0
    assert overlap_f1("900 đảng viên", ["900"]) == pytest.approx(0.5)
    assert overlap_f1("", ["900"]) == 0.0
    assert holds_answer("Có 1.900 người.", ["900"]) is False
    assert holds_answer("Có 900 người.", ["900"]) is True


def test_squad_file(squad: Path) -> None:
    gold = read_squad(squad)
    assert [one.answerable for one in gold] == [True, True, False]
    assert gold[0].context[17:22] == "1.310"


def test_a_foreign_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text("{}", "utf-8")
    with pytest.raises(InputError, match=r"x\.json"):
        read_squad(file)
    with pytest.raises(InputError):
        read_beir(tmp_path)


def test_gold_files_of_the_project() -> None:
    gold = read_gold(Path(__file__).parent / "gold" / "samples.jsonl")
    assert len(gold) >= 150
    assert sum(not one.answerable for one in gold) >= 30


def test_reading_and_retrieval_reports(squad: Path, tmp_path: Path) -> None:
    gold = read_squad(squad)
    reading = evaluate_reading(gold, reader=None)
    assert reading.rows["all"]["n"] == 2
    assert reading.rows["all"]["sentence_1"] == 1.0
    assert reading.rows["all"]["f1"] == 1.0
    with Library.open(tmp_path / "library", create=True) as library:
        library.add(Path(samples.__path__[0]))
        add_gold(library, gold)
        questions = {one.id: one.question for one in gold}
        report = evaluate_retrieval(library, questions, squad_relevance(gold))
    assert report.rows["all"]["n"] == 2
    assert report.rows["all"]["MRR"] == 1.0
    assert "nDCG@10" in report.table()
    assert json.loads(report.json())["rows"]["all"]["recall@10"] == 1.0


def test_fitting_separates_what_can_be_separated() -> None:
    good = [Trial({"belief": 0.9, "focus": 1.0}, True, True)] * 40
    bad = [Trial({"belief": 0.3, "focus": 0.4}, False, False)] * 40
    found = fitted([*good, *bad], start=Calibration(0.0, {}, 0.5))
    report = measured([*good, *bad], found)
    assert report.answered == 1.0
    assert report.false_answers <= 0.05


def test_questions_are_made_in_place(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library", create=True) as library:
        library.add(Path(samples.__path__[0]))
        made = made_questions(list(library.articles()), count=20)
        assert len(made) == 20
        assert sum(one.answer in one.text for one in made) <= 5  # some sentences say it twice
        assert any(one.swapped for one in made)
        report = calibrate(library, count=12)
        assert 0 <= report.false_answers <= 1
        if report.saved_to:
            assert (library.path / CALIBRATION_FILE).exists()
            assert calibration_of(library.path).threshold == pytest.approx(report.threshold)
        else:
            assert calibration_of(library.path) == shipped()
