"""The vocabulary of a model, sorted by what a token may do in a text with checked quotes."""

from __future__ import annotations

import re
from typing import ClassVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from models.llama_engine import LlamaEngine
from models.quotable import APOSTROPHES, QUOTES, STRAYS

Ids = npt.NDArray[np.int64]
Bias = npt.NDArray[np.float32]

_SPECIAL = re.compile("|".join(map(re.escape, (*QUOTES, *STRAYS, "["))).encode())


class TokenTable:
    """Tokens by kind; `TokenTable.of(engine)` makes it once per engine.

    `pieces` are the bytes of each token by id, `by_bytes` the reverse. `ends` end an answer, `tails` begin
    inside of a character, `bracketed` begin a marker and say more of it, `closers` begin with a closing mark
    and go on; `marker_pieces` may stand in a marker after "[", `newlines` are lines' ends and nothing else.
    `text_bias(after_letter)` is 0 for what may come in text and -inf for what may not.
    """

    _known: ClassVar[WeakKeyDictionary[LlamaEngine, TokenTable]] = WeakKeyDictionary()

    def __init__(self, engine: LlamaEngine) -> None:
        self.pieces = engine.pieces()
        self.by_bytes: dict[bytes, list[int]] = {}
        self.closers: dict[str, list[int]] = {}
        self.marker_pieces: list[tuple[int, bytes]] = []
        self.bracketed: list[int] = []
        ends: list[int] = []
        tails: list[int] = []
        newlines: list[int] = []
        self._banned: list[int] = []
        self._after_letter: list[int] = []
        for token, piece in enumerate(self.pieces):
            if engine.ends(token):
                ends.append(token)
            elif piece:
                self.by_bytes.setdefault(piece, []).append(token)
                if piece[0] & 0xC0 == 0x80:
                    tails.append(token)
                elif _SPECIAL.search(piece):
                    self._sort(token, piece.decode("utf-8", errors="replace"))
                elif b"\n" in piece and not piece.strip():
                    newlines.append(token)
                if piece[:1].isdigit() or piece[:1] == b"]":
                    self.marker_pieces.append((token, piece))
        self.ends, self.tails, self.newlines = (np.array(ids, np.int64) for ids in (ends, tails, newlines))
        self._biases = tuple(self._bias(after_letter) for after_letter in (False, True))

    @classmethod
    def of(cls, engine: LlamaEngine) -> TokenTable:
        """Return the table of this engine's vocabulary."""
        table = cls._known.get(engine)
        if table is None:
            table = cls._known[engine] = cls(engine)
        return table

    def text_bias(self, after_letter: bool) -> Bias:
        """Return what to add to the logits in text, one value per token; `bracketed` need a look as well."""
        return self._biases[after_letter]

    def _sort(self, token: int, text: str) -> None:
        marks = [at for at, char in enumerate(text) if char in QUOTES or char in STRAYS or char == "["]
        if marks[0] == 0 and len(marks) == 1 and len(text) > 1:
            self.closers.setdefault(text[0], []).append(token)
        at = marks[0]
        char = text[at]
        # Source code is full of tokens like `":["`. What is not plain prose is not offered at all.
        if len(marks) > 1:
            self._banned.append(token)
        elif char in APOSTROPHES and at > 0 and text[at - 1].isalnum():
            pass  # don't
        elif char in APOSTROPHES and at == 0 and (len(text) > 1 or char in STRAYS):
            self._after_letter.append(token)
        elif char == "[" and at < len(text) - 1:
            (self.bracketed if text[at + 1].isdigit() else self._banned).append(token)
        elif at < len(text) - 1 or char in STRAYS:
            self._banned.append(token)

    def _bias(self, after_letter: bool) -> Bias:
        bias = np.zeros(len(self.pieces), dtype=np.float32)
        for refused in (self._banned, self.tails, () if after_letter else self._after_letter):
            bias[np.asarray(refused, dtype=np.int64)] = -np.inf
        return bias
