"""Token ids of the training corpus on disk, and batches of pairs drawn from them.

Everything is one flat array of token ids: a document is a run of sentences (title, lead, then the body),
a passage is a run of body sentences, so that a pair costs two slices and no text is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.normalize import strip_tones
from models.training.corpus import Document, Question, split_simply

Ints = NDArray[np.int64]
_WINDOWS = (3, 3, 8, 15)  # passages of one article in a batch
_NEWS_WITH_LEAD = (0, 1, 2)  # positions in corpus.SOURCES
_MOST_SENTENCES = 240
QUESTION_WORDS = (
    "bao nhiêu", "là bao nhiêu", "ai", "là ai", "do ai", "khi nào", "ngày nào", "năm nào", "lúc nào",
    "vào thời gian nào", "ở đâu", "tại đâu", "nơi nào", "gì", "là gì", "cái gì", "nào", "những gì", "mấy",
    "như thế nào", "thế nào", "vì sao", "tại sao", "có bao nhiêu", "điều gì", "nước nào", "người nào",
    "loại nào", "được gọi là gì", "có phải", "hãy cho biết",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bags:
    """Bags of token ids: bag i is `tokens[starts[i]:starts[i + 1]]`."""

    tokens: Ints
    starts: Ints

    def __len__(self) -> int:
        return len(self.starts) - 1

    def select(self, which: Ints) -> Bags:
        """Return the bags with these numbers, in this order."""
        return slices(self.tokens, self.starts[which], self.starts[which + 1])


def slices(tokens: NDArray[np.integer], begins: Ints, ends: Ints) -> Bags:
    """Cut `tokens[begins[i]:ends[i]]` into bags."""
    lengths = ends - begins
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    index = np.arange(starts[-1]) + np.repeat(begins - starts[:-1], lengths)
    return Bags(tokens[index].astype(np.int64), starts)


def join(first: Bags, second: Bags) -> Bags:
    """Append bag i of `second` to bag i of `first`."""
    order = np.argsort(np.concatenate([_owners(first), _owners(second)]), kind="stable")
    return Bags(np.concatenate([first.tokens, second.tokens])[order], first.starts + second.starts)


def _owners(bags: Bags) -> Ints:
    return np.repeat(np.arange(len(bags)), np.diff(bags.starts))


def drop_tokens(bags: Bags, rates: NDArray[np.float64], rng: np.random.Generator) -> Bags:
    """Drop each token of bag i with probability `rates[i]`; a bag never loses all of its tokens."""
    owners = _owners(bags)
    keep = rng.random(len(bags.tokens)) >= rates[owners]
    keep[bags.starts[:-1][np.diff(bags.starts) > 0]] |= True
    counts = np.bincount(owners[keep], minlength=len(bags))
    return Bags(bags.tokens[keep], np.concatenate([[0], np.cumsum(counts)]))


def encode_bags(tokenizer: Tokenizer, texts: Sequence[str]) -> Bags:
    """Tokenise the texts, one bag each."""
    ids = [encoding.ids for encoding in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]
    starts = np.concatenate([[0], np.cumsum([len(i) for i in ids])]).astype(np.int64)
    return Bags(np.fromiter((t for i in ids for t in i), np.int64, count=int(starts[-1])), starts)


def toneless_bags(tokenizer: Tokenizer) -> Bags:
    """Return, for every token id, the token ids of its toneless form."""
    pieces = [tokenizer.id_to_token(i) or "" for i in range(tokenizer.get_vocab_size())]
    bags = encode_bags(tokenizer, [strip_tones(p.replace("▁", " ").strip()) for p in pieces])
    lengths = np.diff(bags.starts)
    return bags if lengths.all() else _fill_empty(bags)


def _fill_empty(bags: Bags) -> Bags:
    own = np.arange(len(bags))
    begins, ends = bags.starts[:-1], bags.starts[1:]
    tokens = np.concatenate([bags.tokens, own])
    empty = begins == ends
    return slices(
        tokens,
        np.where(empty, len(bags.tokens) + own, begins),
        np.where(empty, len(bags.tokens) + own + 1, ends),
    )


def make_toneless(bags: Bags, which: NDArray[np.bool_], table: Bags) -> Bags:
    """Replace every token of the bags in `which` by its toneless tokens."""
    chosen = which[_owners(bags)]
    tokens = np.concatenate([table.tokens, bags.tokens])
    own = len(table.tokens) + np.arange(len(bags.tokens))
    begins = np.where(chosen, table.starts[bags.tokens], own)
    ends = np.where(chosen, table.starts[bags.tokens + 1], own + 1)
    flat = slices(tokens, begins, ends)
    return Bags(flat.tokens, flat.starts[bags.starts])


def write_store(
    folder: Path, tokenizer: Tokenizer, documents: Iterable[Document], sources: Sequence[str]
) -> int:
    """Write the token ids of all documents that are not held out; return their number."""
    tokens: list[NDArray[np.uint32]] = []
    lengths: list[NDArray[np.int64]] = []
    sizes: list[int] = []
    origin: list[int] = []
    pending: list[str] = []

    def flush() -> None:
        bags = encode_bags(tokenizer, pending)
        tokens.append(bags.tokens.astype(np.uint32))
        lengths.append(np.diff(bags.starts))
        pending.clear()

    for document in documents:
        if document.held_out:
            continue
        sentences = [document.title, document.lead, *split_simply(document.text)[:_MOST_SENTENCES]]
        pending += [sentence[:1500] for sentence in sentences]
        sizes.append(len(sentences))
        origin.append(sources.index(document.source))
        if len(pending) > 20_000:
            flush()
    flush()
    np.save(folder / "tokens.npy", np.concatenate(tokens))
    np.save(folder / "sentences.npy", np.concatenate([[0], np.cumsum(np.concatenate(lengths))]))
    np.save(folder / "documents.npy", np.concatenate([[0], np.cumsum(sizes)]))
    np.save(folder / "origin.npy", np.array(origin, np.uint8))
    return len(sizes)


class PairStore:
    """Draws batches of (query bags, passage bags, passage labels) out of a written store."""

    def __init__(
        self, folder: Path, tokenizer: Tokenizer, questions: Sequence[Question], *, seed: int
    ) -> None:
        self.tokens = np.load(folder / "tokens.npy", mmap_mode="r")
        self.sentences: Ints = np.load(folder / "sentences.npy")
        self.documents: Ints = np.load(folder / "documents.npy")
        self.origin = np.load(folder / "origin.npy")
        self.rng = np.random.default_rng(seed)
        first = self.documents[:-1]
        title, lead = self._length(first), self._length(first + 1)
        body = self.documents[1:] - first - 2
        with_lead = np.isin(self.origin, _NEWS_WITH_LEAD)
        self.titled = np.flatnonzero((title >= 3) & (lead >= 8) & with_lead)
        self.bodied = np.flatnonzero((body >= 4) & (lead >= 8))
        self.long: dict[int, Ints] = {}
        self.long_weights: dict[int, NDArray[np.float64]] = {}
        for windows in set(_WINDOWS):
            part = np.flatnonzero(body >= max(6, 3 * windows))
            weight = np.where(self.origin[part] == 4, 6.0, 1.0) * np.minimum(body[part], 30)
            if len(part):
                self.long[windows], self.long_weights[windows] = part, np.cumsum(weight / weight.sum())
        self.toneless = toneless_bags(tokenizer)
        self.question_words = encode_bags(tokenizer, QUESTION_WORDS)
        passages = {q.passage: n for n, q in enumerate({q.passage: q for q in questions}.values())}
        self.human_queries = encode_bags(tokenizer, [q.question for q in questions])
        self.human_passages = encode_bags(tokenizer, list(passages))
        self.human_labels = np.array([passages[q.passage] for q in questions], np.int64)
        self.batches: dict[str, Ints] = {}

    def _length(self, sentence: Ints) -> Ints:
        return self.sentences[sentence + 1] - self.sentences[sentence]

    def sentence_bags(self, begin: Ints, end: Ints, longest: int = 180) -> Bags:
        """Return the tokens of sentences [begin, end), cut at `longest` tokens."""
        start = self.sentences[begin]
        return slices(self.tokens, start, np.minimum(self.sentences[end], start + longest))

    def titles(self, size: int, documents: Ints | None = None) -> tuple[Bags, Bags, Ints]:
        """Title → lead; now and then the title loses some of its tokens."""
        chosen = self.rng.choice(self.titled, size, replace=False) if documents is None else documents
        first = self.documents[chosen]
        rates = np.where(self.rng.random(len(chosen)) < 0.3, 0.3 * self.rng.random(len(chosen)), 0.0)
        query = drop_tokens(self.sentence_bags(first, first + 1), rates, self.rng)
        return query, self.sentence_bags(first + 1, first + 2), np.arange(len(chosen))

    def leads(self, size: int) -> tuple[Bags, Bags, Ints]:
        """Title or lead → a window of the body."""
        chosen = self.rng.choice(self.bodied, size, replace=False)
        first, last = self.documents[chosen], self.documents[chosen + 1]
        kind = self.rng.integers(0, 2, size)
        width = self.rng.integers(2, 6, size)
        begin = (
            first + 2 + (self.rng.random(size) * np.maximum(1, (last - first - 2 - width) * 0.5)).astype(int)
        )
        return (
            self.sentence_bags(first + kind, first + kind + 1),
            self.sentence_bags(begin, np.minimum(begin + width, last)),
            np.arange(size),
        )

    def cloze(self, size: int) -> tuple[Bags, Bags, Ints]:
        """A worn sentence with a question word → the passage around it; others of the article beside it.

        Three to fifteen passages of an article: what tells them apart is what a long article needs.
        """
        rng = self.rng
        windows = int(rng.choice([one for one in _WINDOWS if one in self.long]))
        long, weights = self.long[windows], self.long_weights[windows]
        chosen = long[np.minimum(np.searchsorted(weights, rng.random(size // windows + 1)), len(long) - 1)]
        chosen = np.unique(chosen)
        first, last = self.documents[chosen] + 2, self.documents[chosen + 1]
        share = (last - first) // windows
        begin = (first[:, None] + share[:, None] * np.arange(windows)).ravel()
        room = np.repeat(np.minimum(share, 7), windows)
        begin = begin + (rng.random(len(begin)) * np.maximum(0, np.repeat(share, windows) - room)).astype(int)
        width = np.minimum(room, rng.integers(2, 8, len(begin)))
        target = begin + (rng.random(len(begin)) * width).astype(int)
        enough = self._length(target) >= 6
        begin, width, target = begin[enough], width[enough], target[enough]
        query = drop_tokens(
            self.sentence_bags(target, target + 1, 60), 0.15 + 0.55 * rng.random(len(target)), rng
        )
        asked = rng.integers(0, len(self.question_words), len(target))
        silent = rng.random(len(target)) < 0.25
        words = self.question_words
        words_begin = words.starts[asked]
        query = join(
            query, slices(words.tokens, words_begin, np.where(silent, words_begin, words.starts[asked + 1]))
        )
        return query, self.sentence_bags(begin, begin + width), np.arange(len(begin))

    def human(self, size: int) -> tuple[Bags, Bags, Ints]:
        """A person's question → its passage."""
        chosen = self.rng.choice(len(self.human_labels), min(size, len(self.human_labels)), replace=False)
        labels = self.human_labels[chosen]
        return self.human_queries.select(chosen), self.human_passages.select(labels), labels
