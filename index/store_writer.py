"""What a writer does to articles.sqlite, within begin … commit, while it holds the lock of the library."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.packing import pack_spans
from index.store import Store, text_checksum
from index.types import Article


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of an article that is alive: enough to decide what to do with a new one."""

    key: int
    id: str
    content_hash: str
    file: str


class WritableStore(Store):
    """The database of a library for its one writer; nothing of it is visible before `commit`."""

    def close(self) -> None:
        """Close the database; empty its log, which can be as large again, unless somebody reads just now."""
        with self._lock, suppress(sqlite3.Error):
            self._db.execute("PRAGMA busy_timeout=500")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        super().close()

    def begin(self) -> None:
        """Start a transaction."""
        self._db.execute("BEGIN IMMEDIATE")

    def commit(self, generation: int) -> None:
        """End the transaction: from now on the store holds generation `generation`."""
        self._db.execute("INSERT OR REPLACE INTO state VALUES ('generation', ?)", [generation])
        self._db.execute("COMMIT")

    def rollback(self) -> None:
        """Undo everything since `begin`; without one, do nothing."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def next_passage(self) -> int:
        """Return the first passage id that was never used."""
        rows = self.rows("SELECT value FROM state WHERE name = 'next_passage'", [])
        return int(rows[0][0]) if rows else 0

    def find(self, *, article_id: str, content_hash: str) -> list[Known]:
        """Return the living articles with this id or this content."""
        rows = self.rows(
            "SELECT key, id, content_hash, file FROM articles WHERE removed IS NULL AND"
            " (id = ? OR (content_hash = ? AND content_hash != ''))",
            [article_id, content_hash],
        )
        return [Known(*row) for row in rows]

    def of_file(self, file: str) -> list[Known]:
        """Return the living articles that came from this file."""
        rows = self.rows(
            "SELECT key, id, content_hash, file FROM articles WHERE removed IS NULL AND file = ?", [file]
        )
        return [Known(*row) for row in rows]

    def insert(
        self,
        article: Article,
        passages: Sequence[tuple[bytes, bytes]],
        vectors: npt.NDArray[np.float16],
        *,
        file: str,
        first_passage: int,
        generation: int,
    ) -> int:
        """Store an article with its passages (packed spans, signature) and their vectors; return its key."""
        cursor = self._db.execute(
            "INSERT INTO articles (id, title, text, body, captions, date, date_inferred, byline, path,"
            " source, url, content_hash, checksum, file, first_passage, passages, added)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                article.id, article.title, article.text, pack_spans(article.body),
                pack_spans(article.captions),
                None if article.date is None else article.date.isoformat(), article.date_inferred,
                article.byline, article.path, article.source, article.url, article.content_hash,
                text_checksum(article.text), file, first_passage, len(passages), generation,
            ),
        )  # fmt: skip
        key = int(cursor.lastrowid or 0)
        self._db.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?)",
            [(first_passage + n, key, span, mark) for n, (span, mark) in enumerate(passages)],
        )
        self._db.execute("INSERT INTO vectors VALUES (?, ?)", (key, vectors.astype("<f2").tobytes()))
        return key

    def note_next_passage(self, number: int) -> None:
        """Remember the first passage id that was never used."""
        self._db.execute("INSERT OR REPLACE INTO state VALUES ('next_passage', ?)", [number])

    def mark_removed(self, key: int, generation: int) -> None:
        """Let an article end with `generation`: readers of earlier generations still see it."""
        self._db.execute("UPDATE articles SET removed = ? WHERE key = ?", [generation, key])

    def add_copy(self, key: int, *, file: str, path: str) -> bool:
        """Remember that the same content also lies in `file`; return whether that is new."""
        cursor = self._db.execute("INSERT OR IGNORE INTO copies VALUES (?, ?, ?)", [key, file, path])
        return cursor.rowcount > 0

    def copies_in(self, file: str) -> int:
        """Return how many articles of other files also lie in this one."""
        return int(self.rows("SELECT count(*) FROM copies WHERE file = ?", [file])[0][0])

    def drop_copies_in(self, file: str) -> None:
        """Forget which articles of other files also lie in this one."""
        self._db.execute("DELETE FROM copies WHERE file = ?", [file])

    def move_copies(self, key: int, new_key: int) -> None:
        """Let the copies of an article belong to its new row."""
        self._db.execute("UPDATE copies SET article = ? WHERE article = ?", [new_key, key])

    def hand_over(self, key: int) -> bool:
        """Give an article that left its file to another file that holds it too; False if there is none."""
        rows = self.rows("SELECT file, path FROM copies WHERE article = ? ORDER BY file LIMIT 1", [key])
        if not rows:
            return False
        file, path = rows[0]
        self._db.execute("UPDATE articles SET file = ?, path = ? WHERE key = ?", [file, path, key])
        self._db.execute("DELETE FROM copies WHERE article = ? AND file = ?", [key, file])
        return True

    def digest_of(self, file: str) -> str | None:
        """Return the digest with which a file was last read to its end."""
        rows = self.rows("SELECT digest FROM files WHERE file = ?", [file])
        return rows[0][0] if rows else None

    def set_digest(self, file: str, digest: str | None) -> None:
        """Remember that a file was read to its end, or forget it."""
        if digest is None:
            self._db.execute("DELETE FROM files WHERE file = ?", [file])
        else:
            self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", [file, digest])

    def forget_files_of(self, key: int) -> None:
        """Forget the digests of the files that an article came from, so that adding them reads them again."""
        self._db.execute(
            "DELETE FROM files WHERE file IN (SELECT file FROM articles WHERE key = ?"
            " UNION SELECT file FROM copies WHERE article = ?)",
            [key, key],
        )

    def purge(self) -> None:
        """Delete removed articles for good."""
        gone = "SELECT key FROM articles WHERE removed IS NOT NULL"
        for table in ("passages", "vectors", "copies"):
            if table == "passages":
                rows = self.rows("SELECT first_passage, passages FROM articles WHERE removed IS NOT NULL", [])
                self._db.executemany(
                    "DELETE FROM passages WHERE id >= ? AND id < ?", [(a, a + n) for a, n in rows]
                )
            else:
                self._db.execute(f"DELETE FROM {table} WHERE article IN ({gone})")
        self._db.execute("DELETE FROM articles WHERE removed IS NOT NULL")

    def all_vectors(self, dimension: int) -> Iterator[tuple[int, npt.NDArray[np.float16]]]:
        """Yield (first passage id, (n, dimension) float16 vectors) of every article that is alive."""
        with self._lock:
            cursor = self._db.execute(
                "SELECT a.first_passage, v.rows FROM articles a JOIN vectors v ON v.article = a.key"
                " WHERE a.removed IS NULL ORDER BY a.key"
            )
            for first, blob in cursor:
                yield first, np.frombuffer(blob, dtype="<f2").reshape(-1, dimension)
