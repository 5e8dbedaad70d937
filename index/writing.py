"""One new generation of a library, from the first changed row to the rename that publishes it.

Order of things, so that a crash at any instant loses nothing that was published: rows go into a database
transaction; the index files are written beside the old ones and flushed; the transaction commits; CURRENT is
renamed. A crash before the commit leaves rows and files of the old generation; one between commit and rename
leaves a complete generation, which the next writer publishes.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from index import dense, generation
from index.columns import ColumnRow, Columns
from index.generation import Manifest
from index.ingest import Prepared
from index.lexical import LexicalEntry, LexicalWriter
from index.store_writer import WritableStore

_COPIED = frozenset(
    {"meta.json", ".managed.json"}
)  # tantivy rewrites these; all its other files never change


@dataclass(frozen=True, slots=True)
class NewArticle:
    """An article to add, the file it came from ("" for none), the key of the row that it replaces."""

    prepared: Prepared
    file: str
    replaces: int | None = None


class NewGeneration:
    """Collects changes and publishes them together. Use by the holder of the writer lock only."""

    def __init__(self, root: Path, store: WritableStore, manifest: Manifest, *, fresh: bool = False) -> None:
        """Begin the generation after `manifest`; `fresh` shares no index file with the one before."""
        self._root, self._store = root, store
        self._old = manifest
        self.number = manifest.generation + 1
        self._folder = root / generation.name_of(self.number)
        self._previous = root / generation.name_of(manifest.generation)
        self._fresh = fresh or not self._previous.is_dir()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        if not self._fresh:
            generation.link_tree(self._previous / "lexical", self._folder / "lexical", copy=_COPIED)
        self._columns = Columns.nothing() if self._fresh else Columns.load(self._previous)
        self._lexical = LexicalWriter(self._folder / "lexical")
        self._rows: list[ColumnRow] = []
        self._vectors: list[dense.Block] = []
        self._removed: set[int] = set()
        store.begin()
        store.purge()
        self._next = store.next_passage()
        self.articles = manifest.articles
        self.passages = 0  # added in this generation

    def add(self, batch: Sequence[NewArticle]) -> None:
        """Add articles; the rows that they replace end here."""
        entries: list[LexicalEntry] = []
        first_of_batch = self._next
        for new in batch:
            prepared = new.prepared
            article, passages = prepared.article, prepared.passages
            key = self._store.insert(
                article,
                [(passage.spans, passage.signature) for passage in passages],
                prepared.vectors,
                file=new.file,
                first_passage=self._next,
                generation=self.number,
            )
            if new.replaces is not None:
                self._store.move_copies(new.replaces, key)
                self._store.mark_removed(new.replaces, self.number)
            day = 0 if article.date is None else article.date.toordinal()
            self._rows.append(ColumnRow(self._next, len(passages), key, day, article.source))
            for passage in passages:
                entries.append(
                    LexicalEntry(
                        self._next, key, article.date, article.source, passage.accented, passage.toneless,
                        passage.pairs, passage.toneless_pairs, prepared.title, prepared.toneless_title,
                    )
                )  # fmt: skip
                self._next += 1
        self._store.note_next_passage(self._next)
        self._lexical.add(entries)
        if not self._fresh and entries:
            ids = np.arange(first_of_batch, self._next, dtype=np.int64)
            self._vectors.append((ids, np.concatenate([new.prepared.vectors for new in batch])))
        self.articles += len(batch)
        self.passages += len(entries)

    def remove(self, key: int) -> None:
        """Remove an article."""
        self._store.mark_removed(key, self.number)
        self._lexical.remove(key)
        self._removed.add(key)
        self.articles -= 1

    @property
    def changed(self) -> bool:
        """Is there anything that readers could see?"""
        return bool(self._rows or self._removed or self._fresh)

    def publish(self, identity: Manifest) -> Manifest:
        """Write the indexes, commit and let readers have it; return the new manifest."""
        self._lexical.close()
        columns = self._columns.with_changes(self._rows, self._removed, self._next)
        columns.save(self._folder)
        alive = columns.alive
        dense.write(
            self._folder,
            dimension=identity.dimension,
            previous=None if self._fresh else self._previous,
            added=self._vectors,
            alive=alive,
            everything=lambda: self._everything(identity.dimension),
        )
        manifest = generation.seal(
            self._folder,
            replace(
                identity,
                generation=self.number,
                articles=self.articles,
                passages=int(np.count_nonzero(alive)),
                files={},
            ),
            shared={} if self._fresh else self._old.files,
        )
        self._store.commit(self.number)
        generation.publish(self._root, self.number)
        generation.forget_others(self._root, self.number)
        return manifest

    def abandon(self) -> None:
        """Undo everything: the generation before stays as it was."""
        self._store.rollback()
        shutil.rmtree(self._folder, ignore_errors=True)

    def keep_rows_only(self) -> None:
        """End without a new generation, but keep what was noted about files."""
        self._store.commit(self._old.generation)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _everything(self, dimension: int) -> Iterator[dense.Block]:
        ids, rows, size = [], [], 0
        for first, vectors in self._store.all_vectors(dimension):
            ids.append(np.arange(first, first + len(vectors), dtype=np.int64))
            rows.append(vectors)
            size += len(vectors)
            if size >= 20_000:
                yield np.concatenate(ids), np.concatenate(rows).astype(np.float32)
                ids, rows, size = [], [], 0
        if size:
            yield np.concatenate(ids), np.concatenate(rows).astype(np.float32)


def recover(root: Path, store: WritableStore) -> None:
    """Finish what a crash left between commit and rename, and remove half-written generations."""
    now, committed = generation.current(root), store.generation()
    if committed and now != committed:
        manifest = generation.read_manifest(root, committed)
        generation.check(root, manifest, thorough=False)
        generation.publish(root, committed)
        now = committed
    if now is not None:
        generation.forget_others(root, now)
