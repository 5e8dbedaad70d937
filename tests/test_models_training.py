"""The embedder's recipe: held-out items stay out, batches are what they claim, a smoke run makes a model."""

from __future__ import annotations

import json
import lzma
import math
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.normalize import canonical, strip_tones
from models.embed import load_embedder
from models.errors import InputError
from models.training import embedder as recipe
from models.training.corpus import (
    SOURCES,
    data_folder,
    held_out_news,
    read_documents,
    read_questions,
    split_simply,
)
from models.training.evaluate_embedder import BM25, evaluate, load_sets, ndcg
from models.training.splits import TEST, TUNE
from models.training.token_store import (
    Bags,
    drop_tokens,
    encode_bags,
    join,
    make_toneless,
    slices,
    toneless_bags,
)
from models.training.vocabulary import build_vocabulary, count_phrases

SUBJECTS = (
    "đảng viên",
    "cầu vượt",
    "giá xăng",
    "trường tiểu học",
    "mùa lũ",
    "ngân sách",
    "bệnh viện",
    "lễ hội",
)
PLACES = ("Hà Nội", "Hải Phòng", "phường Tây Nam", "xã Tân Hiệp", "Đà Nẵng", "Cần Thơ", "Huế", "Bến Cát")
NUMERALS = ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười")
VERBS = ("khánh thành", "kiểm tra", "báo cáo về", "họp bàn", "đầu tư cho", "tổng kết")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small corpus of invented news in the shape of the real one."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "corpora").mkdir()
    (folder / "qa").mkdir()
    dice = random.Random(3)

    def sentence() -> str:
        number = dice.randint(2, 9999)
        start = f"{dice.choice(PLACES)} {dice.choice(VERBS)} {dice.choice(SUBJECTS)}"
        return f"{start} số {number} trong năm {number + 3}."

    for source in SOURCES:
        records = []
        for number in range(250):
            text = " ".join(sentence() for _ in range(9))
            title = (
                f"{dice.choice(PLACES)} {dice.choice(VERBS)} {dice.choice(SUBJECTS)}, kỳ {source} {number}"
            )
            records.append({"title": title, "text": text, "abstract": sentence() + " " + sentence()})
            if source == "rss2025":
                del records[-1]["abstract"]
        records += records[:3]
        records += [
            {"title": f"Lịch sử {subject.lower()}", "text": sentence() * 3} for subject in TEST | TUNE
        ]
        with lzma.open(folder / "corpora" / f"{source}.jsonl.xz", "wt", encoding="utf-8") as out:
            out.write("\n".join(json.dumps(record, ensure_ascii=False) for record in records))
    articles = []
    for title in (*sorted(TEST | TUNE), "Paris", "Uganda"):
        passage = " ".join(sentence() for _ in range(4))
        asked = {
            "question": passage.split(" số")[0] + " số mấy?",
            "answers": [{"text": "số", "answer_start": 0}],
        }
        articles.append({"title": title, "paragraphs": [{"context": passage, "qas": [asked]}]})
    (folder / "qa" / "viquad2.dev.json").write_text(json.dumps({"data": articles}), "utf-8")
    return folder


def test_duplicates_and_evaluation_subjects_are_dropped(data: Path) -> None:
    found = list(read_documents(data))
    titles = [document.title for document in found]
    assert len(titles) == len(set(titles))
    wiki = [document.title for document in found if document.source == "viwiki_uts"]
    assert wiki and not any(canonical(s).lower() in t.lower() for s in TEST | TUNE for t in wiki)
    assert all(document.lead for document in found)


def test_held_out_items_are_the_same_in_any_order_and_never_in_the_store(data: Path, tmp_path: Path) -> None:
    documents = list(read_documents(data))
    items = held_out_news(documents)
    assert items
    assert items == held_out_news(documents[::-1])
    recipe.prepare(data, tmp_path, recipe.SMOKE)
    assert json.loads((tmp_path / "prepared.json").read_text())["documents"] == sum(
        not d.held_out for d in documents
    )
    accepted = list(read_documents(data, accept=lambda source, held_out: held_out))
    assert accepted == [d for d in documents if d.held_out]


def test_human_questions_leave_out_tune_and_test(data: Path) -> None:
    assert {q.title for q in recipe.human_questions(data)} == {"Paris", "Uganda"}
    assert {q.title for q in read_questions(data, "viquad2.dev", split="test")} == TEST


def test_missing_data_is_an_error_for_people(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="HOIBAO_DATA"):
        data_folder(tmp_path)
    with pytest.raises(InputError, match=r"absent\.json"):
        read_questions(tmp_path, "absent")


def test_sentences_are_split_for_training() -> None:
    text = "Ông Tư nói. Bà Năm (phường 3) đáp: “Được!” Trời mưa 3.5 mm.\n\nHết"
    assert split_simply(text) == ["Ông Tư nói.", "Bà Năm (phường 3) đáp: “Được!", "Trời mưa 3.5 mm.", "Hết"]


bags_strategy = st.lists(st.lists(st.integers(0, 30), max_size=6), min_size=1, max_size=6)


def _bags(lists: list[list[int]]) -> Bags:
    starts = np.cumsum([0, *map(len, lists)]).astype(np.int64)
    return Bags(np.array([i for inner in lists for i in inner], np.int64), starts)


def _lists(bags: Bags) -> list[list[int]]:
    return [bags.tokens[bags.starts[i] : bags.starts[i + 1]].tolist() for i in range(len(bags))]


@settings(max_examples=60, deadline=None)
@given(bags_strategy, st.randoms())
def test_bags_behave_like_lists(lists: list[list[int]], dice: random.Random) -> None:
    bags = _bags(lists)
    order = [dice.randrange(len(lists)) for _ in range(4)]
    assert _lists(bags.select(np.array(order))) == [lists[i] for i in order]
    assert _lists(slices(bags.tokens, bags.starts[:-1], bags.starts[1:])) == lists
    assert _lists(join(bags, bags)) == [inner + inner for inner in lists]
    rng = np.random.default_rng(1)
    worn = _lists(drop_tokens(bags, np.full(len(lists), 0.7), rng))
    assert all(
        set(few) <= set(all_) and bool(few) == bool(all_) for few, all_ in zip(worn, lists, strict=True)
    )
    table = _bags([[i, i + 1] if i % 2 else [i + 40] for i in range(31)])
    which = np.array([i % 2 == 0 for i in range(len(lists))])
    expected = [
        [t for i in inner for t in _lists(table)[i]] if chosen else inner
        for inner, chosen in zip(lists, which, strict=True)
    ]
    assert _lists(make_toneless(bags, which, table)) == expected


def test_compounds_are_one_token_and_toneless_forms_share_rows() -> None:
    texts = ["Đảng viên họp ở Hà Nội. Nội dung: đảng viên mới. Bộ hành ở chợ, cho viên gạch."] * 50
    texts += ["Đảng bộ báo cáo; hà mã ăn cỏ; nhân viên nghỉ."] * 50
    dice = random.Random(1)
    texts += [
        " ".join(f"{dice.choice('bcdghklmnt')}{v}" for v in dice.choices(("ưa", "em", "ình", "ổi"), k=9))
    ] * 200
    texts += [" ".join(dice.choices(NUMERALS, k=40)) for _ in range(99)]
    vocabulary = build_vocabulary(count_phrases(texts), words=100, compounds=60, share=0.8)
    tokenizer, rows = vocabulary.tokenizer, vocabulary.rows
    assert tokenizer.encode("Đảng viên, Hà Nội").tokens == ["▁đảng▁viên", "▁hà▁nội"]
    accented, bare = tokenizer.encode("đảng viên").ids, tokenizer.encode("dang vien").ids
    assert len(bare) == 1 and [rows[i] for i in accented] == [rows[i] for i in bare]
    assert tokenizer.encode("cho").tokens == ["▁cho"], "a syllable of its own keeps its own row"
    assert max(rows) < vocabulary.row_count and len(rows) == tokenizer.get_vocab_size()
    table = toneless_bags(tokenizer)
    lists = _lists(make_toneless(encode_bags(tokenizer, ["đảng viên, hà nội"]), np.array([True]), table))
    assert lists[0] == tokenizer.encode(strip_tones("đảng viên, hà nội")).ids


def test_turning_keeps_products_and_puts_the_best_dimensions_first() -> None:
    rng = np.random.default_rng(0)
    table = (rng.standard_normal((200, 12)) * rng.random(12)).astype(np.float32)
    turned = recipe.turned(table, rng.random(200))
    np.testing.assert_allclose(turned @ turned.T, table @ table.T, atol=1e-4)
    assert (turned[:, :6] ** 2).sum() > (table[:, :6] ** 2).sum()


def test_smoke_run_trains_resumes_and_makes_a_model_that_searches(data: Path, tmp_path: Path) -> None:
    arguments = ["--data", str(data), "--work", str(tmp_path / "work"), "--smoke", "--threads", "1"]
    recipe.main([*arguments, "--out", str(tmp_path / "short"), "--steps", "2"])
    recipe.main([*arguments, "--out", str(tmp_path / "long"), "--steps", "150", "--batch", "48"])
    checkpoint = tmp_path / "work" / "long.checkpoint"
    trainer = recipe.Trainer(data, tmp_path / "work", recipe.SMOKE)
    trainer.resume(checkpoint)
    assert trainer.done == 150
    sets = load_sets(data, tmp_path, distractors=60)
    assert load_sets(data, tmp_path, distractors=60).viquad.passages == sets.viquad.passages
    short, long = (evaluate(load_embedder(tmp_path / name), sets) for name in ("short", "long"))
    assert set(short) == set(long)
    fresh = recipe.Trainer(data, tmp_path / "work", trainer.recipe)
    # The loss is measured before each step, so the same batches are judged by both.
    assert np.mean([trainer.step() for _ in range(8)]) < 0.9 * np.mean([fresh.step() for _ in range(8)])
    assert all(0.0 <= v <= 1.0 for k, v in long.items() if "BM25" in k or "alone" in k or "fused" in k)


def test_ndcg_by_hand() -> None:
    scores = np.array([[0.9, 0.1, 0.5], [0.2, 0.3, 0.1], [0.5, 0.5, 0.1]], np.float32)
    right = np.array([0, 0, 0])
    assert ndcg(scores, right) == pytest.approx((1 + 2 / math.log2(3)) / 3)
    assert ndcg(scores, right, depth=1) == pytest.approx(1 / 3)


def test_bm25_by_hand() -> None:
    index = BM25(["a b b", "b c", "c c c c"], terms=str.split)
    inverse = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    frequency = 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / 3))
    scores = index.scores(["b x", "zzz"])
    assert scores[0, 0] == pytest.approx(inverse * frequency, rel=1e-5)
    assert scores[0, 2] == 0 and not scores[1].any()
