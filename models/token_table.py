"""The vocabulary of a model, sorted by what a token may do in a text with checked quotes."""

from __future__ import annotations

from typing import ClassVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from models.llama_engine import LlamaEngine
from models.quotable import QUOTES, STRAYS

Ids = npt.NDArray[np.int64]


class TokenTable:
    """Tokens by kind; `TokenTable.of(engine)` makes it once per engine.

    `pieces` are the bytes of each token by id, `by_bytes` the reverse. `ends` end an answer, `banned` never
    come in text, `checked` have to be looked at, `tails` begin inside of a character; `closers` begin with a
    closing mark and go on; `marker_pieces` may stand in a marker after "[".
    """

    _known: ClassVar[WeakKeyDictionary[LlamaEngine, TokenTable]] = WeakKeyDictionary()

    def __init__(self, engine: LlamaEngine) -> None:
        self.pieces = engine.pieces()
        self.by_bytes: dict[bytes, list[int]] = {}
        ends: list[int] = []
        banned: list[int] = []
        checked: list[int] = []
        tails: list[int] = []
        special = [mark.encode() for mark in (*QUOTES, *STRAYS, "[")]
        self.closers: dict[str, list[int]] = {}
        for token, piece in enumerate(self.pieces):
            if engine.ends(token):
                ends.append(token)
                continue
            if not piece:
                continue
            self.by_bytes.setdefault(piece, []).append(token)
            if piece[0] & 0xC0 == 0x80:
                tails.append(token)
            elif any(mark in piece for mark in special):
                text = piece.decode("utf-8", errors="replace")
                marks = [
                    at for at, char in enumerate(text) if char in QUOTES or char in STRAYS or char == "["
                ]
                # Source code is full of tokens like `":["`. What is not plain prose is not offered at all.
                plain = len(marks) == 1 and (marks[0] == len(text) - 1 or text[marks[0]] in "['’")
                (checked if plain else banned).append(token)
                if marks == [0] and len(text) > 1:
                    self.closers.setdefault(text[0], []).append(token)
        self.ends, self.banned, self.tails = (np.array(ids, dtype=np.int64) for ids in (ends, banned, tails))
        self.checked = checked
        self.marker_pieces = [
            (token, piece)
            for token, piece in enumerate(self.pieces)
            if piece[:1].isdigit() or piece[:1] == b"]"
        ]
        self.newlines = np.array(
            [
                token
                for token, piece in enumerate(self.pieces)
                if piece and not piece.strip() and b"\n" in piece
            ],
            dtype=np.int64,
        )

    @classmethod
    def of(cls, engine: LlamaEngine) -> TokenTable:
        table = cls._known.get(engine)
        if table is None:
            table = cls._known[engine] = cls(engine)
        return table
