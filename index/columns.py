"""What filters need of every passage, as arrays over passage ids: article, date, source.

Ids of passages are never used again, so the arrays only grow; a removed passage has article -1. At a million
passages this is 16 MB, read when a library is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.dense import Selection
from index.generation import REPAIR
from index.lexical import Filter
from models.errors import LibraryDamaged


@dataclass(frozen=True, slots=True)
class Columns:
    """Arrays of one length: `article` keys (-1: removed), `day` ordinals (0: no date), `source` codes."""

    article: npt.NDArray[np.int64]
    day: npt.NDArray[np.int32]
    source: npt.NDArray[np.int32]
    sources: tuple[str, ...]

    @staticmethod
    def nothing() -> Columns:
        """Return the columns of an empty library."""
        return Columns(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int32), ())

    @staticmethod
    def load(folder: Path) -> Columns:
        """Read columns.npz. Raises `LibraryDamaged`."""
        try:
            with np.load(folder / "columns.npz", allow_pickle=False) as stored:
                sources = tuple(str(name) for name in stored["sources"])
                return Columns(stored["article"], stored["day"], stored["source"], sources)
        except (OSError, ValueError, KeyError) as error:
            raise LibraryDamaged(
                "không đọc được bảng ngày và nguồn của các đoạn", path=folder / "columns.npz", repair=REPAIR
            ) from error

    def save(self, folder: Path) -> None:
        """Write columns.npz."""
        np.savez(
            folder / "columns.npz",
            article=self.article,
            day=self.day,
            source=self.source,
            sources=np.array(self.sources, dtype=np.str_),
        )

    @property
    def alive(self) -> npt.NDArray[np.bool_]:
        """A mask of the passages that were not removed."""
        return self.article >= 0

    @property
    def living_sources(self) -> tuple[str, ...]:
        """The sources of passages that were not removed, in the order in which they came."""
        codes = np.unique(self.source[self.alive])
        return tuple(name for name in (self.sources[code] for code in codes) if name)

    def with_changes(self, rows: list[ColumnRow], removed: set[int], size: int) -> Columns:
        """Return columns of length `size` with new passages entered and removed articles struck out."""
        old = len(self.article)
        article = np.full(size, -1, np.int64)
        day = np.zeros(size, np.int32)
        source = np.zeros(size, np.int32)
        article[:old], day[:old], source[:old] = self.article, self.day, self.source
        codes = {name: code for code, name in enumerate(self.sources)}
        for row in rows:
            part = slice(row.first, row.first + row.count)
            article[part], day[part] = row.article, row.day
            source[part] = codes.setdefault(row.source, len(codes))
        if removed:
            article[np.isin(article, np.fromiter(removed, np.int64, len(removed)))] = -1
        return Columns(article, day, source, tuple(codes))

    def select(self, only: Filter) -> Selection | None:
        """Return the living passages that pass a filter; None where nothing at all is excluded."""
        mask = self.alive
        if only.empty and bool(mask.all()):
            return None
        if only.since is not None or only.until is not None:
            mask &= self.day > 0
        if only.since is not None:
            mask &= self.day >= only.since.toordinal()
        if only.until is not None:
            mask &= self.day <= only.until.toordinal()
        if only.sources is not None:
            codes = [code for code, name in enumerate(self.sources) if name in only.sources]
            mask &= np.isin(self.source, np.array(codes, np.int32))
        if only.articles is not None:
            mask &= np.isin(self.article, np.fromiter(only.articles, np.int64, len(only.articles)))
        return Selection.of(mask)


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """The passages first … first + count - 1 of one article; `day` is an ordinal, 0 without a date."""

    first: int
    count: int
    article: int
    day: int
    source: str
