"""Adding to a library: which files are new, which changed, which articles they make appear and disappear."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Sized
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from types import TracebackType

from index.generation import Manifest
from index.ingest import Prepared, Preparer
from index.read import article_files, read_path
from index.report import AddReport, Progress, ProgressCallback
from index.store_writer import Known, WritableStore
from index.types import Article
from index.writing import NewArticle, NewGeneration
from models.embed import Embedder, StaticEmbedder
from models.errors import InputError, reason_of

BATCH = 200_000
"""Characters of articles that are prepared, embedded and stored together."""

PARALLEL = 5_000_000
"""Bytes of files from which on articles are prepared in other processes, which take a second to start."""

CHUNK = 100_000
"""Passages after which a generation is published, or a half of the library where that is more.

It is what an interruption can cost; but publishing copies much of what the library holds.
"""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Counts:
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    removed: int = 0
    passages: int = 0
    failed: list[InputError] = field(default_factory=list)


class Adder:
    """One run of changes by the holder of the writer lock; leaving it without an error publishes the rest."""

    def __init__(
        self,
        root: Path,
        store: WritableStore,
        manifest: Manifest,
        embedder: Callable[[], Embedder],
        progress: ProgressCallback | None,
    ) -> None:
        """Prepare changes to the generation of `manifest`; nothing is written before the first change."""
        self._root, self._store, self._manifest = root, store, manifest
        self._load_embedder, self._progress = embedder, progress
        self._new: NewGeneration | None = None
        self._preparer = Preparer(embedder)
        self._batch: list[Article] = []  # put, not yet handed to the preparer
        self._batch_size = 0
        self._files: list[str] = []  # of all articles that were put and are not stored yet
        self._waiting: set[str] = set()  # ids and hashes of these
        self._counts = _Counts()
        self._begun = time.monotonic()
        self._done = self._total = 0
        self._current = ""

    def __enter__(self) -> Adder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._publish()
        finally:
            self._preparer.close()
            if self._new is not None:
                self._new.abandon()
                self._new = None

    @property
    def report(self) -> AddReport:
        """What was done so far."""
        counts = self._counts
        return AddReport(
            counts.added, counts.updated, counts.unchanged, counts.duplicates, counts.removed,
            tuple(counts.failed), counts.passages, time.monotonic() - self._begun,
        )  # fmt: skip

    # ── what callers ask for ───────────────────────────────────────────────────────────────────────────────

    def add_files(self, paths: list[Path]) -> None:
        """Add files and folders."""
        files: dict[str, Path] = {}
        for path in paths:
            for found in article_files(path):
                if isinstance(found, InputError):
                    self._counts.failed.append(found)
                else:
                    files.setdefault(str(found.resolve()), found)
        sizes = {name: _size(path) for name, path in files.items()}
        self._total = sum(sizes.values())
        if self._total >= PARALLEL and isinstance(self._load_embedder(), StaticEmbedder):
            # a larger model takes all processors for itself, and too much memory to be loaded several times
            self._preparer = Preparer(self._load_embedder, workers=min(4, os.cpu_count() or 1))
        for name, path in files.items():
            self._current = str(path)
            before = self._done
            self._add_file(name, path)
            self._done = before + sizes[name]
            self._tell()

    def add_articles(self, articles: Iterable[Article]) -> None:
        """Add articles that come from no file; a known id means a new version."""
        self._total = len(articles) if isinstance(articles, Sized) else 0
        for article in articles:
            self._meet(article)
            found = self._store.find(article_id=article.id, content_hash=article.content_hash)
            same = [old for old in found if old.content_hash == article.content_hash and article.content_hash]
            self._done += 1
            if same:
                self._counts.unchanged += 1
                continue
            for old in found:
                self._generation().remove(old.key)
            self._counts.updated += bool(found)
            self._counts.added += not found
            self._put(article, "")

    def remove(self, article_id: str) -> bool:
        """Remove an article by its id."""
        found = [
            old for old in self._store.find(article_id=article_id, content_hash="") if old.id == article_id
        ]
        for old in found:
            self._generation().remove(old.key)
            self._store.forget_files_of(old.key)
        return bool(found)

    # ── one file ───────────────────────────────────────────────────────────────────────────────────────────

    def _add_file(self, name: str, path: Path) -> None:
        try:
            digest = _digest(path)
        except OSError as error:
            self._counts.failed.append(InputError(f"không mở được tệp: {reason_of(error)}", path=path))
            return
        if self._store.digest_of(name) == digest:
            self._counts.unchanged += len(self._store.of_file(name)) + self._store.copies_in(name)
            return
        self._generation()
        before = {old.key: old for old in self._store.of_file(name)}
        self._store.drop_copies_in(name)
        kept: set[int] = set()
        ids: set[str] = set()
        fresh, failures, offset = 0, 0, self._done
        for article in read_path(path):
            if isinstance(article, InputError):
                self._counts.failed.append(article)
                failures += 1
                continue
            self._done = min(offset + _size(path), self._done + len(article.text))
            self._meet(article)
            if article.id in ids and not self._store.find(article_id="", content_hash=article.content_hash):
                self._counts.failed.append(
                    InputError(f"hai bài cùng id {article.id!r}; bỏ bài sau", path=path)
                )
                continue
            ids.add(article.id)
            fresh += self._take(article, name, before, kept)
        self._flush()
        gone = [old for key, old in before.items() if key not in kept]
        if failures and not ids:
            gone = []  # the file cannot be read any more: what it held stays until it can, or is removed
        for old in gone:
            if not self._store.hand_over(old.key):
                self._generation().remove(old.key)
        updated = min(fresh, len(gone))
        self._counts.added += fresh - updated
        self._counts.updated += updated
        self._counts.removed += len(gone) - updated
        self._generation()
        self._store.set_digest(name, None if failures else digest)

    def _take(self, article: Article, name: str, before: dict[int, Known], kept: set[int]) -> int:
        """Decide about one article of a file; return 1 if it is new there."""
        found = self._store.find(article_id=article.id, content_hash=article.content_hash)
        for old in found:
            if old.content_hash == article.content_hash:
                if old.file == name:
                    self._counts.unchanged += old.key not in kept
                    self._counts.duplicates += old.key in kept
                    kept.add(old.key)
                else:
                    self._generation()
                    self._store.add_copy(old.key, file=name, path=article.path)
                    self._counts.duplicates += 1
                return 0
        for old in found:
            if old.key in before:
                continue  # a new version of an article of this file: the old one goes when the file is read
            if old.file and Path(old.file).exists():
                self._counts.failed.append(
                    InputError(
                        f"id {article.id!r} đã là của một bài khác, trong tệp {old.file}; bỏ bài này",
                        path=article.path,
                        repair="đặt cho mỗi bài một id riêng, hoặc bỏ id đi",
                    )
                )
                return 0
            self._generation().remove(old.key)
            self._counts.removed += 1
        self._put(article, name)
        return 1

    # ── batches and generations ────────────────────────────────────────────────────────────────────────────

    def _meet(self, article: Article) -> None:
        """Store what waits if it must be known before this article can be judged."""
        if article.id in self._waiting or article.content_hash in self._waiting:
            self._flush()

    def _put(self, article: Article, file: str) -> None:
        self._batch.append(article)
        self._files.append(file)
        self._waiting |= {article.id, article.content_hash}
        self._batch_size += len(article.text)
        if self._batch_size >= BATCH:
            self._hand_over()
            self._store_ready(self._preparer.take())

    def _hand_over(self) -> None:
        if self._batch:
            self._preparer.give(self._batch)
            self._batch, self._batch_size = [], 0

    def _flush(self) -> None:
        """Store everything that was put."""
        self._hand_over()
        self._store_ready(self._preparer.take(all_of_them=True))

    def _store_ready(self, ready: list[Prepared]) -> None:
        if not ready:
            return
        files, self._files = self._files[: len(ready)], self._files[len(ready) :]
        self._waiting -= {name for one in ready for name in (one.article.id, one.article.content_hash)}
        new = self._generation()
        new.add([NewArticle(*pair) for pair in zip(ready, files, strict=True)])
        self._counts.passages += sum(len(one.passages) for one in ready)
        self._tell()
        if new.passages >= max(CHUNK, self._manifest.passages // 2):
            self._publish_generation()

    def _generation(self) -> NewGeneration:
        if self._new is None:
            self._new = NewGeneration(self._root, self._store, self._manifest)
        return self._new

    def _publish(self) -> None:
        self._flush()
        self._publish_generation()

    def _publish_generation(self) -> None:
        if self._new is None:
            return
        if self._new.changed:
            self._manifest = self._new.publish(self._manifest)
        else:
            self._new.keep_rows_only()
        self._new = None

    def _tell(self) -> None:
        if self._progress is not None:
            counts = self._counts
            self._progress(
                Progress(
                    self._done, self._total, counts.added + counts.updated, counts.passages,
                    time.monotonic() - self._begun, self._current,
                )
            )  # fmt: skip


def _digest(path: Path) -> str:
    digest = blake2b(digest_size=16)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
