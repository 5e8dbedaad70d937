"""articles.sqlite: the source of truth of a library. Everything else can be rebuilt from it.

Rows carry the generation that added and the one that removed them, so that a reader of generation g sees
the articles with added <= g < removed, whatever a writer has committed since. Removed rows are deleted for
good when the next writer starts. Passages are kept as packed sentence spans; their text is the article's.
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

from index.packing import unpack_passage, unpack_spans
from index.types import Article, Passage
from models.errors import LibraryDamaged

_SCHEMA = """
CREATE TABLE IF NOT EXISTS articles (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
    body BLOB NOT NULL, captions BLOB NOT NULL, date TEXT, date_inferred INTEGER NOT NULL,
    byline TEXT NOT NULL, path TEXT NOT NULL, source TEXT NOT NULL, url TEXT NOT NULL,
    content_hash TEXT NOT NULL, checksum INTEGER NOT NULL,
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
    article INTEGER NOT NULL, file TEXT NOT NULL, path TEXT NOT NULL,
    PRIMARY KEY (article, file)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS copies_file ON copies (file);
CREATE TABLE IF NOT EXISTS files (file TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""
_ARTICLE = (
    "key, id, title, text, body, captions, date, date_inferred, byline, path, source, url, content_hash, "
    "checksum, first_passage, passages, file"
)
_REPAIR = "lấy lại articles.sqlite từ bản sao, hoặc lập thư viện mới: hoibao add THƯ_MỤC_BÀI --library TÊN"


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


class Store:
    """The database of a library. One object per process; safe to use from several threads."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        """Open the database. Raises `LibraryDamaged` if the file is missing or no database."""
        self.path = path
        self._lock = threading.RLock()
        if not create and not path.is_file():
            raise LibraryDamaged("thiếu tệp chứa các bài", path=path, repair=_REPAIR)
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
        rows = self.rows(
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
        return dict(self.rows(f"SELECT id, signature FROM passages WHERE id IN ({marks})", list(ids)))

    def by_key(self, keys: Iterable[int]) -> dict[int, StoredArticle]:
        """Return articles by their key in the store, removed ones too."""
        wanted = list(keys)
        marks = ",".join("?" * len(wanted))
        rows = self.rows(f"SELECT {_ARTICLE} FROM articles WHERE key IN ({marks})", wanted)
        return {row[0]: self._article(row) for row in rows}

    def article(self, article_id: str, generation: int) -> StoredArticle | None:
        """Return the article with this id as generation `generation` has it."""
        rows = self.rows(
            f"SELECT {_ARTICLE} FROM articles WHERE id = ? AND added <= ?"
            " AND (removed IS NULL OR removed > ?) ORDER BY key DESC LIMIT 1",
            [article_id, generation, generation],
        )
        return self._article(rows[0]) if rows else None

    def articles(self, generation: int, *, batch: int = 256) -> Iterator[StoredArticle]:
        """Yield all articles of a generation, in the order in which they were added."""
        key = -1
        while True:
            rows = self.rows(
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
        rows = self.rows("SELECT rows FROM vectors WHERE article = ?", [key])
        blob = rows[0][0] if rows else b""
        return np.frombuffer(blob, dtype="<f2").reshape(-1, dimension)

    def count(self, generation: int) -> int:
        """Return the number of articles of a generation."""
        sql = "SELECT count(*) FROM articles WHERE added <= ? AND (removed IS NULL OR removed > ?)"
        return int(self.rows(sql, [generation, generation])[0][0])

    def copies(self, key: int) -> list[str]:
        """Return the other paths under which the same content was added."""
        return [row[0] for row in self.rows("SELECT path FROM copies WHERE article = ? ORDER BY path", [key])]

    def generation(self) -> int:
        """Return the generation that was committed last."""
        rows = self.rows("SELECT value FROM state WHERE name = 'generation'", [])
        return int(rows[0][0]) if rows else 0

    def verify(self) -> None:
        """Check the whole database and the checksum of every text; raise `LibraryDamaged`."""
        rows = self.rows("PRAGMA quick_check(1)", [])
        if rows[0][0] != "ok":
            raise LibraryDamaged("tệp chứa các bài bị hỏng", path=self.path, repair=_REPAIR)
        for _ in self.articles(1 << 60):
            pass

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────

    def rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows. Raises `LibraryDamaged`."""
        try:
            with self._lock:
                return self._db.execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> LibraryDamaged:
        return LibraryDamaged(f"không đọc được tệp chứa các bài ({error})", path=self.path, repair=_REPAIR)

    def _article(self, row: tuple[Any, ...]) -> StoredArticle:
        (key, id_, title, text, body, captions, day, inferred, byline, path, source, url, content, crc) = row[
            :14
        ]
        first, count, file = row[14:]
        if text_checksum(text) != crc:
            raise LibraryDamaged(
                f"nội dung bài {id_!r} bị hỏng (sai mã kiểm tra)", path=self.path, repair=_REPAIR
            )
        article = Article(
            id=id_, title=title, text=text, body=unpack_spans(body), captions=unpack_spans(captions),
            date=date.fromisoformat(day) if day else None, date_inferred=bool(inferred), byline=byline,
            path=path, source=source, url=url, content_hash=content,
        )  # fmt: skip
        return StoredArticle(key, article, first, count, file)


def text_checksum(text: str) -> int:
    """Return the CRC-32 that is stored with a text."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))
