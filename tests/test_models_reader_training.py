"""The reader's recipe: made questions are true, examples keep their answers, a smoke run gives a reader."""

from __future__ import annotations

import json
import lzma
import random
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from index.normalize import canonical
from models.reader import load_reader
from models.reader_choice import CHOICE_FEATURES
from models.training.paragraphs import Paragraphs
from models.training.reader import _SMOKE, main
from models.training.reader_choice import fit_choice
from models.training.reader_corpus import Document, held_out
from models.training.reader_data import (
    NEWS_QUESTIONS,
    WRITTEN,
    asked_passages,
    examples_of,
    make_example,
    part_of,
    plain_text,
    split_plain,
)
from models.training.reader_negatives import found_elsewhere, of_another_name
from models.training.reader_network import ReaderNetwork
from models.training.reader_pretraining import pretrain
from models.training.reader_questions import made_questions
from models.training.reader_score import Prediction, exact_match, f1, report
from models.training.reader_summaries import summary_questions


def test_smoke_run_gives_a_reader(tmp_path: Path) -> None:
    main(["--smoke", "--out", str(tmp_path / "reader")])
    reader = load_reader(tmp_path / "reader")
    result = reader.read("Phường có bao nhiêu khu phố?", [list(_SMOKE)])
    assert len(result.sentences) == len(_SMOKE)
    assert all(item.spans for item in result.sentences)


def test_words_that_stand_in_the_same_places_become_alike() -> None:
    rng = np.random.default_rng(3)
    one, same, other, fills = 12, 13, 14, [(15, 16), (17, 18)]
    text = []
    for _ in range(3000):
        word = int(rng.choice((one, same, other)))
        text += [word, *fills[word == other]]
    vectors = rng.normal(size=(20, 8)).astype(np.float32)
    weights = pretrain(np.array(text, np.int32), vectors, minutes=1, width=16, steps=150)
    assert torch.equal(weights["key.weight"], weights["query.weight"])
    network = ReaderNetwork(torch.from_numpy(vectors), width=16, dropout=0.0)
    network.load_state_dict(weights)

    def state(word: int) -> torch.Tensor:
        ids = torch.tensor([[15, 16, word, *fills[word == other], one, 15, 16]])
        with torch.no_grad():
            states = network.embed(network.embedding(ids))
            for block in network.shared:
                states = block(states, torch.ones(1, ids.shape[1], 1))
        result: torch.Tensor = states[0, 2]
        return result

    likeness = torch.cosine_similarity
    assert likeness(state(one), state(same), dim=0) > likeness(state(one), state(other), dim=0) + 0.2


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


_REPORT = Document(
    "baomoi2017",
    "Phường Gò Sen huy động 300 triệu đồng sửa nhà tình thương cho các hộ nghèo",
    (
        "Ông Lê Văn Tám hiến 200 mét vuông đất mở rộng con đường dẫn vào khu phố Bến Mây.",
        "Từ đầu năm, Mặt trận phường Gò Sen đã vận động được 300 triệu đồng để sửa chữa nhà ở cho hộ nghèo. "
        "Nhiều doanh nghiệp trên địa bàn cùng tham gia đóng góp cho chương trình này. "
        "Tại khu phố Bến Mây, con đường nhỏ hẹp đã được mở rộng nhờ gia đình ông Lê Văn Tám. "
        "Gia đình đã tự nguyện hiến 200 mét vuông đất vườn mà không nhận tiền đền bù. "
        "Lãnh đạo phường đánh giá cao việc làm này và mong người dân các khu phố khác cùng hưởng ứng. "
        "Sắp tới, phường tiếp tục sửa nhà cho các hộ có hoàn cảnh khó khăn và mở rộng thêm đường.",
    ),
    "Ông Lê Văn Tám hiến 200 mét vuông đất mở rộng con đường dẫn vào khu phố Bến Mây.",
)


def test_summaries_are_asked_of_the_body_which_says_it_in_other_words() -> None:
    made = list(summary_questions([_REPORT] * 60, random.Random(4)))
    answered = [example for example in made if example.spans]
    assert len(answered) > 20
    for example in answered:
        span = example.spans[0]
        assert example.sentences[span.sentence][span.start : span.end] == example.golds[0]
        assert example.golds[0] not in example.question
        assert _REPORT.abstract not in example.sentences
    found = " | ".join(example.golds[0] for example in answered)
    assert "300 triệu" in found and "Lê Văn Tám" in found
    missed = [example for example in made if not example.spans]
    assert missed
    for example in missed:
        text = " ".join(example.sentences)
        asked = example.question.lower()
        assert not ("huy động bao nhiêu" in asked and "300 triệu" in text), example
        assert not ("hiến bao nhiêu" in asked and "200 mét" in text), example


def test_another_name_or_year_is_another_question() -> None:
    wards = (
        "Gò Sen",
        "Bến Mây",
        "Tân Khánh",
        "Hòa Bắc",
        "Suối Ngà",
        "Phò Nam",
        "Cầu Trúc",
        "Lộc Mỹ",
        "An Định",
    )
    asked = [
        make_example(
            f"Năm 2025, phường {ward} có mấy trường học?",
            f"Năm 2025, phường {ward} có {number} trường học. Tất cả đều đạt chuẩn.",
            [(f"{number} trường học", 0)],
            source="own",
        )
        for number, ward in enumerate(wards, start=10)
    ]
    missed = of_another_name([one for one in asked if one], random.Random(2))
    assert len(missed) > 4
    for one in missed:
        text = " ".join(one.sentences)
        year, ward = one.question[4:8], one.question.split("phường ")[1].split(" có")[0]
        assert not one.spans and not one.golds
        assert (year in text) != (ward in text), "one of the two is another, and only one"
        assert ward in wards and year.isdigit()


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


def test_questions_over_corpora_find_their_passage(tmp_path: Path) -> None:
    (tmp_path / "corpora").mkdir()
    record = {
        "title": "Phường Tây Nam họp",
        "abstract": "Sáng 2-10, phường Tây Nam họp.",
        "text": "== Mở đầu ==\nPhường có 900 đảng viên.\nToà nhà cao 5 tầng.",
    }
    with lzma.open(tmp_path / "corpora" / "news.jsonl.xz", "wt", encoding="utf-8") as file:
        file.write(json.dumps({"title": "Bài khác", "text": "Không liên quan."}) + "\n")
        file.write(json.dumps(record) + "\n")
        file.write(json.dumps({**record, "text": "Bài cùng tên."}) + "\n")
    text = plain_text(record)
    assert text == "Sáng 2-10, phường Tây Nam họp. Phường có 900 đảng viên. Tòa nhà cao 5 tầng."
    start = text.index("Phường có")
    asked = [["Phường Tây Nam có mấy đảng viên?", ["900 đảng viên"]], ["Nhà mấy phòng?", []]]
    line = {"corpus": "news", "title": record["title"], "start": start, "end": len(text), "questions": asked}
    (tmp_path / "questions.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    passages = asked_passages(tmp_path, tmp_path / "questions.jsonl")
    assert [one.text for one in passages] == [text[start:]]
    first, second = examples_of(passages, source="own")
    span = first.spans[0]
    assert first.sentences[span.sentence][span.start : span.end] == "900 đảng viên"
    assert second.spans == () and second.sentences == first.sentences


def test_the_projects_own_questions_are_well_formed() -> None:
    for file in (NEWS_QUESTIONS, WRITTEN):
        lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        places = [(one["corpus"], one["title"], one["start"]) for one in lines]
        assert len(set(places)) == len(places)
        for one in lines:
            assert 0 <= one["start"] < one["end"]
            assert held_out(one["title"]) == (file == NEWS_QUESTIONS)
            for question, answers in one["questions"]:
                assert canonical(question) == question
                assert all(len(answer) <= one["end"] - one["start"] for answer in answers)
    parts = {part_of(one["title"]) for one in lines}
    assert parts == {"train", "tune", "test"}


def test_what_a_search_finds_elsewhere_holds_no_answer() -> None:
    asked = "Phường Tây Nam có tổng cộng bao nhiêu đảng viên?"
    example = make_example(asked, "Đảng bộ đông. Phường có 900 đảng viên.", [("900", 24)], source="x")
    assert example is not None
    near = "Phường Tây Nam họp. Tổng cộng 20 đại biểu đảng viên dự, bàn chăm lo người nghèo dịp Tết này."
    paragraphs = Paragraphs(
        [
            Document("news", "Tin", (f"{near} Phường có 900 đảng viên như đã đưa tin trước đây rồi.",)),
            Document(
                "news", "Tin khác", (f"{near} Hội nghị diễn ra trong buổi sáng và kết thúc lúc 11 giờ.",)
            ),
            Document("news", "Chuyện xa", ("Giá vàng tăng mạnh ở Singapore trong phiên sáng. " * 4,)),
        ]
    )
    found = found_elsewhere([example], paragraphs, count=1)
    assert len(found) == 1
    assert not found[0].spans and found[0].sentences[-1].startswith("Hội nghị diễn ra")


def test_choice_is_fitted_on_sets_that_count_alike() -> None:
    reader = load_reader()
    text = "Sáng nay trời đẹp. Phường có 900 đảng viên. Hội nghị kết thúc lúc 11 giờ."
    example = make_example("Phường có bao nhiêu đảng viên?", text, [("900", 29)], source="x")
    assert example is not None
    one, many = fit_choice(reader, [[example]]), fit_choice(reader, [[example], [example] * 7])
    assert one.shape == (CHOICE_FEATURES,)
    assert one == pytest.approx(many, abs=1e-3)
