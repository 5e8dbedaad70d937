"""How the sentences of a pack are shown to the generator: as evidence of the product, best first.

The product ranks the sentences of what it found by the question (qa/extract.py) and shows the best ones,
number 1 first. Training ranks by weighted overlap, which is about as often wrong, and adds noise where
questions were made from their sentence: so the model learns that the first sentence is the likeliest, and
that it must still look at what is asked.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from models.reader_text import PUNCTUATION, Vocabulary
from models.training.generator_data import NOWHERE, TITLE_LIMIT, UNTITLED, Ask, Pack

LIMIT = 8  # sentences that the product shows at most


@dataclass(frozen=True, slots=True)
class Shown:
    """The sentences of a prompt with the headings of their articles, and the questions asked of them."""

    titles: tuple[str, ...]
    sentences: tuple[str, ...]
    asks: tuple[Ask, ...]


@dataclass(frozen=True, slots=True)
class Manner:
    """How to show: `ranked` is the share of prompts that are best first (the others keep the passage's order
    or none), `noise` what is added to the ranking for made questions, `missing` the share of questions to be
    refused, `strange` the share of prompts that show another article too; `characters` the most that
    sentences have together."""

    ranked: float = 1.0
    noise: float = 0.0
    missing: float = 0.33
    strange: float = 0.25
    characters: int = 1500


class Ranking:
    """Ranks sentences by how much of a question they cover: its syllables by idf, and its pairs."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def scores(self, question: str, sentences: Sequence[str]) -> list[float]:
        """Return a score in [0, 2] for each sentence."""
        asked = self._vocabulary.encode_question(question)
        gap = range(asked.gap_start, asked.gap_end)
        outside = [at for at in range(len(asked.text.idf)) if at not in gap]
        ids, idf = asked.text.rows[:, 1].tolist(), asked.text.idf.tolist()
        wanted = {ids[at]: idf[at] for at in outside if idf[at] > 0}
        pairs = {(ids[a], ids[b]): idf[a] + idf[b] for a, b in pairwise(outside) if idf[a] + idf[b] > 2}
        text = self._vocabulary.encode(sentences)
        words: list[list[int]] = [[] for _ in sentences]
        for row, owner in zip(text.rows.tolist(), text.sentence.tolist(), strict=True):
            if not row[3] & PUNCTUATION:
                words[owner].append(row[1])
        total, paired = sum(wanted.values()) or 1.0, sum(pairs.values()) or 1.0
        return [
            sum(wanted[word] for word in set(own) & wanted.keys()) / total
            + sum(pairs[pair] for pair in set(pairwise(own)) & pairs.keys()) / paired
            for own in words
        ]


def show(pack: Pack, ask: Ask, other: Pack, manner: Manner, ranking: Ranking, rng: random.Random) -> Shown:
    """Return the evidence for `ask` of a pack, with the pack's other questions that it would suit as well."""
    best_first = rng.random() < manner.ranked
    rest = [one for one in pack.asks if one != ask]
    sentences, titles = list(pack.sentences), [heading(pack.title, rng)] * len(pack.sentences)
    if rng.random() < manner.strange:
        many = rng.randint(1, min(4, len(other.sentences)))
        start = rng.randint(0, len(other.sentences) - many)
        sentences += other.sentences[start : start + many]
        titles += [heading(other.title, rng)] * many
    noise = 0.0 if pack.human else manner.noise
    values = [one + rng.gauss(0, noise) for one in ranking.scores(ask.question, sentences)]
    order = sorted(range(len(sentences)), key=lambda at: -values[at])
    order = _fitting(order, sentences, rng.randint(manner.characters // 3, manner.characters))
    if not best_first:
        order = sorted(order) if rng.random() < 0.7 else rng.sample(order, len(order))
    elif not pack.human:  # a question made for the same sentence would rank the sentences alike
        rest = [one for one in rest if one.sentence == ask.sentence]
    else:
        rest = []
    place = {old: new for new, old in enumerate(order)}
    asks = tuple(replace(one, sentence=place.get(one.sentence, NOWHERE)) for one in (ask, *rest))
    return Shown(tuple(titles[at] for at in order), tuple(sentences[at] for at in order), asks)


def without(pack: Pack, ask: Ask) -> tuple[Pack, Ask]:
    """Return the pack without the sentence that answers `ask`, which then has no answer: a near miss."""
    sentences = pack.sentences[: ask.sentence] + pack.sentences[ask.sentence + 1 :]
    missed = Ask(ask.question, NOWHERE)
    return replace(pack, sentences=sentences, asks=(missed,)), missed


def heading(title: str, rng: random.Random) -> str:
    """Return the title as a prompt shows it, sometimes with a date behind it."""
    title = " ".join(title.split()) or UNTITLED
    if len(title) > TITLE_LIMIT:
        title = title[:TITLE_LIMIT].rsplit(" ", 1)[0] + "…"
    if rng.random() < 0.3:
        title += f" ({rng.randint(1, 28)}/{rng.randint(1, 12)}/{rng.randint(2004, 2026)})"
    return title


def _fitting(order: Sequence[int], sentences: Sequence[str], budget: int) -> list[int]:
    """Return the first of the order that fit `budget` characters, at least one and at most LIMIT."""
    chosen: list[int] = []
    for at in order[:LIMIT]:
        budget -= len(sentences[at])
        if chosen and budget < 0:
            break
        chosen.append(at)
    return chosen
