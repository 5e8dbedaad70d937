"""articles.sqlite: the source of truth of a library. Everything else can be rebuilt from it.

Rows carry the generation that added and the one that removed them, so that a reader of generation g sees the
articles with added <= g < removed, whatever a writer has committed since. Removed rows are deleted for good
when the next writer starts. Passages are kept as packed sentence spans; their text is read out of the article.
This module knows no index: it keeps and returns.
"""

from __future__ import annotations

import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.packing import pack_spans, unpack_passage, unpack_spans
from index.types import Article, Passage
from models.errors import LibraryDamaged

_SCHEMA = """
CREATE TABLE IF NOT EXISTS articles (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
    body BLOB NOT NULL, captions BLOB NOT NULL, date TEXT, date_inferred INTEGER NOT NULL, byline TEXT NOT NULL, path TEXT NOT NULL,
    source TEXT NOT NULL, url TEXT NOT NULL, content_hash TEXT NOT NULL, checksum INTEGER NOT NULL,
    file TEXT NOT NULL, first_passage INTEGER NOT NULL, passages INTEGER NOT NULL,
    added INTEGER NOT NULL, removed INTEGER);
CREATE INDEX IF NOT EXISTS articles_id ON articles (id);
CREATE INDEX IF NOT EXISTS articles_content ON articles (content_hash);
CREATE INDEX IF NOT EXISTS articles_file ON articles (file);
CREATE INDEX IF NOT EXISTS articles_removed ON articles (removed) WHERE removed IS NOT NULL;
CREATE TABLE IF NOT EXISTS passages (
    id INTEGER PRIMARY KEY, article INTEGER NOT NULL, spans BLOB NOT NULL, signature BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS vectors (article INTEGER PRIMARY KEY, rows BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS copies (
    article INTEGER NOT NULL, file TEXT NOT NULL, path TEXT NOT NULL, PRIMARY KEY (article, file)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS copies_file ON copies (file);
CREATE TABLE IF NOT EXISTS files (file TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""
_ARTICLE = (
    "key, id, title, text, body, captions, date, date_inferred, byline, path, source, url, content_hash, checksum, "
    "first_passage, passages, file"
)
_REPAIR = "restore articles.sqlite from a copy, or make a new library: hoibao add PATH… --library NAME"


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article with its place in the store: passages have the ids first_passage … + passages - 1."""

    key: int
    article: Article
    first_passage: int
    passages: int
    file: str


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as it was found, with its article and its MinHash signature."""

    passage: Passage
    stored: StoredArticle
    signature: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of an article that is alive: enough to decide what to do with a new one."""

    key: int
    id: str
    content_hash: str
    file: str


class Store:
    """The database of a library. One object per process; safe to use from several threads."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        """Open the database. Raises `LibraryDamaged` if the file is missing or no database."""
        self.path = path
        self._lock = threading.RLock()
        if not create and not path.is_file():
            raise LibraryDamaged("the articles are missing", path=path, repair=_REPAIR)
        try:
            self._db = self._connect(create)
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def _connect(self, create: bool) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
        try:
            db.execute("PRAGMA journal_mode=WAL").fetchone()
            db.execute("PRAGMA synchronous=NORMAL")
            if create:
                db.executescript(_SCHEMA)
            db.execute("SELECT count(*) FROM state").fetchone()
        except sqlite3.OperationalError as error:
            db.close()
            # a folder that cannot be written to (a USB stick, a shared disk): nobody else writes there either
            if "readonly" not in str(error) and "unable to open" not in str(error):
                raise
            uri = self.path.resolve().as_uri() + "?mode=ro&immutable=1"
            db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
            db.execute("SELECT count(*) FROM state").fetchone()
        db.execute("PRAGMA cache_size=-32000")
        db.execute("PRAGMA mmap_size=1073741824")
        return db

    def close(self) -> None:
        """Close the database; closing twice is allowed."""
        with self._lock:
            self._db.close()

    # ── reading ────────────────────────────────────────────────────────────────────────────────────────────

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        """Return the passages with these ids, each with its article; unknown ids are left out."""
        marks = ",".join("?" * len(ids))
        rows = self._rows(
            f"SELECT id, article, spans, signature FROM passages WHERE id IN ({marks})", list(ids)
        )
        articles = self.by_key({row[1] for row in rows})
        found = {}
        for number, key, spans, signature in rows:
            if (stored := articles.get(key)) is not None:
                article = stored.article
                passage = unpack_passage(
                    spans,
                    article.text,
                    number=number,
                    article_id=article.id,
                    position=number - stored.first_passage,
                )
                found[number] = StoredPassage(passage, stored, signature)
        return found

    def signatures(self, ids: Sequence[int]) -> dict[int, bytes]:
        """Return the MinHash signatures of passages."""
        marks = ",".join("?" * len(ids))
        return dict(self._rows(f"SELECT id, signature FROM passages WHERE id IN ({marks})", list(ids)))

    def by_key(self, keys: Iterable[int]) -> dict[int, StoredArticle]:
        """Return articles by their key in the store, removed ones too."""
        wanted = list(keys)
        marks = ",".join("?" * len(wanted))
        rows = self._rows(f"SELECT {_ARTICLE} FROM articles WHERE key IN ({marks})", wanted)
        return {row[0]: self._article(row) for row in rows}

    def article(self, article_id: str, generation: int) -> StoredArticle | None:
        """Return the article with this id as generation `generation` has it."""
        rows = self._rows(
            f"SELECT {_ARTICLE} FROM articles WHERE id = ? AND added <= ? AND (removed IS NULL OR removed > ?)"
            " ORDER BY key DESC LIMIT 1",
            [article_id, generation, generation],
        )
        return self._article(rows[0]) if rows else None

    def articles(self, generation: int, *, batch: int = 256) -> Iterator[StoredArticle]:
        """Yield all articles of a generation, in the order in which they were added."""
        key = -1
        while True:
            rows = self._rows(
                f"SELECT {_ARTICLE} FROM articles WHERE key > ? AND added <= ?"
                " AND (removed IS NULL OR removed > ?) ORDER BY key LIMIT ?",
                [key, generation, generation, batch],
            )
            if not rows:
                return
            key = rows[-1][0]
            yield from map(self._article, rows)

    def article_passages(self, stored: StoredArticle) -> list[StoredPassage]:
        """Return all passages of an article, in order."""
        found = self.passages(range(stored.first_passage, stored.first_passage + stored.passages))
        return [found[number] for number in sorted(found)]

    def vectors(self, key: int, dimension: int) -> npt.NDArray[np.float16]:
        """Return the (n, dimension) float16 vectors of an article's passages, in order."""
        rows = self._rows("SELECT rows FROM vectors WHERE article = ?", [key])
        blob = rows[0][0] if rows else b""
        return np.frombuffer(blob, dtype="<f2").reshape(-1, dimension)

    def all_vectors(self, dimension: int) -> Iterator[tuple[int, npt.NDArray[np.float16]]]:
        """Yield (first passage id, (n, dimension) float16 vectors) of every article that is alive."""
        with self._lock:
            cursor = self._db.execute(
                "SELECT a.first_passage, v.rows FROM articles a JOIN vectors v ON v.article = a.key"
                " WHERE a.removed IS NULL ORDER BY a.key"
            )
            for first, blob in cursor:
                yield first, np.frombuffer(blob, dtype="<f2").reshape(-1, dimension)

    def count(self, generation: int) -> int:
        """Return the number of articles of a generation."""
        sql = "SELECT count(*) FROM articles WHERE added <= ? AND (removed IS NULL OR removed > ?)"
        return int(self._rows(sql, [generation, generation])[0][0])

    def copies(self, key: int) -> list[str]:
        """Return the other paths under which the same content was added."""
        return [
            row[0] for row in self._rows("SELECT path FROM copies WHERE article = ? ORDER BY path", [key])
        ]

    # ── writing (by the holder of the writer lock, within begin … commit) ──────────────────────────────────

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

    def generation(self) -> int:
        """Return the generation that was committed last."""
        rows = self._rows("SELECT value FROM state WHERE name = 'generation'", [])
        return int(rows[0][0]) if rows else 0

    def next_passage(self) -> int:
        """Return the first passage id that was never used."""
        rows = self._rows("SELECT value FROM state WHERE name = 'next_passage'", [])
        return int(rows[0][0]) if rows else 0

    def find(self, *, article_id: str, content_hash: str) -> list[Known]:
        """Return the living articles with this id or this content."""
        rows = self._rows(
            "SELECT key, id, content_hash, file FROM articles WHERE removed IS NULL AND"
            " (id = ? OR (content_hash = ? AND content_hash != ''))",
            [article_id, content_hash],
        )
        return [Known(*row) for row in rows]

    def of_file(self, file: str) -> list[Known]:
        """Return the living articles that came from this file."""
        rows = self._rows(
            "SELECT key, id, content_hash, file FROM articles WHERE removed IS NULL AND file = ?", [file]
        )
        return [Known(*row) for row in rows]

    def insert(
        self,
        article: Article,
        spans: Sequence[bytes],
        signatures: Sequence[bytes],
        vectors: npt.NDArray[np.float16],
        *,
        file: str,
        first_passage: int,
        generation: int,
    ) -> int:
        """Store an article with its passages and their vectors and return its key."""
        cursor = self._db.execute(
            "INSERT INTO articles (id, title, text, body, captions, date, date_inferred, byline, path, source, url,"
            " content_hash, checksum, file, first_passage, passages, added)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                article.id, article.title, article.text, pack_spans(article.body), pack_spans(article.captions),
                None if article.date is None else article.date.isoformat(), article.date_inferred,
                article.byline, article.path, article.source, article.url, article.content_hash,
                _checksum(article.text), file, first_passage, len(spans), generation,
            ),
        )  # fmt: skip
        key = int(cursor.lastrowid or 0)
        self._db.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?)",
            [
                (first_passage + n, key, span, mark)
                for n, (span, mark) in enumerate(zip(spans, signatures, strict=True))
            ],
        )
        self._db.execute("INSERT INTO vectors VALUES (?, ?)", (key, vectors.astype("<f2").tobytes()))
        next_passage = first_passage + len(spans)
        self._db.execute("INSERT OR REPLACE INTO state VALUES ('next_passage', ?)", [next_passage])
        return key

    def mark_removed(self, key: int, generation: int) -> None:
        """Let an article end with `generation`: readers of earlier generations still see it."""
        self._db.execute("UPDATE articles SET removed = ? WHERE key = ?", [generation, key])

    def add_copy(self, key: int, *, file: str, path: str) -> bool:
        """Remember that the same content also lies in `file`; return whether that is new."""
        cursor = self._db.execute("INSERT OR IGNORE INTO copies VALUES (?, ?, ?)", [key, file, path])
        return cursor.rowcount > 0

    def copies_in(self, file: str) -> int:
        """Return how many articles of other files also lie in this one."""
        return int(self._rows("SELECT count(*) FROM copies WHERE file = ?", [file])[0][0])

    def drop_copies_in(self, file: str) -> None:
        """Forget which articles of other files also lie in this one."""
        self._db.execute("DELETE FROM copies WHERE file = ?", [file])

    def move_copies(self, key: int, new_key: int) -> None:
        """Let the copies of an article belong to its new row."""
        self._db.execute("UPDATE copies SET article = ? WHERE article = ?", [new_key, key])

    def hand_over(self, key: int) -> bool:
        """Give an article that left its file to another file that holds it too; False if there is none."""
        rows = self._rows("SELECT file, path FROM copies WHERE article = ? ORDER BY file LIMIT 1", [key])
        if not rows:
            return False
        file, path = rows[0]
        self._db.execute("UPDATE articles SET file = ?, path = ? WHERE key = ?", [file, path, key])
        self._db.execute("DELETE FROM copies WHERE article = ? AND file = ?", [key, file])
        return True

    def digest_of(self, file: str) -> str | None:
        """Return the digest with which a file was last read to its end."""
        rows = self._rows("SELECT digest FROM files WHERE file = ?", [file])
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
                rows = self._rows(
                    "SELECT first_passage, passages FROM articles WHERE removed IS NOT NULL", []
                )
                self._db.executemany(
                    "DELETE FROM passages WHERE id >= ? AND id < ?", [(a, a + n) for a, n in rows]
                )
            else:
                self._db.execute(f"DELETE FROM {table} WHERE article IN ({gone})")
        self._db.execute("DELETE FROM articles WHERE removed IS NOT NULL")

    def verify(self) -> None:
        """Check the whole database and the checksum of every text; raise `LibraryDamaged`."""
        rows = self._rows("PRAGMA quick_check(1)", [])
        if rows[0][0] != "ok":
            raise LibraryDamaged(f"the database is damaged: {rows[0][0]}", path=self.path, repair=_REPAIR)
        for _ in self.articles(1 << 60):
            pass

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────

    def _rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._db.execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> LibraryDamaged:
        return LibraryDamaged(f"the database cannot be read ({error})", path=self.path, repair=_REPAIR)

    def _article(self, row: tuple[Any, ...]) -> StoredArticle:
        (key, id_, title, text, body, captions, day, inferred, byline, path, source, url, content, crc) = row[
            :14
        ]
        first, count, file = row[14:]
        if _checksum(text) != crc:
            raise LibraryDamaged(
                f"the text of article {id_!r} is damaged (checksum)", path=self.path, repair=_REPAIR
            )
        article = Article(
            id=id_, title=title, text=text, body=unpack_spans(body), captions=unpack_spans(captions),
            date=date.fromisoformat(day) if day else None, date_inferred=bool(inferred), byline=byline,
            path=path, source=source, url=url, content_hash=content,
        )  # fmt: skip
        return StoredArticle(key, article, first, count, file)


def _checksum(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))
