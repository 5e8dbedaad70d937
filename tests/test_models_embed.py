"""The shipped embedder: equal to sentence-transformers' reading, fast to start, honest when damaged."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from index.normalize import canonical, strip_tones
from models.embed import SHIPPED, StaticEmbedder, TransformerEmbedder, load_embedder
from models.errors import ModelDamaged, ModelNotFound

TEXTS = [
    canonical(text)
    for text in (
        "Phường Tây Nam có 900 đảng viên, sinh hoạt ở 34 chi bộ.",
        "Giá xăng giảm 500 đồng một lít từ 15 giờ chiều nay.",
        "Đội tuyển Việt Nam thắng Thái Lan 2-1 trên sân Mỹ Đình.",
        "Bệnh viện tiếp nhận thêm 12 ca sốt xuất huyết trong tuần.",
        "phuong tay nam co bao nhieu dang vien",
        "11.472,75 ha; NĐ-CP 35/2024 (UBND)",
        "Zyxwq 漢字 🙂",
        "a",
    )
]


@pytest.fixture(scope="module")
def embedder() -> StaticEmbedder:
    loaded = load_embedder()
    assert isinstance(loaded, StaticEmbedder)
    return loaded


def test_same_vectors_as_sentence_transformers(embedder: StaticEmbedder) -> None:
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(SHIPPED), device="cpu", local_files_only=True)
    expected = np.asarray(theirs.encode(TEXTS, normalize_embeddings=True), np.float32)
    np.testing.assert_allclose(embedder.encode_passages(TEXTS), expected, atol=4e-3)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)  # theirs are rounded to float16
    cosines = (embedder.encode_passages(TEXTS) * expected).sum(axis=1)
    assert cosines.min() > 0.9999
    assert theirs.get_embedding_dimension() == embedder.dimension


def test_rows_have_length_one_and_few_equal_many(embedder: StaticEmbedder) -> None:
    few = np.concatenate([embedder.encode_passages([text]) for text in TEXTS])
    many = embedder.encode_passages(TEXTS * 10)
    assert many.dtype == np.float32
    assert many.shape == (len(TEXTS) * 10, embedder.dimension)
    np.testing.assert_allclose(many[: len(TEXTS)], few, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(few[:6], axis=1), 1.0, atol=1e-5)


def test_nothing_to_read_gives_no_row_or_a_zero_row(embedder: StaticEmbedder) -> None:
    assert embedder.encode_queries([]).shape == (0, embedder.dimension)
    assert not embedder.encode_queries(["", "…", " "]).any()


@pytest.mark.parametrize(
    "question, place",
    [
        ("Phường Tây Nam có bao nhiêu đảng viên?", 0),
        ("Giá xăng hôm nay thay đổi thế nào?", 1),
        ("Ai thắng trận Việt Nam gặp Thái Lan?", 2),
        ("Có bao nhiêu người mắc sốt xuất huyết?", 3),
    ],
)
def test_a_question_is_nearest_to_its_passage_with_and_without_marks(
    embedder: StaticEmbedder, question: str, place: int
) -> None:
    passages = embedder.encode_passages(TEXTS[:4])
    for asked in (question, strip_tones(question)):
        assert int((embedder.encode_queries([asked]) @ passages.T).argmax()) == place


def test_loading_and_asking_needs_no_torch() -> None:
    code = (
        "import sys; from models.embed import load_embedder; e = load_embedder();"
        "e.encode_queries(['Giá xăng']); e.fingerprint; print('torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_small_enough_to_ship() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) <= 40_000_000


def test_fingerprint_follows_the_weights(embedder: StaticEmbedder, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(SHIPPED, tmp_path / "copy"))
    assert load_embedder(copy).fingerprint == embedder.fingerprint
    tensors = load_file(copy / "model.safetensors")
    tensors["embeddings"][5, 0] += np.float16(0.25)
    save_file(tensors, copy / "model.safetensors")
    assert load_embedder(copy).fingerprint != embedder.fingerprint


def test_plain_layout_gives_the_same_vectors(embedder: StaticEmbedder, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(SHIPPED, tmp_path / "plain"))
    tensors = load_file(copy / "model.safetensors")
    folded = tensors["embeddings"][tensors["mapping"]]
    save_file({"embedding.weight": folded}, copy / "model.safetensors")
    np.testing.assert_allclose(
        load_embedder(copy).encode_passages(TEXTS), embedder.encode_passages(TEXTS), atol=1e-6
    )


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(SHIPPED, tmp_path / "damaged"))
    weights = copy / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelDamaged, match=r"model\.safetensors"):
        load_embedder(copy)
    save_file({"embedding.weight": np.zeros((3, 4), np.float16)}, weights)
    with pytest.raises(ModelDamaged, match="không khớp bộ từ vựng"):
        load_embedder(copy)
    weights.write_bytes(whole)
    (copy / "tokenizer.json").write_text("{}", "utf-8")
    with pytest.raises(ModelDamaged, match=r"tokenizer\.json"):
        load_embedder(copy)
    (copy / "tokenizer.json").unlink()
    with pytest.raises(ModelNotFound, match=r"tokenizer\.json"):
        load_embedder(copy)


def test_a_model_that_is_not_here_names_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOIBAO_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(ModelNotFound, match="hoibao models pull multilingual-e5-small"):
        load_embedder("multilingual-e5-small")
    with pytest.raises(ModelNotFound, match="bge-m3"):
        load_embedder("no-such-embedder")


@pytest.fixture(scope="module")
def tiny_transformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real, tiny BERT in a folder named like a known model, whose prefixes it must then get."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("models")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "query", "passage", ":", "giá", "xăng"]
    (folder / "bert").mkdir()
    (folder / "bert" / "vocab.txt").write_text("\n".join(words), "utf-8")
    BertTokenizerFast(str(folder / "bert" / "vocab.txt"), strip_accents=False).save_pretrained(
        folder / "bert"
    )
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    BertModel(config).save_pretrained(folder / "bert")
    transformer = Transformer(str(folder / "bert"))
    pooling = Pooling(transformer.get_embedding_dimension())
    model = SentenceTransformer(modules=[transformer, pooling], device="cpu")
    model.save(str(folder / "multilingual-e5-small"))
    return folder / "multilingual-e5-small"


def test_a_known_transformer_gets_its_prefixes(tiny_transformer: Path) -> None:
    from sentence_transformers import SentenceTransformer

    embedder = load_embedder(tiny_transformer)
    assert isinstance(embedder, TransformerEmbedder)
    plain = SentenceTransformer(str(tiny_transformer), device="cpu")
    expected = plain.encode(["query: giá xăng"], normalize_embeddings=True)
    np.testing.assert_allclose(embedder.encode_queries(["giá xăng"]), expected, atol=1e-5)
    assert not np.allclose(embedder.encode_passages(["giá xăng"]), expected, atol=1e-3)
    assert embedder.dimension == 16
    assert embedder.encode_passages([]).shape == (0, 16)
    assert len(embedder.fingerprint) == 24


def test_a_known_name_is_found_under_the_home_folder(
    tiny_transformer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(tiny_transformer, tmp_path / "models" / "multilingual-e5-small")
    monkeypatch.setenv("HOIBAO_HOME", str(tmp_path))
    assert load_embedder("multilingual-e5-small").name == "multilingual-e5-small"


def test_an_unreadable_folder_is_an_error_for_people(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[]", "utf-8")
    with pytest.raises(ModelDamaged, match=r"modules\.json"):
        load_embedder(tmp_path)
    (tmp_path / "modules.json").write_text(json.dumps([{"type": "x.Transformer"}]), "utf-8")
    with pytest.raises(ModelDamaged):
        load_embedder(tmp_path).encode_queries(["a"])
