"""From an article to what the store and the indexes take: packed passages, terms, signatures, texts to embed.

This is the part of adding that costs the most time in Python and needs nothing from the library: for large
inputs it runs in other processes. What comes back from them is strings and bytes only, which travel fast.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context

from index.chunk import passages_of
from index.cluster import signature
from index.normalize import canonical, strip_tones
from index.packing import pack_passage
from index.tokens import lexical_terms, passage_terms
from index.types import Article

_AHEAD = 6  # batches given to the pool before the first is waited for: bounds memory
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article ready to be stored and indexed. The tuples have one entry for each passage.

    `spans` are packed sentences, `signatures` MinHash; `accented` and `pairs` hold terms joined by blanks;
    `embedded` is what the embedder gets. `title` holds terms joined by blanks. The toneless fields are made
    of these by `strip_tones`.
    """

    article: Article
    spans: tuple[bytes, ...]
    signatures: tuple[bytes, ...]
    accented: tuple[str, ...]
    pairs: tuple[str, ...]
    embedded: tuple[str, ...]
    title: str

    @property
    def passages(self) -> int:
        """The number of passages."""
        return len(self.spans)


def prepare(article: Article) -> Prepared:
    """Split an article into passages and make everything that is derived from their text."""
    title = canonical(article.title)
    spans, signatures, accented, pairs, embedded = [], [], [], [], []
    for passage in passages_of(article):
        text = canonical(passage.text)
        found = passage_terms(text)
        terms = " ".join(found.accented)
        spans.append(pack_passage(passage))
        signatures.append(signature(strip_tones(terms)))
        accented.append(terms)
        pairs.append(" ".join(found.accented_pairs))
        embedded.append(embedded_text(title, text))
    return Prepared(
        article,
        tuple(spans),
        tuple(signatures),
        tuple(accented),
        tuple(pairs),
        tuple(embedded),
        " ".join(lexical_terms(title)),
    )


def embedded_text(title: str, text: str) -> str:
    """Return what the embedder gets for a passage: a passage alone often does not say what it is about."""
    return f"{title}. {text}" if title and not text.startswith(title) else text


def prepare_all(articles: Sequence[Article]) -> list[Prepared]:
    """Prepare several articles: the unit of work of another process."""
    return [prepare(article) for article in articles]


class Preparer:
    """Prepares batches in the order in which they were given, in this process or in `workers` others."""

    def __init__(self, workers: int = 0) -> None:
        """Start no process yet; with 0 workers never."""
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._given: deque[tuple[list[Article], Future[list[Prepared]] | None]] = deque()

    def give(self, articles: list[Article]) -> None:
        """Hand over a batch."""
        future = None
        if self._workers:
            try:
                if self._pool is None:
                    # not forked: threads of FAISS, tantivy and torch may be running in this process
                    self._pool = ProcessPoolExecutor(self._workers, mp_context=get_context("spawn"))
                future = self._pool.submit(prepare_all, articles)
            except (OSError, RuntimeError) as error:
                self._give_up(error)
        self._given.append((articles, future))

    def take(self, *, all_of_them: bool = False) -> list[Prepared]:
        """Return what is due: without `all_of_them`, one batch as soon as enough others wait behind it."""
        ready: list[Prepared] = []
        while self._given and (all_of_them or len(self._given) > (_AHEAD if self._workers else 0)):
            articles, future = self._given.popleft()
            try:
                ready += prepare_all(articles) if future is None else future.result()
            except (BrokenProcessPool, OSError) as error:
                # a script without a main guard, no memory, no semaphores: slower, but it works
                self._give_up(error)
                ready += prepare_all(articles)
        return ready

    def close(self) -> None:
        """Stop the processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _give_up(self, error: Exception) -> None:
        _log.warning("preparing articles in this process only: %s", error)
        self._workers = 0
        self.close()
        self._given = deque((articles, None) for articles, _ in self._given)
