"""The vocabulary of the static embedder: syllables, compounds, their toneless forms, pieces of rare words.

Vietnamese writes its words in syllables: "đảng viên" is one word. Compounds are therefore learned over
whole syllables and become entries of a unigram tokenizer (Kudo 2018, arXiv:1804.10959), whose best
segmentation takes "đảng viên" as one piece and falls back to syllables, then to the pieces that rare words
(foreign names above all) are made of, then to letters. A toneless form ("dang vien") is an entry too. Where
one accented form makes up nearly all of its use, both share one row of the table: it costs no weight and
needs no training; else the toneless form has a row of its own.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from index.normalize import strip_tones

SPACE = "▁"
_BREAK = re.compile(r"[^\w\s]+|_")
_UNKNOWN = "<unk>"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`rows[token id]` is the row of the table (0: the empty row, all zero); `frequency` is per token id."""

    tokenizer: Tokenizer
    rows: list[int]
    row_count: int
    frequency: list[float]


def count_phrases(texts: Iterable[str], *, longest: int = 4, prune_at: int = 6_000_000) -> list[Counter[str]]:
    """Count runs of 1 to `longest` syllables that no punctuation interrupts; rare ones are pruned."""
    counts: list[Counter[str]] = [Counter() for _ in range(longest)]
    floor = [1] * longest
    for text in texts:
        for run in _BREAK.split(text.lower()):
            words = run.split()
            counts[0].update(words)
            for size in range(2, longest + 1):
                counts[size - 1].update(map(" ".join, zip(*(words[i:] for i in range(size)), strict=False)))
        for size in range(longest):
            if len(counts[size]) > prune_at:
                floor[size] += 1
                counts[size] = Counter({k: c for k, c in counts[size].items() if c >= floor[size]})
    return counts


def choose_compounds(counts: list[Counter[str]], size: int, *, least: int = 30) -> dict[str, int]:
    """Return the `size` phrases that stick together most: frequency times the weakest split's PMI."""
    total = sum(counts[0].values())
    scored: list[tuple[float, str, int]] = []
    for length in range(2, len(counts) + 1):
        for phrase, count in counts[length - 1].items():
            words = phrase.split()
            if count < least or any(word.isdigit() for word in words):
                continue
            cohesion = math.inf
            for cut in range(1, length):
                left = counts[cut - 1].get(" ".join(words[:cut]), count)
                right = counts[length - cut - 1].get(" ".join(words[cut:]), count)
                cohesion = min(cohesion, math.log(count * total / (left * right)))
            if cohesion > 2.5:
                scored.append((math.sqrt(count) * (cohesion - 2.0), phrase, count))
    scored.sort(key=lambda entry: (-entry[0], entry[1]))
    return {phrase: count for _, phrase, count in scored[:size]}


def rare_word_pieces(
    words: Counter[str], known: Iterable[str], size: int, *, least: int = 2
) -> dict[str, int]:
    """Return `size` pieces of two letters and more that make up the words outside `known`, with their counts.

    Learned by byte-pair merges (Sennrich 2016, arXiv:1508.07909). A letter alone says nothing about a name; a
    piece such as "▁mitter" does.
    """
    rare = Counter({w: n for w, n in words.items() if n >= least and w.isalpha()})
    for word in known:
        rare.pop(word, None)
    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.Metaspace(SPACE, prepend_scheme="always", split=True)
    trainer = trainers.BpeTrainer(vocab_size=size + 500, limit_alphabet=500, show_progress=False)
    learner.train_from_iterator((w for w, n in rare.items() for _ in range(min(n, 10))), trainer)
    pieces: Counter[str] = Counter()
    for encoding, count in zip(learner.encode_batch_fast(list(rare)), rare.values(), strict=True):
        for piece in encoding.tokens:
            pieces[piece] += count
    return {p: n for p, n in pieces.most_common() if len(p.removeprefix(SPACE)) > 1}


def build_vocabulary(
    counts: list[Counter[str]],
    *,
    words: int,
    compounds: int,
    pieces: int = 0,
    toneless: bool = True,
    share: float = 0.8,
) -> Vocabulary:
    """Build the tokenizer and the rows; `share` is the part of its use that lets a form share a row."""
    total = sum(counts[0].values())
    entries: dict[str, float] = dict(counts[0].most_common(words))
    inner = rare_word_pieces(counts[0], entries, pieces) if pieces else {}
    entries.update(choose_compounds(counts, compounds))
    own = {SPACE + phrase.replace(" ", SPACE): count for phrase, count in entries.items()}
    same_as: dict[str, str] = {}
    if toneless:
        forms: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for piece, count in own.items():
            if (bare := strip_tones(piece)) not in own:
                forms[bare].append((count, piece))
        for bare, accented in sorted(forms.items()):
            count, piece = max(accented)
            mass = sum(c for c, _ in accented)
            if count >= share * mass:
                same_as[bare] = piece
            else:
                own[bare] = mass
    for piece, count in inner.items():
        own.setdefault(piece, count)
    letters = Counter({c: n for c, n in _letters(counts[0]).items() if not c.isspace()})
    small = [SPACE, *(c for c, _ in letters.most_common(400)), *(str(n).zfill(2) for n in range(100))]
    scored = [(_UNKNOWN, -40.0)]
    rows, frequency = [0], [0.0]
    for piece, count in own.items():
        rows.append(len(rows))
        frequency.append(count / total)
        scored.append((piece, math.log(count / total)))
    for piece in small:
        if piece not in own:
            rows.append(0 if piece == SPACE else len(rows))
            frequency.append(1e-6)
            scored.append((piece, -18.0 - (0 if len(piece) > 1 else 2)))
    row_count = max(rows) + 1
    row_of = {piece: row for (piece, _), row in zip(scored, rows, strict=True)}
    count_of = dict(own)
    for bare, piece in same_as.items():
        rows.append(row_of[piece])
        frequency.append(count_of[piece] / total)
        scored.append((bare, math.log(count_of[piece] / total) - 1.0))
    return Vocabulary(make_tokenizer(scored), rows, row_count, frequency)


def _letters(words: Counter[str]) -> Counter[str]:
    letters: Counter[str] = Counter()
    for word, count in words.items():
        for letter in word:
            letters[letter] += count
    return letters


def make_tokenizer(scored: list[tuple[str, float]]) -> Tokenizer:
    """Return the tokenizer: lower case, cut at punctuation, the best segmentation of each run of words."""
    tokenizer = Tokenizer(models.Unigram(scored, unk_id=0, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Punctuation("removed"),
            pre_tokenizers.Metaspace(SPACE, prepend_scheme="always", split=False),
        ]
    )
    return tokenizer
