"""First step of the reader's recipe: syllables, their weights and vectors from plain text.

Vectors are positive pointwise mutual information of syllables within four places, reduced by a truncated
singular value decomposition (Levy & Goldberg 2014): two CPU minutes, no gradient.
"""

from __future__ import annotations

import json
import logging
import lzma
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix, csr_matrix
from sklearn.utils.extmath import randomized_svd

from index.normalize import canonical
from models.reader_text import tokens_of
from models.training.splits import TEST, TUNE

logger = logging.getLogger(__name__)

# How many documents of each corpus are read: the first ones that are not held out.
SHARES = {"viwiki_uts": 8_000, "baomoi2017": 16_000, "vietnews": 16_000, "rss2025": 60_000, "vntc": 12_000}
_UNSEEN = frozenset(title.lower() for title in TEST | TUNE)
_SOURCE_LINE = re.compile(r"^={2,}.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a corpus, canonical; `paragraphs` are its lines, its `abstract`, if any, first."""

    corpus: str
    title: str
    paragraphs: tuple[str, ...]
    abstract: str = ""


def held_out(title: str) -> bool:
    """Return whether a news document is kept for testing (one in fifty, by a hash of its title)."""
    return zlib.crc32(title.encode()) % 50 == 0


def documents(data: Path, *, testing: bool = False, limit: float = 1.0) -> Iterator[Document]:
    """Yield the training documents of all corpora (or the held-out news, where `testing`).

    Articles of viwiki with the titles of ViQuAD's TUNE and TEST articles are left out.
    """
    for corpus, share in SHARES.items():
        if testing and corpus == "viwiki_uts":
            continue
        count = 0
        with lzma.open(data / "corpora" / f"{corpus}.jsonl.xz", "rt", encoding="utf-8") as lines:
            for line in lines:
                item = json.loads(line)
                title = canonical(item.get("title") or "").strip()
                if title.lower() in _UNSEEN or held_out(title) != testing:
                    continue
                text = canonical(_SOURCE_LINE.sub("", item.get("text") or ""))
                parts = [part.strip() for part in text.split("\n")]
                abstract = canonical(item.get("abstract") or "").strip()
                paragraphs = tuple(part for part in [abstract, *parts] if len(part) > 30)
                if not paragraphs:
                    continue
                yield Document(corpus, title, paragraphs, abstract if len(abstract) > 30 else "")
                count += 1
                if count >= share * limit * (0.02 if testing else 1):
                    break


def learn_vocabulary(texts: list[str], *, size: int) -> tuple[list[str], npt.NDArray[np.float32]]:
    """Return the most frequent lower-case syllables and marks with their idf over the texts."""
    total: Counter[str] = Counter()
    spread: Counter[str] = Counter()
    for text in texts:
        found = [m.group().lower() for m in tokens_of(text)]
        found = [token for token in found if not token[0].isdigit()]
        total.update(found)
        spread.update(set(found))
    words = [word for word, count in total.most_common(size) if count >= 5]
    idf = np.array([np.log(len(texts) / (1 + spread[word])) for word in words], np.float32)
    return words, np.maximum(idf, 0.05)


def learn_vectors(
    sequences: list[npt.NDArray[np.int32]], *, size: int, dimension: int, window: int = 4
) -> npt.NDArray[np.float32]:
    """Return (size, dimension) unit rows learned from sequences of embedding ids; 0 is never seen."""
    counts = csr_matrix((size, size), dtype=np.float32)
    chunk = 400_000
    buffer: list[npt.NDArray[np.int32]] = []
    held = 0

    def flush() -> csr_matrix:
        flat = np.concatenate(buffer)
        total = csr_matrix((size, size), dtype=np.float32)
        for distance in range(1, window + 1):
            left, right = flat[:-distance], flat[distance:]
            keep = (left > 0) & (right > 0)
            weight = np.full(int(keep.sum()), 1 / distance, np.float32)
            total = total + coo_matrix((weight, (left[keep], right[keep])), shape=(size, size)).tocsr()
        return total

    gap = np.zeros(window, np.int32)
    for sequence in sequences:
        buffer += [sequence, gap]
        held += len(sequence)
        if held > chunk * 10:
            counts = counts + flush()
            buffer, held = [], 0
    if buffer:
        counts = counts + flush()
    counts = (counts + counts.T).tocoo()
    rows = np.asarray(counts.sum(axis=1)).ravel() + 1e-6
    smooth = rows**0.75
    smooth /= smooth.sum()
    value = np.log(counts.data / (rows[counts.row] * smooth[counts.col]))
    keep = value > 0
    logger.info("%d pairs with positive information", int(keep.sum()))
    matrix = csr_matrix((value[keep], (counts.row[keep], counts.col[keep])), shape=(size, size))
    left, strength, _ = randomized_svd(matrix, n_components=dimension, n_iter=3, random_state=0)
    vectors = left * np.sqrt(strength)
    norm = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norm, 1e-6), np.float32)
