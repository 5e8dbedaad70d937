"""The reader: which sentence answers a question, which words in it, or that none does.

    reader = load_reader()                       # the shipped weights; milliseconds, no torch
    result = reader.read("Phường Tây Nam có bao nhiêu đảng viên?", [["Câu một.", "Câu hai."], ["Câu ba."]])
    best = result.ranked[0]                      # a SentenceScore
    passages[best.passage][best.sentence][best.spans[0].start : best.spans[0].end]

A passage is a list of sentences, with the title of its article beside it where there is one; all texts must
be canonical (index.normalize.canonical). Each passage is read alone, in context; the logits of sentences are
trained against a "not answered here" logit of the same passage, so that their differences are log odds that
can be compared between passages. The reader sees no dates or ranks: what retrieval knows has to be combined
with its scores by the caller.
The same input gives the same result. This module knows no article and no index.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from models.errors import ModelDamaged, ModelNotFound
from models.reader_choice import choice_features, choose
from models.reader_features import Batch, Floats, make_batch, punctuation_marks
from models.reader_network import LONGEST, NetworkScores, run_network
from models.reader_text import KINDS, EncodedQuestion, EncodedText, Vocabulary

SHIPPED = Path(__file__).parent / "weights" / "reader"
FORMAT = 2  # 1 read no titles
_MARKS = ',.();:"'
_LONGEST_PASSAGE = 600  # tokens; what lies beyond is not read
_CANDIDATES = 32


@dataclass(frozen=True, slots=True)
class SpanScore:
    """Code points [start, end) of a sentence; `score` in [0, 1] is its share of the sentence's belief."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class SentenceScore:
    """Sentence number `sentence` of passage number `passage`.

    `score` in [0, 1]: probability that it answers, given its passage. `logit`: log odds against "this passage
    does not answer", comparable between passages of one call. `spans` best first, none for an empty sentence.
    """

    passage: int
    sentence: int
    score: float
    logit: float
    spans: tuple[SpanScore, ...]


@dataclass(frozen=True, slots=True)
class ReadResult:
    """`sentences` of all passages in reading order; `null` in [0, 1]: probability that none answers.

    `passage_null` is the same for each passage alone; `kind` is one of models.reader_text.KINDS.
    """

    sentences: tuple[SentenceScore, ...]
    null: float
    passage_null: tuple[float, ...]
    kind: str

    @property
    def ranked(self) -> tuple[SentenceScore, ...]:
        """The sentences from the most to the least likely to answer (ties in reading order)."""
        return tuple(sorted(self.sentences, key=lambda item: -item.logit))


class Reader:
    """A loaded reader; safe to use from several threads (nothing changes but a cache of known tokens)."""

    def __init__(
        self, vocabulary: Vocabulary, weights: Mapping[str, Floats], vectors: Floats, *, fingerprint: str = ""
    ) -> None:
        self.vocabulary = vocabulary
        self.weights = weights
        self.vectors = vectors
        self._marks = punctuation_marks({mark: vocabulary.facts(mark).match for mark in _MARKS})
        self.fingerprint = fingerprint

    def read(
        self,
        question: str,
        passages: Sequence[Sequence[str]],
        *,
        titles: Sequence[str] | None = None,
        spans: int = 3,
    ) -> ReadResult:
        """Score all sentences of `passages` for `question`, with up to `spans` answers in each.

        `titles` are those of the passages' articles, "" where there is none. About 10 ms a passage on one
        core. Raises ValueError for an empty question, or where titles are not as many as passages.
        """
        asked = self.vocabulary.encode_question(question)
        if not len(asked.text.idf):
            raise ValueError("the question is empty")
        headed = zip([""] * len(passages) if titles is None else titles, passages, strict=True)
        encoded = [self.vocabulary.encode([title, *passage]) for title, passage in headed]
        if not any(text.sentence.any() for text in encoded):
            empty = tuple(
                SentenceScore(p, s, 0.0, -np.inf, ())
                for p, text in enumerate(passages)
                for s in range(len(text))
            )
            return ReadResult(empty, 1.0, tuple(1.0 for _ in passages), KINDS[asked.kind])
        short, batch, scores = self._run(asked, encoded)
        choice = self.weights.get("choice")
        found: list[SentenceScore] = []
        nulls: list[float] = []
        for number, text in enumerate(short):
            low, high = int(batch.first[number]), int(batch.first[number + 1])
            logits = scores.sentences[low:high] - scores.null[number]
            present = _present(text)
            logits = np.where(present, logits, -np.inf)
            if choice is not None and present.any():
                seen = _choice_features(batch, scores, text, number)
                logits = choose(logits, seen, choice)
            peak = max(0.0, float(logits.max(initial=0.0)))
            powers = np.exp(logits - peak)
            mass = float(powers.sum() + np.exp(-peak))
            nulls.append(float(np.exp(-peak)) / mass)
            for sentence in range(1, high - low):
                best = _best_spans(scores.spans[number], text, sentence, spans)
                score = float(powers[sentence]) / mass
                found.append(SentenceScore(number, sentence - 1, score, float(logits[sentence]), best))
        return ReadResult(tuple(found), min(nulls), tuple(nulls), KINDS[asked.kind])

    def choice_features(
        self, question: str, passage: Sequence[str], title: str
    ) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Return what the choice of the sentence is fitted on, and which sentences hold any token.

        Both without the title. See `models.reader_choice`. Raises ValueError for a question or a passage
        without tokens.
        """
        asked = self.vocabulary.encode_question(question)
        encoded = self.vocabulary.encode([title, *passage])
        if not len(asked.text.idf) or not encoded.sentence.any():
            raise ValueError("the question or the passage is empty")
        (text,), batch, scores = self._run(asked, [encoded])
        return _choice_features(batch, scores, text, 0)[1:], _present(text)[1:]

    def _run(
        self, asked: EncodedQuestion, passages: Sequence[EncodedText]
    ) -> tuple[list[EncodedText], Batch, NetworkScores]:
        short = [_shorten(text) for text in passages]
        batch = make_batch([asked] * len(short), short, self.vectors, marks=self._marks)
        with _blas().limit(limits=1, user_api="blas"):
            return short, batch, run_network(self.weights, batch)


def _choice_features(batch: Batch, scores: NetworkScores, text: EncodedText, number: int) -> Floats:
    rows = slice(int(batch.first[number]), int(batch.first[number + 1]))
    spans = scores.spans[number, : len(text.idf)]
    return choice_features(scores.sentences[rows], spans, text.sentence, batch.facts[rows])


def _present(text: EncodedText) -> npt.NDArray[np.bool_]:
    """Return which sentences hold any token and may answer: not the title."""
    held = np.bincount(text.sentence, minlength=text.sentences) > 0
    held[0] = False
    return held


@lru_cache(maxsize=1)
def _blas() -> ThreadpoolController:
    # The products are small: threads that wait for each other cost more than they save, four times over where
    # anything else runs on the machine.
    return ThreadpoolController()


def _shorten(text: EncodedText) -> EncodedText:
    if len(text.idf) <= _LONGEST_PASSAGE:
        return text
    cut = slice(0, _LONGEST_PASSAGE)
    return EncodedText(
        text.rows[cut], text.idf[cut], text.starts[cut], text.ends[cut], text.sentence[cut], text.sentences
    )


def _best_spans(scores: Floats, text: EncodedText, sentence: int, wanted: int) -> tuple[SpanScore, ...]:
    """Return the spans of one sentence that promise the greatest overlap with the answer.

    Of the likeliest candidates the one with the highest expected F1 over the others comes first (minimum
    Bayes risk, half of its own share added: tuned on ViQuAD's TUNE articles); later ones overlap the
    earlier by less than half.
    """
    tokens = np.flatnonzero(text.sentence == sentence)
    if not len(tokens) or wanted < 1:
        return ()
    flat = scores[tokens[0] : tokens[-1] + 1].reshape(-1)
    count = min(_CANDIDATES, len(flat))
    top = np.argpartition(-flat, count - 1)[:count]
    top = top[np.lexsort((top, -flat[top]))]
    top = top[flat[top] > -1e3]
    powers = np.exp(flat[top] - flat[top[0]])
    share = powers / np.exp(flat - flat[top[0]]).sum()
    first, more = np.divmod(top, LONGEST)
    last = first + more
    overlap = np.minimum(last[:, None], last[None]) - np.maximum(first[:, None], first[None]) + 1
    overlap = np.maximum(overlap, 0)
    expected = (2 * overlap / (more[:, None] + more[None] + 2)) @ share + 0.5 * share
    order = np.argsort(-expected, kind="stable")
    chosen: list[int] = []
    for i in order:
        if all(overlap[i, j] <= 0.5 * (min(more[i], more[j]) + 1) for j in chosen):
            chosen.append(int(i))
            if len(chosen) == wanted:
                break
    base = int(tokens[0])
    return tuple(
        SpanScore(int(text.starts[base + first[i]]), int(text.ends[base + last[i]]), float(share[i]))
        for i in chosen
    )


def load_reader(path: str | Path | None = None) -> Reader:
    """Load a reader from a folder (None: the shipped one).

    The folder holds config.json (format, checksum), syllables.txt and weights.npz (float16 or float32).
    Raises ModelNotFound, or ModelDamaged where a file is truncated, foreign or not what config.json says.
    """
    folder = SHIPPED if path is None else Path(path)
    repair = "reinstall hoibao" if path is None else "python -m models.training.reader --out " + str(folder)
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        words = (folder / "syllables.txt").read_text(encoding="utf-8").split("\n")
        data = (folder / "weights.npz").read_bytes()
    except FileNotFoundError as error:
        raise ModelNotFound("the reader's weights are missing", path=error.filename, repair=repair) from error
    except (ValueError, OSError) as error:
        raise ModelDamaged(f"the reader cannot be read ({error})", path=folder, repair=repair) from error
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        raise ModelDamaged(f"not a reader of format {FORMAT}", path=folder / "config.json", repair=repair)
    checksum = hashlib.sha256(data + "\n".join(words).encode()).hexdigest()
    if checksum != config.get("sha256"):
        raise ModelDamaged("the checksum of the reader is wrong", path=folder / "weights.npz", repair=repair)
    try:
        with np.load(folder / "weights.npz", allow_pickle=False) as archive:
            weights = {name: archive[name].astype(np.float32) for name in archive.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise ModelDamaged(f"the reader cannot be read ({error})", path=folder, repair=repair) from error
    vocabulary = Vocabulary(words, weights.pop("idf"))
    vectors = weights.pop("vectors")
    return Reader(vocabulary, weights, vectors, fingerprint=checksum[:16])


def save_reader(
    folder: str | Path, words: Sequence[str], idf: Floats, vectors: Floats, weights: Mapping[str, Floats]
) -> None:
    """Write a reader that `load_reader` reads; matrices as float16."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    everything = {**weights, "idf": idf, "vectors": vectors}
    arrays = {name: value.astype(np.float16) for name, value in everything.items()}
    np.savez(target / "weights.npz", allow_pickle=False, **arrays)
    text = "\n".join(words)
    (target / "syllables.txt").write_text(text, encoding="utf-8")
    checksum = hashlib.sha256((target / "weights.npz").read_bytes() + text.encode()).hexdigest()
    config = {"format": FORMAT, "sha256": checksum, "syllables": len(words)}
    (target / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
