"""The lexical leg: BM25 over syllables, pairs of syllables and titles, each with and without tone marks.

tantivy holds, per passage, terms that `index.tokens` has made already, joined by blanks. The question comes
as weighted terms per field. Filters are part of the query: no hit is thrown away afterwards. A folder is
written once and never changed after its generation was published (see `index.generation`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tantivy

from index.generation import REPAIR
from models.errors import LibraryDamaged

FIELDS = ("accented", "toneless", "pairs", "toneless_pairs", "title", "toneless_title")
_FEW = 1_000  # passages that a term may always have
_HEAP = 400_000_000  # bytes of the writer before it flushes a segment: fewer segments, fewer merges
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a hit must satisfy: dates are inclusive, articles without a date pass no date filter."""

    since: date | None = None
    until: date | None = None
    sources: frozenset[str] | None = None  # names as they are stored
    articles: frozenset[int] | None = None  # keys in the store

    @property
    def empty(self) -> bool:
        """Does everything pass?"""
        return self.since is None and self.until is None and self.sources is None and self.articles is None


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """Weighted terms by field. A term of weight w adds w times its BM25 score in that field."""

    terms: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Passage ids with scores, best first; both arrays have one dimension and the same length."""

    ids: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]

    @staticmethod
    def nothing() -> Ranking:
        """Return a ranking without passages."""
        return Ranking(np.empty(0, np.int64), np.empty(0, np.float32))


@dataclass(frozen=True, slots=True)
class LexicalEntry:
    """A passage as the lexical index takes it; the text fields hold terms joined by blanks."""

    id: int
    article: int
    day: date | None
    source: str
    accented: str
    toneless: str
    pairs: str
    toneless_pairs: str
    title: str
    toneless_title: str


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", stored=False, indexed=False, fast=True)
    builder.add_unsigned_field("article", stored=False, indexed=True, fast=True)
    builder.add_integer_field("day", stored=False, indexed=True, fast=True)
    builder.add_text_field("source", stored=False, tokenizer_name="raw", index_option="basic")
    for name in FIELDS:
        builder.add_text_field(name, stored=False, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


class LexicalIndex:
    """A lexical index opened for reading; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open the index in `folder`. Raises `LibraryDamaged`."""
        try:
            self._index = tantivy.Index.open(str(folder))
            self._index.config_reader("manual")
            self._index.reload()
            self._searcher = self._index.searcher()
        except (ValueError, OSError) as error:
            raise LibraryDamaged("không đọc được chỉ mục từ", path=folder, repair=REPAIR) from error
        self._schema = self._index.schema
        self._folder = folder
        self._frequency = lru_cache(maxsize=50_000)(self._searcher.doc_freq)

    @property
    def size(self) -> int:
        """The number of passages."""
        return int(self._searcher.num_docs)

    def document_frequency(self, name: str, term: str) -> int:
        """Return in how many passages a term occurs in a field."""
        return int(self._frequency(name, term))

    def search(
        self,
        query: LexicalQuery,
        *,
        k: int,
        only: Filter | None = None,
        commonest: Mapping[str, float] | None = None,
    ) -> Ranking:
        """Return the best `k` passages by the weighted sum of the BM25 scores of their terms.

        `commonest` names a share of the passages by field: terms that more of them have are left out, unless
        all are. They say least and take the most time, as every passage that has any term is scored.
        """
        wanted = [
            (name, term, weight)
            for name, terms in query.terms.items()
            for term, weight in terms.items()
            if weight > 0
        ]
        most = {name: max(share * self.size, _FEW) for name, share in (commonest or {}).items()}
        telling = [
            one for one in wanted if self.document_frequency(one[0], one[1]) <= most.get(one[0], self.size)
        ]
        parts = [(tantivy.Occur.Should, self._term(*one)) for one in telling or wanted]
        if not parts or k <= 0:
            return Ranking.nothing()
        whole = tantivy.Query.boolean_query(parts)
        if only is not None and not only.empty:
            whole = tantivy.Query.boolean_query([(tantivy.Occur.Must, whole), *self._conditions(only)])
        try:
            hits = self._searcher.search(whole, limit=k, count=False).hits
            ids = self._searcher.fast_field_values("id", [address for _, address in hits])
        except (ValueError, OSError) as error:
            raise LibraryDamaged("không đọc được chỉ mục từ", path=self._folder, repair=REPAIR) from error
        return Ranking(
            np.fromiter((int(value or 0) for value in ids), np.int64, len(ids)),
            np.fromiter((score for score, _ in hits), np.float32, len(hits)),
        )

    def _term(self, name: str, term: str, weight: float) -> tantivy.Query:
        query = tantivy.Query.term_query(self._schema, name, term, "freq")
        return query if weight == 1.0 else tantivy.Query.boost_query(query, weight)

    def _conditions(self, only: Filter) -> list[tuple[tantivy.Occur, tantivy.Query]]:
        conditions = []
        if only.since is not None or only.until is not None:
            conditions.append(
                tantivy.Query.range_query(
                    self._schema,
                    "day",
                    tantivy.FieldType.Integer,
                    None if only.since is None else only.since.toordinal(),
                    None if only.until is None else only.until.toordinal(),
                )
            )
        if only.sources is not None:
            conditions.append(tantivy.Query.term_set_query(self._schema, "source", sorted(only.sources)))
        if only.articles is not None:
            conditions.append(tantivy.Query.term_set_query(self._schema, "article", sorted(only.articles)))
        return [(tantivy.Occur.Must, tantivy.Query.const_score_query(c, 0.0)) for c in conditions]


class LexicalWriter:
    """Writes a lexical index in the folder of a generation that is not published yet."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        """Open the index in `folder`, or make one there. Raises `LibraryDamaged`."""
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._index = tantivy.Index(_schema(), path=str(folder), reuse=True)
            self._writer = self._index.writer(heap_size=_HEAP, num_threads=threads)
        except ValueError as error:
            raise LibraryDamaged(
                f"không ghi được chỉ mục từ ({error})", path=folder, repair=REPAIR
            ) from error
        self._added = 0

    def add(self, entries: Sequence[LexicalEntry]) -> None:
        """Add passages."""
        for entry in entries:
            document = tantivy.Document()
            document.add_unsigned("id", entry.id)
            document.add_unsigned("article", entry.article)
            if entry.day is not None:
                document.add_integer("day", entry.day.toordinal())
            if entry.source:
                document.add_text("source", entry.source)
            for name in FIELDS:
                if text := getattr(entry, name):
                    document.add_text(name, text)
            self._writer.add_document(document)
        self._added += len(entries)

    def remove(self, article: int) -> None:
        """Remove the passages of an article by its key."""
        # by a query: deleting by term takes an int for a signed one and matches nothing in this field
        term = tantivy.Query.term_query(self._index.schema, "article", article, "basic")
        self._writer.delete_documents_by_query(term)

    def close(self) -> None:
        """Commit; wait for segments to merge after much was added, leave that for later after little."""
        self._writer.commit()
        self._index.reload()
        searcher = self._index.searcher()
        if self._added * 20 >= searcher.num_docs or searcher.num_segments > 24:
            self._writer.wait_merging_threads()
        del self._writer
