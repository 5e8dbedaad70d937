"""The generator's vocabulary: words are built alike with a space before them and without, and begin alike.

A byte-level BPE as usual makes of " Ông" (in the sentences, behind "[1]") and "Ông" (in the answer, behind
the quotation mark) tokens that have nothing in common, or several pieces of the latter: then the first word
of a quote, which chooses the sentence, is hard to copy. Here merges build words without spaces; the space
joins last. The vectors of both forms begin alike but for one direction, those of "ông" and "Ông" nearly.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from models.training.reader_corpus import learn_vectors
from models.training.tiny_llama import SPECIAL

SPACE = "Ġ"  # how byte-level BPE writes it
Floats = npt.NDArray[np.float32]


def train_vocabulary(texts: Iterable[str], *, size: int) -> str:
    """Train a vocabulary of at most `size` tokens; return it as the JSON of the `tokenizers` package.

    Digits stay single, `SPECIAL` come first.
    """
    texts = list(texts)
    pieces = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\d"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    apart = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(" "), "isolated"), pieces])
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer, tokenizer.decoder = apart, decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=len(SPECIAL) + 256 + (size - len(SPECIAL) - 256) * 11 // 20,
        special_tokens=list(SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    saved = json.loads(tokenizer.to_str())
    vocabulary: dict[str, int] = saved["model"]["vocab"]
    for token in _after_spaces(tokenizer, texts)[: size - len(vocabulary)]:
        vocabulary[SPACE + token] = len(vocabulary)
        saved["model"]["merges"].append([SPACE, token])
    saved["pre_tokenizer"] = json.loads(pieces.__getstate__())
    return json.dumps(saved, ensure_ascii=False)


def _after_spaces(tokenizer: Tokenizer, texts: Sequence[str]) -> list[str]:
    """Return the tokens that stand behind a space, the most frequent first."""
    counts: Counter[int] = Counter()
    space = tokenizer.token_to_id(SPACE)
    for encoded in tokenizer.encode_batch(list(texts)):
        ids = encoded.ids
        counts.update(after for before, after in pairwise(ids) if before == space != after)
    return [str(tokenizer.id_to_token(token)) for token, _ in counts.most_common()]


def token_vectors(tokenizer: Tokenizer, texts: Iterable[str], *, width: int) -> Floats:
    """Return (vocabulary, width) unit rows, learned from which tokens stand near each other.

    The forms of a word share most of their vector; with a space it has more of the last direction.
    """
    size = tokenizer.get_vocab_size()
    tokens = [str(tokenizer.id_to_token(number)) for number in range(size)]
    bare = [_bare(token) for token in tokens]
    places = {token: number for number, token in enumerate(dict.fromkeys(bare))}
    shared = np.array([places[token] for token in bare])
    encoded = tokenizer.encode_batch(list(texts))
    sequences = [shared[one.ids].astype(np.int32) + 1 for one in encoded]  # 0 is nothing
    count = len(places) + 1
    vectors = learn_vectors(sequences, size=count, dimension=min(width - 2, count - 1))[shared + 1]
    vectors -= vectors.mean(axis=0)
    vectors = _unit(vectors)
    draw = np.random.default_rng(0)
    own = _unit(draw.standard_normal((len(places), vectors.shape[1])).astype(np.float32))[shared]
    lower = {token.lower(): number for token, number in places.items()}
    cased = np.array([lower[token.lower()] for token in bare])
    kin = _unit(draw.standard_normal((len(places), vectors.shape[1])).astype(np.float32))[cased]
    rows = np.zeros((size, width), np.float32)
    rows[:, 1 : 1 + vectors.shape[1]] = _unit(0.6 * vectors + 0.5 * own + 0.5 * kin)
    rows[:, -1] = [0.3 if token.startswith(SPACE) else -0.3 for token in tokens]
    return _unit(rows)


def _bare(token: str) -> str:
    return token.removeprefix(SPACE) or token


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6), np.float32)
