"""The reader's recipe: made questions are true, examples keep their answers, a smoke run gives a reader."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

pytest.importorskip("torch")

from models.reader import load_reader
from models.training.reader import _SMOKE, main
from models.training.reader_corpus import Document
from models.training.reader_data import make_example, split_plain
from models.training.reader_questions import made_questions
from models.training.reader_score import Prediction, exact_match, f1, report


def test_smoke_run_gives_a_reader(tmp_path: Path) -> None:
    main(["--smoke", "--out", str(tmp_path / "reader")])
    reader = load_reader(tmp_path / "reader")
    result = reader.read("Phường có bao nhiêu khu phố?", [list(_SMOKE)])
    assert len(result.sentences) == len(_SMOKE)
    assert all(item.spans for item in result.sentences)


def test_made_questions_carry_their_answer_and_do_not_contain_it_as_gap() -> None:
    corpus = [Document("news", "Phường Tây Nam", (" ".join(_SMOKE),)) for _ in range(90)]
    made = list(made_questions(corpus, count=60, rng=random.Random(4), per_document=3))
    assert len(made) == 60
    answered = [example for example in made if example.spans]
    assert 0 < len(made) - len(answered) < 30
    for example in answered:
        span = example.spans[0]
        assert example.sentences[span.sentence][span.start : span.end] == example.golds[0]
    assert len({example.question for example in made}) > 30
    again = list(made_questions(corpus, count=60, rng=random.Random(4), per_document=3))
    assert made == again


def test_example_keeps_answer_through_canonical_text() -> None:
    context = "Toà nhà cao 81 tầng. Nó nằm ở quận Bình Thạnh, bên bờ sông."
    example = make_example("Nó ở đâu?", context, [("quận Bình Thạnh", 30)], source="test")
    assert example is not None
    span = example.spans[0]
    assert example.sentences[span.sentence][span.start : span.end] == "quận Bình Thạnh"
    assert example.sentences[0].startswith("Tòa nhà")


def test_plain_split_keeps_abbreviations() -> None:
    text = "Hội nghị họp tại TP. Thủ Đức. Có 50 người dự.\nBế mạc."
    assert [text[a:b] for a, b in split_plain(text)] == [
        "Hội nghị họp tại TP. Thủ Đức.",
        "Có 50 người dự.",
        "Bế mạc.",
    ]


def test_scores_by_hand() -> None:
    assert exact_match("Năm 1918.", ["năm 1918"]) == 1
    assert exact_match("1918", ["năm 1918"]) == 0
    assert f1("1918", ["năm 1918"]) == pytest.approx(2 / 3)
    assert f1("khác hẳn", ["năm 1918"]) == 0
    example = make_example("Năm nào?", "Câu một. Đó là năm 1918.", [("năm 1918", 15)], source="test")
    none = make_example("Ai?", "Câu một.", [], source="test")
    assert example is not None and none is not None
    said = [Prediction((0, 1), "năm 1918", 0.9), Prediction((0,), "", 0.2)]
    result = report([example, none], said)
    assert (result.first, result.second, result.exact, result.auc) == (0.0, 1.0, 1.0, 1.0)
