"""The reader: its API, its agreement with the training network, its errors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelDamaged, ModelNotFound
from models.reader import SHIPPED, Reader, load_reader, save_reader
from models.reader_choice import CHOICE_FEATURES, choose
from models.reader_features import SENTENCE_FEATURES, TOKEN_FEATURES, make_batch, punctuation_marks
from models.reader_text import KINDS, Vocabulary, find_question_word, tokens_of

PASSAGES = [
    [
        "Phường Tây Nam được thành lập ngày 1/7/2025 trên cơ sở sáp nhập ba phường.",
        "Phường có diện tích tự nhiên 31,2 km² và dân số 48.500 người.",
        "Đảng bộ phường có 900 đảng viên, sinh hoạt tại 42 chi bộ.",
    ],
    [
        "Sáng 15/1, Đảng ủy phường tổ chức hội nghị tổng kết.",
        "Ông Nguyễn Văn Bình, Bí thư Đảng ủy phường, chủ trì hội nghị.",
    ],
]


@pytest.fixture(scope="module")
def reader() -> Reader:
    return load_reader()


def test_finds_number_and_person(reader: Reader) -> None:
    result = reader.read("Đảng bộ phường có bao nhiêu đảng viên?", PASSAGES)
    best = result.ranked[0]
    assert (best.passage, best.sentence) == (0, 2)
    span = best.spans[0]
    assert "900" in PASSAGES[0][2][span.start : span.end]
    assert result.kind == "number"
    best = reader.read("Ai là Bí thư Đảng ủy phường?", PASSAGES).ranked[0]
    assert (best.passage, best.sentence) == (1, 1)
    assert "Nguyễn Văn Bình" in PASSAGES[1][1][best.spans[0].start : best.spans[0].end]


def test_a_question_about_something_else_is_less_answerable(reader: Reader) -> None:
    near = reader.read("Đảng bộ phường có bao nhiêu đảng viên?", PASSAGES)
    far = reader.read("Giá vàng hôm nay tại Singapore là bao nhiêu?", PASSAGES)
    assert far.null > near.null


def test_result_covers_every_sentence_in_reading_order(reader: Reader) -> None:
    result = reader.read("Hội nghị diễn ra khi nào?", [*PASSAGES, [], ["", "Một câu."]])
    places = [(item.passage, item.sentence) for item in result.sentences]
    assert places == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (3, 0), (3, 1)]
    assert len(result.passage_null) == 4
    for item in result.sentences:
        assert 0 <= item.score <= 1
        text = [*PASSAGES, [], ["", "Một câu."]][item.passage][item.sentence]
        for span in item.spans:
            assert 0 <= span.start < span.end <= len(text)
            assert 0 <= span.score <= 1
    empty = result.sentences[5]
    assert empty.score == 0 and empty.spans == ()


def test_same_input_same_result_and_passages_do_not_touch_each_other(reader: Reader) -> None:
    question = "Hội nghị tổng kết do ai chủ trì?"
    both = reader.read(question, PASSAGES)
    assert both == reader.read(question, PASSAGES)
    alone = reader.read(question, PASSAGES[1:])
    for one, other in zip(alone.sentences, both.sentences[3:], strict=True):
        assert one.logit == pytest.approx(other.logit, abs=1e-3)


def test_a_title_is_no_answer(reader: Reader) -> None:
    question, title = "Trường Gò Sen có bao nhiêu học sinh?", "Trường Gò Sen có 812 học sinh"
    assert reader.read(question, [["", ""]], titles=[title]).null == 1.0
    result = reader.read(
        question, [["Lễ khai giảng diễn ra sáng 5/9.", "Nhà trường có 812 em."]], titles=[title]
    )
    assert [(one.passage, one.sentence) for one in result.sentences] == [(0, 0), (0, 1)]
    assert result.ranked[0].sentence == 1
    with pytest.raises(ValueError, match=r"shorter|longer"):
        reader.read(question, [["Một câu."]], titles=[])


def test_nothing_to_read(reader: Reader) -> None:
    assert reader.read("Ai?", []).null == 1.0
    assert reader.read("Ai?", [["", " "]]).null == 1.0
    with pytest.raises(ValueError, match="empty"):
        reader.read("  ", PASSAGES)


def test_very_long_passage_is_cut_not_refused(reader: Reader) -> None:
    long = ["Đảng bộ phường có 900 đảng viên. " * 40] * 10
    assert len(reader.read("Có bao nhiêu đảng viên?", [long]).sentences) == 10


def test_loads_without_torch() -> None:
    code = "import sys, models.reader as r; r.load_reader(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_missing_and_damaged_weights(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        load_reader(tmp_path)
    for name in ("config.json", "syllables.txt", "weights.npz"):
        (tmp_path / name).write_bytes((SHIPPED / name).read_bytes())
    load_reader(tmp_path)
    data = (tmp_path / "weights.npz").read_bytes()
    (tmp_path / "weights.npz").write_bytes(data[: len(data) // 2])
    with pytest.raises(ModelDamaged, match="checksum"):
        load_reader(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"format": 99}), encoding="utf-8")
    with pytest.raises(ModelDamaged, match="format"):
        load_reader(tmp_path)


def test_shipped_weights_are_small() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 40 * 2**20


def test_numpy_and_torch_agree(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from models.reader_network import run_network
    from models.training.reader_batches import tensors
    from models.training.reader_network import ReaderNetwork

    torch.manual_seed(3)
    words = ["phường", "có", "900", "đảng", "viên", "bao", "nhiêu", ".", ","]
    vocabulary = Vocabulary(words, np.linspace(1, 6, len(words), dtype=np.float32))
    vectors = np.random.default_rng(0).normal(size=(vocabulary.size, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    network = ReaderNetwork(torch.from_numpy(vectors), width=24, pair=8).eval()
    marks = punctuation_marks({mark: vocabulary.facts(mark).match for mark in ',.();:"'})
    asked = vocabulary.encode_question("Phường có bao nhiêu đảng viên?")
    batch = make_batch([asked] * 2, [vocabulary.encode(p) for p in PASSAGES], vectors, marks=marks)
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    ours = run_network(weights, batch)
    with torch.no_grad():
        theirs = network(*tensors(batch))
    for left, right in (
        (ours.spans, theirs.spans.numpy()),
        (ours.sentences, theirs.sentences.numpy()),
        (ours.null, theirs.null.numpy()),
    ):
        allowed = right > -1e3
        assert ((left > -1e3) == allowed).all()
        np.testing.assert_allclose(left[allowed], right[allowed], atol=1e-4)
    save_reader(tmp_path, words, vocabulary.idf, vectors, weights)
    assert load_reader(tmp_path).read("Có bao nhiêu?", PASSAGES).sentences


def test_choice_moves_belief_between_sentences_only() -> None:
    logits = np.array([1.0, -np.inf, 0.5, -2.0], np.float32)
    features = np.zeros((4, CHOICE_FEATURES), np.float32)
    features[:, 0] = [1.0, 9.0, 0.5, -2.0]
    features[:, 3] = [0.0, 9.0, 1.0, 0.2]
    overlap = np.eye(CHOICE_FEATURES, dtype=np.float32)[3] * 5
    chosen = choose(logits, features, overlap)
    assert chosen[1] == -np.inf
    assert int(np.argmax(chosen)) == 2
    np.testing.assert_allclose(np.exp(chosen).sum(), np.exp(logits).sum(), rtol=1e-5)
    same = choose(logits, features, np.eye(CHOICE_FEATURES, dtype=np.float32)[0])
    np.testing.assert_allclose(same, logits, rtol=1e-5)
    assert (choose(logits[1:2], features[1:2], overlap) == -np.inf).all()


def test_choice_leaves_whether_a_passage_answers_as_it_was(reader: Reader) -> None:
    plain = {name: value for name, value in reader.weights.items() if name != "choice"}
    assert len(plain) + 1 == len(reader.weights)
    before = Reader(reader.vocabulary, plain, reader.vectors)
    question = "Đảng bộ phường có bao nhiêu đảng viên?"
    with_choice, without = reader.read(question, PASSAGES), before.read(question, PASSAGES)
    np.testing.assert_allclose(with_choice.passage_null, without.passage_null, rtol=1e-4)
    assert [one.score for one in with_choice.sentences] != [one.score for one in without.sentences]


def test_features_have_the_announced_shapes() -> None:
    vocabulary = Vocabulary(["phường"], np.ones(1, np.float32))
    vectors = np.eye(vocabulary.size, 8, dtype=np.float32)
    asked = vocabulary.encode_question("Phường nào?")
    batch = make_batch([asked] * 2, [vocabulary.encode(p) for p in PASSAGES], vectors, marks=[0] * 7)
    assert batch.tokens.shape == (*batch.passage.shape, TOKEN_FEATURES)
    assert batch.facts.shape == (5, SENTENCE_FEATURES)
    assert list(batch.first) == [0, 3, 5]


@pytest.mark.parametrize(
    ("question", "word", "kind"),
    [
        ("Đảng bộ có bao nhiêu đảng viên?", "bao nhiêu", "number"),
        ("Hội nghị diễn ra khi nào?", "khi nào", "time"),
        ("Ai là Chủ tịch UBND phường?", "ai", "person"),
        ("Trụ sở đặt ở đâu?", "ở đâu", "place"),
        ("Vì sao dự án chậm?", "vì sao", "why"),
        ("HĐND là gì?", "gì", "define"),
        ("Nghị quyết nào được thông qua?", "nào", "which"),
        ("Diện tích phường Tây Nam", "", "none"),
        ("Dự án đã xong chưa, có chậm không?", "không", "yesno"),
    ],
)
def test_question_word(question: str, word: str, kind: str) -> None:
    words = [m.group().lower() for m in tokens_of(question)]
    start, end, number = find_question_word(words)
    assert " ".join(words[start:end]) == word
    assert KINDS[number] == kind


def test_tokens_keep_numbers_and_document_numbers_whole() -> None:
    found = [m.group() for m in tokens_of("Chỉ thị 35-CT/TW: 11.472,75 ha, ngày 2/10/2025.")]
    assert found == ["Chỉ", "thị", "35-CT/TW", ":", "11.472,75", "ha", ",", "ngày", "2/10/2025", "."]
