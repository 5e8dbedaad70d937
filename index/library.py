"""Library: a folder of indexed articles. Open it, add to it, search it.

A library follows CURRENT: whatever another process publishes is seen by the next call. Everything that is
written goes through `index.writing`; how a search runs is on one screen in `index.search`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from index import generation
from index.chunk import CHUNKER_VERSION
from index.generation import SCHEMA_VERSION, Manifest
from index.lexical import Filter
from index.normalize import NORMALIZER_VERSION
from index.search import SearchSettings, Snapshot
from index.sources import named
from index.store import Store
from index.types import Article, Hit, Passage
from models.embed import SHIPPED, load_embedder
from models.errors import LibraryDamaged, LibraryError, LibraryNotFound

if TYPE_CHECKING:
    from index.adding import Adder
    from index.report import AddReport, ProgressCallback
    from models.embed import Embedder
    from models.rerank import Reranker

_log = logging.getLogger(__name__)


class Library:
    """A library of articles on disk: one writer at a time, many readers. Safe to use from several threads."""

    def __init__(
        self, path: Path, manifest: Manifest, embedder: Embedder | None, reranker: Reranker | None = None
    ) -> None:
        """Use `Library.open`."""
        self.path = path
        self._embedder = embedder
        self._reranker = reranker
        self._lock = threading.RLock()
        self._store = Store(path / "articles.sqlite")
        try:
            self._snapshot = Snapshot(path, manifest, self._store)
        except Exception:
            self._store.close()
            raise
        self._closed = False

    # ── opening and closing ────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def open(
        cls,
        path: str | Path,
        create: bool = False,
        embedder: Embedder | None = None,
        reranker: Reranker | None = None,
    ) -> Library:
        """Open the library in the folder `path`; with `create`, make an empty one if there is none.

        Without `embedder` the one that the library was built with is loaded when it is first needed (for a
        new library: the shipped one). A `reranker` (`models.rerank.load_reranker`) puts the first hits of a
        search into its own order. Raises `LibraryNotFound`, `LibraryMismatch` (built with another
        embedder, normaliser, splitter or schema: `Library.rebuild` repairs it), `LibraryDamaged`.
        """
        root = Path(path)
        for _ in range(20):
            number = generation.current(root)
            if number is None:
                if (root / "articles.sqlite").exists() and not create:
                    raise LibraryDamaged("thiếu tệp CURRENT", path=root, repair=generation.REPAIR)
                if not create:
                    raise LibraryNotFound(
                        "chưa có thư viện ở đây", path=root, repair=f"hoibao add THƯ_MỤC_BÀI --library {root}"
                    )
                from index.rebuilding import create as create_empty

                create_empty(root, identity(embedder or load_embedder()))
                continue
            try:
                manifest = generation.read_manifest(root, number)
                manifest.require(identity(embedder), path=root)
                generation.check(root, manifest, thorough=False)
                return cls(root, manifest, embedder, reranker)
            except LibraryDamaged:
                if generation.current(root) == number:
                    raise
        raise LibraryDamaged("chỉ mục đổi liên tục, không kịp mở", path=root)

    @classmethod
    def rebuild(
        cls,
        path: str | Path,
        *,
        embedder: Embedder | None = None,
        progress: ProgressCallback | None = None,
    ) -> Library:
        """Make all indexes anew from articles.sqlite, with this embedder (the shipped one by default).

        Repairs a library that `open` refuses with `LibraryMismatch`, or whose index files are damaged.
        Raises `LibraryLocked`, `LibraryNotFound`, `LibraryDamaged` if the articles themselves are damaged.
        """
        from index.rebuilding import rebuild

        root = Path(path)
        if not (root / "articles.sqlite").exists():
            raise LibraryNotFound("chưa có thư viện ở đây", path=root, repair="hoibao add THƯ_MỤC_BÀI")
        embedder = embedder or load_embedder()
        rebuild(root, identity(embedder), embedder, progress)
        return cls.open(root, embedder=embedder)

    def close(self) -> None:
        """Close the files; closing twice is allowed."""
        with self._lock:
            self._closed = True
            self._store.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ── changing ───────────────────────────────────────────────────────────────────────────────────────────

    def add(
        self, paths: str | Path | Iterable[str | Path], progress: ProgressCallback | None = None
    ) -> AddReport:
        """Read files and folders and make them part of the library.

        Files that have not changed since they were added are skipped; what a changed file held before is
        replaced. What cannot be read is listed in the report; the rest goes on. An interrupted run goes on
        where it was when it is started again. Raises `LibraryLocked` if another process is writing.
        """
        several = [paths] if isinstance(paths, str | Path) else list(paths)
        with self._adding(progress) as adder:
            adder.add_files([Path(path) for path in several])
        return adder.report

    def add_articles(
        self, articles: Iterable[Article], progress: ProgressCallback | None = None
    ) -> AddReport:
        """Add articles that were made in memory; one with the id of an article that is there replaces it."""
        with self._adding(progress) as adder:
            adder.add_articles(articles)
        return adder.report

    def remove(self, article_id: str) -> bool:
        """Remove an article; return False if there is none with this id."""
        with self._adding(None) as adder:
            return adder.remove(article_id)

    # ── asking ─────────────────────────────────────────────────────────────────────────────────────────────

    def search(
        self,
        query: str,
        *,
        k: int = 10,
        since: date | None = None,
        until: date | None = None,
        source: str | None = None,
        articles: Iterable[str] | None = None,
        now: date | None = None,
        settings: SearchSettings | None = None,
    ) -> list[Hit]:
        """Return the best `k` passages for a question, best first.

        `since` and `until` (both inclusive), `source` and `articles` (ids) are hard filters; articles without
        a date pass no date filter, and a source is found without regard to capitals and tone marks. `now` is
        the day that words like "hôm qua" are counted from (today by default). A question without any word
        finds nothing.
        """
        snapshot = self._refresh()
        keys = None if articles is None else self._keys(articles, snapshot)
        sources = None if source is None else named(source, snapshot.columns.living_sources)
        only = Filter(since=since, until=until, sources=sources, articles=keys)
        return snapshot.search(
            query,
            k=k,
            only=only,
            now=now,
            embedder=lambda: self.embedder,
            settings=settings or SearchSettings(),
            reranker=self._reranker,
        )

    def articles(self) -> Iterator[Article]:
        """Yield all articles in the order in which they were added."""
        for stored in self._store.articles(self._refresh().manifest.generation):
            yield stored.article

    def article(self, article_id: str) -> Article | None:
        """Return the article with this id, None if there is none."""
        stored = self._store.article(article_id, self._refresh().manifest.generation)
        return None if stored is None else stored.article

    def passages(self, article_id: str) -> list[Passage]:
        """Return the passages of an article in order; none for an unknown id."""
        stored = self._store.article(article_id, self._refresh().manifest.generation)
        return [] if stored is None else [found.passage for found in self._store.article_passages(stored)]

    def neighbours(self, passage: Passage, *, before: int = 1, after: int = 1) -> list[Passage]:
        """Return the passages around one in its article, without it, in order."""
        wanted = [n for n in range(passage.id - before, passage.id + after + 1) if n != passage.id and n >= 0]
        found = self._store.passages(wanted)
        return [
            found[n].passage
            for n in wanted
            if n in found and found[n].passage.article_id == passage.article_id
        ]

    def copies(self, article_id: str) -> list[str]:
        """Return the further paths under which the same article was added."""
        stored = self._store.article(article_id, self._refresh().manifest.generation)
        return [] if stored is None else self._store.copies(stored.key)

    @property
    def manifest(self) -> Manifest:
        """What the library was built with, and its counts."""
        return self._refresh().manifest

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that articles name, in the order in which they came."""
        return self._refresh().columns.living_sources

    def __len__(self) -> int:
        """The number of articles."""
        return self.manifest.articles

    def verify(self) -> None:
        """Check every checksum of the library. Raises `LibraryDamaged` at the first that is wrong."""
        manifest = self._refresh().manifest
        generation.check(self.path, manifest, thorough=True)
        self._store.verify()

    @property
    def embedder(self) -> Embedder:
        """The embedder of this library, loaded on first use. Raises `ModelNotFound`, `LibraryMismatch`."""
        with self._lock:
            if self._embedder is None:
                embedder = load_named(self._snapshot.manifest.embedder)
                self._snapshot.manifest.require(identity(embedder), path=self.path)
                self._embedder = embedder
            return self._embedder

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _adding(self, progress: ProgressCallback | None) -> Iterator[Adder]:
        from index.adding import Adder
        from index.rebuilding import writing
        from index.writing import recover

        with writing(self.path) as store:
            recover(self.path, store)
            manifest = self._refresh().manifest
            with Adder(self.path, store, manifest, lambda: self.embedder, progress) as adder:
                yield adder
        self._refresh()

    def _refresh(self) -> Snapshot:
        """Return the indexes of the generation that CURRENT names, opened anew if it has changed."""
        with self._lock:
            if self._closed:
                raise LibraryError("thư viện đã đóng", path=self.path, repair="mở lại thư viện")
            for _ in range(20):
                number = generation.current(self.path)
                if number is None:
                    raise LibraryNotFound("thư viện không còn nữa", path=self.path, repair="mở thư viện khác")
                if number == self._snapshot.manifest.generation:
                    break
                try:
                    manifest = generation.read_manifest(self.path, number)
                    manifest.require(identity(self._embedder), path=self.path)
                    self._snapshot = Snapshot(self.path, manifest, self._store)
                except LibraryDamaged:
                    if generation.current(self.path) == number:
                        raise
            return self._snapshot

    def _keys(self, articles: Iterable[str], snapshot: Snapshot) -> frozenset[int]:
        number = snapshot.manifest.generation
        found = (self._store.article(article_id, number) for article_id in articles)
        return frozenset(stored.key for stored in found if stored is not None)


def identity(embedder: Embedder | None) -> Manifest:
    """Return what a library made by this program with this embedder says of itself; None leaves it open."""
    return Manifest(
        schema=SCHEMA_VERSION,
        embedder="" if embedder is None else embedder.name,
        fingerprint="" if embedder is None else embedder.fingerprint,
        dimension=0 if embedder is None else embedder.dimension,
        normalizer=NORMALIZER_VERSION,
        chunker=CHUNKER_VERSION,
    )


def load_named(name: str) -> Embedder:
    """Load the embedder that a manifest names."""
    return load_embedder(None if name == SHIPPED.name else name)
