"""Empty libraries, the writer's hold on a library, and making all indexes anew from the articles."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

from index import generation
from index.generation import Manifest
from index.ingest import prepare
from index.report import Progress, ProgressCallback
from index.store_writer import WritableStore
from index.writing import NewArticle, NewGeneration
from models.embed import Embedder
from models.errors import LibraryDamaged


def create(root: Path, identity: Manifest) -> None:
    """Make an empty library. Raises `LibraryLocked`, `LibraryError`."""
    root.mkdir(parents=True, exist_ok=True)
    with generation.writer_lock(root):
        if generation.current(root) is not None:
            return
        store = WritableStore(root / "articles.sqlite", create=True)
        try:
            new = NewGeneration(root, store, replace(identity, generation=store.generation()), fresh=True)
            new.publish(identity)
        finally:
            store.close()


def rebuild(root: Path, identity: Manifest, embedder: Embedder, progress: ProgressCallback | None) -> None:
    """Make all indexes anew from the articles in the database, as a new generation."""
    with writing(root) as store:
        old = max(store.generation(), _current_or_zero(root))
        total, begun = store.count(store.generation()), time.monotonic()
        new = NewGeneration(root, store, replace(identity, generation=old), fresh=True)
        try:
            articles = store.articles(old)
            while batch := list(islice(articles, 100)):
                prepared = prepare([stored.article for stored in batch], embedder)
                new.add(
                    [
                        NewArticle(one, stored.file, stored.key)
                        for one, stored in zip(prepared, batch, strict=True)
                    ]
                )
                if progress is not None:
                    seconds = time.monotonic() - begun
                    progress(Progress(new.articles, total, new.articles, new.passages, seconds))
            new.publish(identity)
        except BaseException:
            new.abandon()
            raise


@contextmanager
def writing(root: Path) -> Iterator[WritableStore]:
    """Hold the writer lock and a database connection of one's own."""
    with generation.writer_lock(root):
        store = WritableStore(root / "articles.sqlite")
        try:
            yield store
        finally:
            store.close()


def _current_or_zero(root: Path) -> int:
    try:
        return generation.current(root) or 0
    except LibraryDamaged:
        return 0
