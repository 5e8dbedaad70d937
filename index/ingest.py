"""From an article to what the store and the indexes take: packed passages, terms, signatures, vectors.

This is the part of adding that costs the most time and needs nothing from the library: for large inputs it
runs in other processes. What comes back from them is strings and bytes only, which travel fast.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process

import numpy as np
import numpy.typing as npt

from index.chunk import passages_of
from index.cluster import signature
from index.normalize import canonical
from index.packing import pack_passage
from index.tokens import passage_terms
from index.types import Article
from models.embed import Embedder

_AHEAD = 6  # batches given to the pool before the first is waited for: bounds memory
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PreparedPassage:
    """A passage ready to be stored and indexed: packed sentences, MinHash, terms joined by blanks."""

    spans: bytes
    signature: bytes
    accented: str
    toneless: str
    pairs: str
    toneless_pairs: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article ready to be stored and indexed.

    `title` and `toneless_title` hold terms joined by blanks; `vectors` are `(passages, d) float16`.
    """

    article: Article
    passages: tuple[PreparedPassage, ...]
    title: str
    toneless_title: str
    vectors: npt.NDArray[np.float16]


def prepare(articles: Sequence[Article], embedder: Embedder) -> list[Prepared]:
    """Split articles into passages and make everything that is derived from their text."""
    drafts = []
    embedded: list[str] = []
    for article in articles:
        title = canonical(article.title)
        passages = []
        for passage in passages_of(article):
            text = canonical(passage.text)
            found = passage_terms(text)
            toneless = " ".join(found.toneless)
            passages.append(
                PreparedPassage(
                    pack_passage(passage),
                    signature(toneless),
                    " ".join(found.accented),
                    toneless,
                    " ".join(found.accented_pairs),
                    " ".join(found.toneless_pairs),
                )
            )
            embedded.append(embedded_text(title, text))
        drafts.append((article, tuple(passages), passage_terms(title)))
    vectors = np.empty((0, embedder.dimension), np.float16)
    if embedded:
        vectors = embedder.encode_passages(embedded).astype(np.float16)
    prepared, at = [], 0
    for article, parts, title_terms in drafts:
        prepared.append(
            Prepared(
                article,
                parts,
                " ".join(title_terms.accented),
                " ".join(title_terms.toneless),
                vectors[at : at + len(parts)],
            )
        )
        at += len(parts)
    return prepared


def embedded_text(title: str, text: str) -> str:
    """Return what the embedder gets for a passage: a passage alone often does not say what it is about."""
    return f"{title}. {text}" if title and not text.startswith(title) else text


class Preparer:
    """Prepares batches in the order in which they were given, in this process or in `workers` others."""

    def __init__(self, embedder: Callable[[], Embedder], workers: int = 0) -> None:
        """Start no process yet; with 0 workers never. With workers, the embedder must be one that pickles."""
        self._embedder = embedder
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
                    self._pool = ProcessPoolExecutor(
                        self._workers,
                        mp_context=get_context("spawn"),
                        initializer=_begin_worker,
                        initargs=(self._embedder(),),
                    )
                future = self._pool.submit(_prepare_in_worker, articles)
            except (OSError, RuntimeError) as error:
                self._give_up(error)
        self._given.append((articles, future))

    def take(self, *, all_of_them: bool = False) -> list[Prepared]:
        """Return what is due: without `all_of_them`, one batch as soon as enough others wait behind it."""
        ready: list[Prepared] = []
        while self._given and (all_of_them or len(self._given) > (_AHEAD if self._workers else 0)):
            articles, future = self._given.popleft()
            try:
                ready += prepare(articles, self._embedder()) if future is None else future.result()
            except (BrokenProcessPool, OSError) as error:
                # a script without a main guard, no memory, no semaphores: slower, but it works
                self._give_up(error)
                ready += prepare(articles, self._embedder())
        return ready

    def close(self) -> None:
        """Stop the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def _give_up(self, error: Exception) -> None:
        _log.warning("chuẩn bị các bài trong một tiến trình, chậm hơn (%s)", error)
        self._workers = 0
        self.close()
        self._given = deque((articles, None) for articles, _ in self._given)


_worker_embedder: list[Embedder] = []  # of a worker process: one, sent once when it starts


def _begin_worker(embedder: Embedder) -> None:
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # there are as many workers as processors
    _worker_embedder.append(embedder)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A killed parent cannot stop its workers, and they would wait for work for ever."""
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)


def _prepare_in_worker(articles: list[Article]) -> list[Prepared]:
    return prepare(articles, _worker_embedder[0])
