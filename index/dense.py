"""The dense leg: FAISS over unit vectors, cosine similarity, with filters inside the search.

Flat while small, IVF with 8-bit scalar quantisation beyond `FLAT_LIMIT`. A folder holds the main index
(dense.faiss, read through a memory map) and what came later (dense.delta.npz: exact vectors, searched with
NumPy), so that adding a few articles to a large library writes a few vectors. When the later part grows
past `DELTA_LIMIT`, both become a new main index. What was removed is masked by the caller's selection. This
module knows no texts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from index.generation import REPAIR, link
from index.lexical import Ranking
from models.errors import LibraryDamaged

FLAT_LIMIT = 100_000
"""Passages up to which search is exact: measured, see benchmarks/scale.py."""

DELTA_LIMIT = 5_000
"""Vectors that may wait beside the main index: searching them one by one takes half a millisecond."""

_ALONE = 20_000  # vectors of a flat index up to which waiting for a second thread costs more than it saves
_TRAINING_PER_LIST = 48
_faiss: Any = faiss  # its stubs do not know the keywords of its own constructors
_log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
Block = tuple[Ids, Floats]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which passages may be found: a bitmap over passage ids, one bit each, lowest bit first."""

    bits: npt.NDArray[np.uint8]
    count: int

    @staticmethod
    def of(allowed: npt.NDArray[np.bool_]) -> Selection:
        """Make a selection of a mask over passage ids."""
        return Selection(np.packbits(allowed, bitorder="little"), int(np.count_nonzero(allowed)))

    def has(self, ids: Ids) -> npt.NDArray[np.bool_]:
        """Return which of the ids are selected."""
        inside = ids < len(self.bits) * 8
        safe = np.where(inside, ids, 0)
        found: npt.NDArray[np.bool_] = inside & ((self.bits[safe >> 3] >> (safe & 7) & 1) > 0)
        return found


class DenseIndex:
    """A dense index opened for reading."""

    def __init__(self, folder: Path, dimension: int) -> None:
        """Open the index in `folder`. Raises `LibraryDamaged`."""
        self.dimension = dimension
        self._main: Any = None
        try:
            if (folder / "dense.faiss").exists():
                self._main = faiss.read_index(str(folder / "dense.faiss"), faiss.IO_FLAG_MMAP)
            with np.load(folder / "dense.delta.npz") as stored:
                self.delta_ids: Ids = stored["ids"]
                self._delta: Floats = stored["vectors"].astype(np.float32)
        except (OSError, RuntimeError, ValueError, KeyError) as error:
            raise LibraryDamaged("không đọc được chỉ mục nghĩa", path=folder, repair=REPAIR) from error
        self._ivf = None if self._main is None else faiss.try_extract_index_ivf(self._main)

    @property
    def size(self) -> int:
        """The number of vectors, those of removed passages included."""
        return self.main_size + len(self.delta_ids)

    @property
    def main_size(self) -> int:
        """The number of vectors in the main index."""
        return 0 if self._main is None else int(self._main.ntotal)

    @property
    def approximate(self) -> bool:
        """Is the main index an inverted file rather than exact?"""
        return self._ivf is not None

    def search(self, vector: Floats, *, k: int, only: Selection | None = None, probes: int = 24) -> Ranking:
        """Return the `k` passages nearest to a `(dimension,)` unit vector; scores are cosines in [-1, 1]."""
        if vector.shape != (self.dimension,):
            raise ValueError(f"vector must have shape ({self.dimension},), got {vector.shape}")
        if k <= 0 or self.size == 0 or (only is not None and only.count == 0):
            return Ranking.nothing()
        ids, scores = [], []
        if self._main is not None:
            found_scores, found_ids = self._search_main(vector[None, :], k, only, probes)
            valid = found_ids[0] >= 0
            ids.append(found_ids[0][valid])
            scores.append(found_scores[0][valid])
        if len(self.delta_ids):
            near = self._delta @ vector
            chosen = np.arange(len(near)) if only is None else np.flatnonzero(only.has(self.delta_ids))
            if len(chosen) > k:
                chosen = chosen[np.argpartition(-near[chosen], k)[:k]]
            ids.append(self.delta_ids[chosen])
            scores.append(near[chosen])
        if not ids:
            return Ranking.nothing()
        all_ids, all_scores = np.concatenate(ids), np.concatenate(scores)
        best = np.argsort(-all_scores, kind="stable")[:k]
        return Ranking(all_ids[best].astype(np.int64), all_scores[best].astype(np.float32))

    def _search_main(
        self, vectors: Floats, k: int, only: Selection | None, probes: int
    ) -> tuple[Floats, Ids]:
        selector = None
        if only is not None:
            selector = faiss.IDSelectorBitmap(len(only.bits), faiss.swig_ptr(only.bits))
        parameters: Any
        if self._ivf is not None:
            if only is not None and only.count < self.main_size // 4:
                # few passages qualify: look into more lists, so that enough of them are met
                probes = int(min(self._ivf.nlist, probes * max(2, self.main_size // (4 * only.count))))
            parameters = _faiss.SearchParametersIVF(nprobe=min(probes, self._ivf.nlist))
        else:
            parameters = faiss.SearchParameters()
        if selector is not None:
            parameters.sel = selector
        threads = faiss.omp_get_max_threads()
        if self._ivf is not None or self.main_size <= _ALONE:
            faiss.omp_set_num_threads(1)  # of this thread only
        try:
            scores, ids = self._main.search(vectors, min(k, self.main_size), params=parameters)
        finally:
            faiss.omp_set_num_threads(threads)
        return scores, ids


def list_count(vectors: int) -> int:
    """Return the number of inverted lists for so many vectors: about 2 √n, a power of two."""
    return int(2 ** round(np.log2(2 * np.sqrt(max(vectors, 1)))))


def write(
    folder: Path,
    *,
    dimension: int,
    previous: Path | None,
    added: list[Block],
    alive: npt.NDArray[np.bool_],
    everything: Callable[[], Iterator[Block]],
) -> None:
    """Write the dense index of a new generation.

    `previous` is the folder of the generation before, `added` the new vectors with their ids, `alive` a mask
    over all passage ids; `everything` yields all living vectors, the new ones too, and is only called where
    the main index has to be made from the ground up.
    """
    target = folder / "dense.faiss"
    main_size, trained = 0, 0
    delta = added
    living = int(np.count_nonzero(alive))
    main: Any = None
    if previous is not None:
        old = DenseIndex(previous, dimension)
        main_size = old.main_size
        delta = [(old.delta_ids, old._delta), *added] if len(old.delta_ids) else added
        if old._ivf is not None:
            trained = old._ivf.nlist
        del old
    elif living <= DELTA_LIMIT:
        delta = list(everything())
    delta_size = sum(len(ids) for ids, _ in delta) if previous is not None else living
    if delta_size <= DELTA_LIMIT and living * 2 >= main_size:
        if previous is not None and main_size:
            link(previous / "dense.faiss", target)
        _write_delta(folder, dimension, delta, alive)
        return
    wanted = list_count(living) if living > FLAT_LIMIT else 0
    if (
        previous is not None
        and main_size
        and living * 2 >= main_size
        and (wanted <= 2 * trained if wanted else not trained)
    ):
        main = faiss.read_index(str(previous / "dense.faiss"))
        gone = np.flatnonzero(~alive).astype(np.int64)
        if len(gone):
            main.remove_ids(faiss.IDSelectorBatch(gone))
        for ids, vectors in delta:
            keep = alive[ids]
            main.add_with_ids(np.ascontiguousarray(vectors[keep], np.float32), ids[keep])
    else:
        main = _new_main(dimension, living, wanted, everything)
    faiss.write_index(main, str(target))
    _write_delta(folder, dimension, [], alive)


def _new_main(dimension: int, living: int, lists: int, everything: Callable[[], Iterator[Block]]) -> Any:
    main: Any
    if not lists:
        main = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
    else:
        quantizer = faiss.IndexFlatIP(dimension)
        main = faiss.IndexIVFScalarQuantizer(
            quantizer, dimension, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, True
        )
        main.cp.niter = 8
        _log.info("training %d lists on a sample of %d vectors", lists, living)
        main.train(_sample(everything(), living, lists * _TRAINING_PER_LIST, dimension))
    for ids, vectors in everything():
        main.add_with_ids(np.ascontiguousarray(vectors, np.float32), ids)
    return main


def _sample(blocks: Iterator[Block], living: int, wanted: int, dimension: int) -> Floats:
    share = min(1.0, wanted / max(living, 1))
    random = np.random.default_rng(7)
    parts = [vectors[random.random(len(vectors)) < share] for _, vectors in blocks]
    sample: Floats = (
        np.concatenate(parts).astype(np.float32) if parts else np.empty((0, dimension), np.float32)
    )
    return sample


def _write_delta(folder: Path, dimension: int, blocks: list[Block], alive: npt.NDArray[np.bool_]) -> None:
    ids = np.concatenate([ids for ids, _ in blocks]) if blocks else np.empty(0, np.int64)
    vectors = np.concatenate([v for _, v in blocks]) if blocks else np.empty((0, dimension), np.float32)
    keep = alive[ids]
    np.savez(folder / "dense.delta.npz", ids=ids[keep], vectors=vectors[keep].astype(np.float16))
