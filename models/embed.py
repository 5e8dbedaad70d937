"""Texts in, vectors out: the shipped static embedder, or a sentence-transformers model on the machine.

Vectors are `(n, d) float32`, unit rows: the dot product is the cosine, higher is closer. The shipped
model is a sentence-transformers StaticEmbedding folder; it is read here with NumPy alone, because
importing torch costs seconds and a question should cost milliseconds. A test keeps both readings equal.
Nothing here uses the network.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelDamaged, ModelNotFound

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

logger = logging.getLogger(__name__)
Vectors = NDArray[np.float32]

SHIPPED = Path(__file__).parent / "weights" / "hoibao-static-vi"
_BATCH = 2048
_REINSTALL = "pip install --force-reinstall --no-deps hoibao"
_FEW = 32  # below this, importing SciPy costs more than it saves


class Embedder(Protocol):
    """Turns canonical texts into unit vectors."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def fingerprint(self) -> str:
        """Hash of the weights and the tokenizer: other vectors, other fingerprint."""

    @property
    def dimension(self) -> int:
        """Width d of the vectors."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return `(len(texts), d) float32`, unit rows; a text without a known token gives a zero row."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return `(len(texts), d) float32`, unit rows; comparable with passages by dot product."""


@dataclass(frozen=True, slots=True)
class KnownEmbedder:
    """A public model: its repository and the prefixes that it was trained with."""

    repository: str
    query_prefix: str = ""
    passage_prefix: str = ""


KNOWN = {
    "multilingual-e5-small": KnownEmbedder("intfloat/multilingual-e5-small", "query: ", "passage: "),
    "multilingual-e5-base": KnownEmbedder("intfloat/multilingual-e5-base", "query: ", "passage: "),
    "multilingual-e5-large": KnownEmbedder("intfloat/multilingual-e5-large", "query: ", "passage: "),
    "bge-m3": KnownEmbedder("BAAI/bge-m3"),
    "Vietnamese_Embedding": KnownEmbedder("AITeamVN/Vietnamese_Embedding"),
}


def load_embedder(
    name_or_path: str | Path | None = None, *, models_folder: str | Path | None = None
) -> Embedder:
    """Load an embedder: None for the shipped one, a folder, or the name of a model on this machine.

    A name is looked up in `models_folder` (where `hoibao models pull` puts models; by default `models` in
    hoibao's data folder), then in the cache of the Hugging Face hub. Raises ModelNotFound when it is not on
    the machine (nothing is downloaded), ModelDamaged when the folder does not hold a readable model.
    """
    if name_or_path is None:
        return StaticEmbedder(SHIPPED)
    path = Path(name_or_path).expanduser()
    if not path.is_dir():
        path = _find_on_machine(str(name_or_path), Path(models_folder or default_models_folder()))
    if _is_static(path):
        return StaticEmbedder(path)
    return TransformerEmbedder(path, _known(str(name_or_path)) or _known(path.name))


def _known(name: str) -> KnownEmbedder | None:
    tail = name.rstrip("/\\").replace("\\", "/").split("/")[-1].lower()
    return next((model for key, model in KNOWN.items() if key.lower() == tail), None)


def default_models_folder() -> Path:
    """Return `models` in hoibao's data folder (HOIBAO_HOME, else the system's place for applications)."""
    from platformdirs import user_data_path

    return Path(os.environ.get("HOIBAO_HOME") or user_data_path("hoibao", appauthor=False)) / "models"


def _find_on_machine(name: str, models_folder: Path) -> Path:
    for folder in models_folder.glob("*/"):
        if folder.name.casefold() == name.casefold():
            return folder
    known = _known(name)
    if known is None:
        raise ModelNotFound(
            f"không có thư mục hay mô hình nhúng nào tên {name!r}",
            repair=f"chọn một trong: {', '.join(KNOWN)}, hoặc một thư mục mô hình sentence-transformers",
        )
    from huggingface_hub import try_to_load_from_cache

    config = try_to_load_from_cache(known.repository, "modules.json")
    if isinstance(config, str):
        return Path(config).parent
    short = known.repository.split("/")[-1]
    raise ModelNotFound(f"chưa có mô hình nhúng {short} trên máy", repair=f"hoibao models pull {short}")


def _is_static(folder: Path) -> bool:
    """Tell whether the first module of a sentence-transformers folder is a StaticEmbedding."""
    try:
        modules = json.loads((folder / "modules.json").read_text("utf-8"))
        return str(modules[0]["type"]).endswith(".StaticEmbedding")
    except FileNotFoundError:
        return False
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ModelDamaged(
            f"không đọc được modules.json ({error})", path=folder, repair="chép lại thư mục mô hình"
        ) from error


def _fingerprint(folder: Path) -> str:
    """Hash the files that decide the vectors (weights, tokenizer), sorted by name."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.suffix in {".safetensors", ".bin", ".model"} or file.name in {"tokenizer.json", "vocab.txt"}:
            digest.update(file.relative_to(folder).as_posix().encode())
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:24]


class StaticEmbedder:
    """A StaticEmbedding folder (tokenizer.json, model.safetensors), read without torch.

    A text's vector is the mean of its tokens' rows, brought to length 1.
    """

    def __init__(self, folder: Path) -> None:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer, normalizers

        weights, tokenizer = folder / "model.safetensors", folder / "tokenizer.json"
        for file in (weights, tokenizer):
            if not file.is_file():
                raise ModelNotFound("mô hình nhúng thiếu tệp này", path=file, repair=_REINSTALL)
        try:
            tensors = load_file(weights)
            self._tokenizer: Tokenizer = Tokenizer.from_file(str(tokenizer))
            self._tokenizer.no_padding()
            self._tokenizer.no_truncation()
            self._lowered = _only_lowers(self._tokenizer)
            if self._lowered:
                self._tokenizer.normalizer = normalizers.Sequence([])
            self._table, self._rows = _table(tensors, self._tokenizer.get_vocab_size())
        except (SafetensorError, KeyError, ValueError, IndexError) as error:
            raise ModelDamaged(str(error), path=weights, repair=_REINSTALL) from error
        except Exception as error:  # tokenizers raises plain Exception for a file it cannot read
            raise ModelDamaged(str(error), path=tokenizer, repair=_REINSTALL) from error
        self.name = folder.name
        self._folder = folder

    def __reduce__(self) -> tuple[type[StaticEmbedder], tuple[Path]]:
        """Travel to another process as a folder: it is read anew there."""
        return StaticEmbedder, (self._folder,)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the weights and the tokenizer."""
        return _fingerprint(self._folder)

    @property
    def dimension(self) -> int:
        """Width of the vectors."""
        return int(self._table.shape[1])

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return `(n, d) float32`, unit rows (zero where no token is known)."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), _BATCH):
            # The tokenizer's own normaliser does the same, and takes a quarter of the whole time.
            batch = list(texts[start : start + _BATCH])
            if self._lowered:
                batch = [unicodedata.normalize("NFC", text).lower() for text in batch]
            encodings = self._tokenizer.encode_batch_fast(batch, add_special_tokens=False)
            self._pool([encoding.ids for encoding in encodings], vectors[start : start + len(batch)])
        return vectors

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return `(n, d) float32`; queries and passages are treated alike."""
        return self.encode_passages(texts)

    def _pool(self, ids: list[list[int]], out: Vectors) -> None:
        lengths = np.fromiter(map(len, ids), np.int64, len(ids))
        total = int(lengths.sum())
        rows = self._rows[np.fromiter(_flat(ids), np.int32, total)]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        if len(ids) <= _FEW:
            for number in range(len(ids)):
                out[number] = self._table[rows[starts[number] : starts[number + 1]]].sum(axis=0)
        else:
            from scipy.sparse import csr_matrix

            shape = (len(ids), len(self._table))
            out[:] = csr_matrix((np.ones(total, np.float32), rows, starts), shape) @ self._table
        norms = np.linalg.norm(out, axis=1, keepdims=True)
        np.divide(out, norms, out=out, where=norms > 1e-12)


def _only_lowers(tokenizer: Tokenizer) -> bool:
    """Tell whether all that the tokenizer normalises is NFC and lower case."""
    if tokenizer.normalizer is None:
        return False
    normalizer = json.loads(tokenizer.normalizer.__getstate__())
    steps = normalizer.get("normalizers", [normalizer])
    return [step.get("type") for step in steps] == ["NFC", "Lowercase"]


def _flat(lists: list[list[int]]) -> Iterator[int]:
    for inner in lists:
        yield from inner


def _table(tensors: dict[str, NDArray[np.generic]], vocabulary: int) -> tuple[Vectors, NDArray[np.int32]]:
    """Return the `(r, d) float32` table and the row of every token id, for both layouts of StaticEmbedding.

    Layouts: "embedding.weight" alone, or model2vec's "embeddings" with "mapping" (token id → row).
    """
    if "embedding.weight" in tensors:
        table = tensors["embedding.weight"].astype(np.float32)
        rows = np.arange(len(table), dtype=np.int32)
    else:
        table = tensors["embeddings"].astype(np.float32)
        mapping = tensors.get("mapping")
        rows = np.arange(len(table), dtype=np.int32) if mapping is None else mapping.astype(np.int32)
    if (
        table.ndim != 2
        or len(rows) != vocabulary
        or (len(rows) and not 0 <= rows.min() <= rows.max() < len(table))
    ):
        raise ValueError(f"bảng {table.shape} với {len(rows)} mục không khớp bộ từ vựng {vocabulary} mục")
    if "weights" in tensors:
        table = table[rows] * tensors["weights"].astype(np.float32)[:, None]
        rows = np.arange(len(table), dtype=np.int32)
    return table, rows


class TransformerEmbedder:
    """Any other sentence-transformers folder on this machine; torch is imported on first use."""

    def __init__(self, folder: Path, known: KnownEmbedder | None = None) -> None:
        self._folder = folder
        self._known = known or KnownEmbedder(folder.name)
        self.name = self._known.repository.split("/")[-1]

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the weights and the tokenizer."""
        return _fingerprint(self._folder)

    @cached_property
    def _model(self) -> SentenceTransformer:
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        from sentence_transformers import SentenceTransformer

        try:
            return SentenceTransformer(str(self._folder), device=None, local_files_only=True)
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise ModelDamaged(
                f"sentence-transformers không nạp được ({error})", path=self._folder,
                repair=f"hoibao models pull {self.name}",
            ) from error  # fmt: skip

    @property
    def dimension(self) -> int:
        """Width of the vectors."""
        width = self._model.get_embedding_dimension()
        if width is None:
            raise ModelDamaged("mô hình không cho biết số chiều của vectơ", path=self._folder)
        return int(width)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return `(n, d) float32`, unit rows; the known passage prefix goes before each text."""
        return self._encode([self._known.passage_prefix + text for text in texts])

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return `(n, d) float32`, unit rows; the known query prefix goes before each text."""
        return self._encode([self._known.query_prefix + text for text in texts])

    def _encode(self, texts: list[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        vectors = self._model.encode(
            texts, batch_size=32, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(vectors, np.float32)
