"""Keeps decoding honest: what stands in quotation marks is a verbatim run of given texts, markers are real.

While the model writes, every next token is checked against three states:

    text    anything may come, but a quotation mark opens a quote and "[" opens a marker
    quote   only bytes that go on with a run of some text, or the closing mark, at the end of a word
    marker  only digits that spell the number of a text, then "]"

Right after a quote only the markers of the texts that hold it may come. Runs begin and end at white space
(punctuation set aside), so "1.553" is never quoted as "1.5". All is done on bytes, so it works with
every vocabulary, and costs a few set operations a token. Knows no question: texts are numbered from 1.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from models.llama_engine import LlamaEngine
from models.quotable import APOSTROPHES, QUOTES, STRAYS, Sources
from models.token_table import Ids, TokenTable

logger = logging.getLogger(__name__)

LONGEST_PIECE: Final = 48


@dataclass(frozen=True, slots=True)
class _State:
    """Where decoding stands. `pending` are the first bytes of an unfinished character (or closing mark)."""

    mode: str = "text"
    pending: bytes = b""
    after_letter: bool = False
    sources: frozenset[int] | None = None
    opener: str = ""
    positions: frozenset[int] = frozenset()
    closing: frozenset[int] = frozenset()
    digits: str = ""


class QuoteConstraint:
    """The constraint for one answer over `texts`, numbered from 1 (or by `markers`).

    With `quote_only` the answer is nothing but quotes, at most `most_quotes`, each followed by its marker:
    the model chooses where a quote begins and ends, and code writes the rest.
    """

    def __init__(
        self,
        engine: LlamaEngine,
        texts: Sequence[str],
        *,
        markers: Sequence[int] | None = None,
        quote_only: bool = False,
        most_quotes: int = 2,
    ) -> None:
        self._table, self._sources, self._engine = TokenTable.of(engine), Sources(texts), engine
        self._markers = tuple(range(1, len(texts) + 1)) if markers is None else tuple(markers)
        if len(self._markers) != len(texts):
            raise ValueError(f"{len(texts)} texts need as many markers, got {len(self._markers)}")
        self._all = frozenset(self._markers)
        self._state = _State()
        self._left = most_quotes
        self._stage = "open" if quote_only and texts else ""
        self._follow: dict[tuple[int, str], list[int]] = {}
        self._refused: dict[tuple[bool, frozenset[int] | None], Ids] = {}
        self._lost = False

    # What the engine calls.

    def forced(self) -> Sequence[int]:
        if self._state.mode == "text" and self._stage == "open":
            return self._engine.tokenize("“", special=False)
        if self._state.mode == "text" and self._stage == "mark":
            return self._engine.tokenize(f" [{min(self._state.sources or self._all)}]", special=False)
        return ()

    def mask(self, logits: npt.NDArray[np.float32], *, closing: bool) -> None:
        state, table = self._state, self._table
        if state.mode == "quote":
            keep: Sequence[int] | Ids = self._quote_tokens(closing=closing)
        elif state.mode == "marker":
            keep = [token for token, piece in table.marker_pieces if self._advance(state, piece)]
        elif self._stage == "next":
            keep = table.ends if closing or not self._left else np.concatenate((table.ends, table.newlines))
        elif state.pending:
            keep = [token for token in table.tails if self._advance(state, table.pieces[token])]
        else:
            logits += table.text_bias(state.after_letter)
            logits[self._refused_now()] = -np.inf
            return
        if len(keep) == 0:
            logger.warning("no token of the vocabulary goes on with the quote; the answer ends here")
            keep, self._lost = table.ends, True
        kept = logits[keep]
        logits.fill(-np.inf)
        logits[keep] = kept

    def accept(self, token: int) -> None:
        after = self._advance(self._state, self._table.pieces[token])
        # Only a token that nobody masked (of a caller's own) can be out of order; decoding goes on as text.
        self._state = after or _State()
        if not self._stage:
            return
        mode, piece = self._state.mode, self._table.pieces[token]
        if self._stage == "open" and mode == "quote":
            self._stage, self._left = "quote", self._left - 1
        elif self._stage == "quote" and mode == "text":
            self._stage = "mark"
        elif self._stage == "mark" and mode == "text" and piece.endswith(b"]"):
            self._stage = "next"
        elif self._stage == "next" and token in self._table.newlines:
            self._stage = "open"

    def must_continue(self) -> bool:
        if self._lost:
            return False
        return self._state.mode != "text" or bool(self._state.pending) or self._stage in ("open", "mark")

    # How states follow each other.

    def _advance(self, state: _State, data: bytes) -> _State | None:
        """Return the state after `data`, None where `data` may not come."""
        if not data:
            return state
        if state.mode == "quote":
            return self._advance_quote(state, data)
        if state.mode == "marker":
            return self._advance_marker(state, data)
        return self._advance_text(state, data)

    def _advance_text(self, state: _State, data: bytes) -> _State | None:
        data = state.pending + data
        at, letter, sources = 0, state.after_letter, state.sources
        while at < len(data):
            size = _character_size(data[at])
            if size == 0:
                return None
            if at + size > len(data):
                if any(byte & 0xC0 != 0x80 for byte in data[at + 1 :]):
                    return None
                return _State(pending=data[at:], after_letter=letter, sources=sources)
            try:
                char = data[at : at + size].decode()
            except UnicodeDecodeError:
                return None
            at += size
            if char in QUOTES and not (letter and char in APOSTROPHES):
                if not self._all:
                    return None
                quote = _State("quote", opener=char, positions=self._sources.starts)
                return self._advance(quote, data[at:])
            if char in STRAYS and not (letter and char in APOSTROPHES):
                return None
            if char == "[":
                if not self._all:
                    return None
                marker = _State("marker", sources=sources)
                return self._advance(marker, data[at:])
            letter = char.isalnum() or unicodedata.category(char).startswith("M")
            sources = None if letter else sources
        return _State(after_letter=letter, sources=sources)

    def _advance_quote(self, state: _State, data: bytes) -> _State | None:
        source = self._sources.without(QUOTES[state.opener] + state.opener)
        steps = () if b"\0" in data else state.positions
        positions = frozenset(at + len(data) for at in steps if source.startswith(data, at))
        closing = state.closing if state.pending else self._closable(state)
        partial = b""
        typed = state.pending + data
        for mark in QUOTES[state.opener]:
            closer = mark.encode()
            run, found, rest = typed.partition(closer)
            if found:
                ended = closing if not run else self._ending(source, state.positions, run)
                if not ended:
                    return None
                owners = frozenset(self._markers[self._sources.owner[at] - 1] for at in ended)
                return self._advance(_State(sources=owners), rest)
            if closing and closer.startswith(typed):
                partial = typed
        if not positions and not partial:
            return None
        return replace(
            state, positions=positions, pending=partial, closing=closing if partial else frozenset()
        )

    def _advance_marker(self, state: _State, data: bytes) -> _State | None:
        allowed = {str(number) for number in (self._all if state.sources is None else state.sources)}
        digits = state.digits
        for at, byte in enumerate(data):
            if byte == ord("]"):
                if digits not in allowed:
                    return None
                return self._advance(_State(sources=state.sources), data[at + 1 :])
            digits += chr(byte)
            if not any(number.startswith(digits) for number in allowed):
                return None
        return replace(state, digits=digits)

    def _ending(self, source: bytes, positions: frozenset[int], run: bytes) -> frozenset[int]:
        """Return where `run` leads from `positions`, as far as a quote may end there."""
        reached = frozenset(at + len(run) for at in positions if source.startswith(run, at))
        return reached & self._sources.ends

    def _closable(self, state: _State) -> frozenset[int]:
        if state.positions is self._sources.starts:
            return frozenset()  # nothing is quoted yet
        return state.positions & self._sources.ends

    # Which tokens may come.

    def _quote_tokens(self, *, closing: bool) -> list[int]:
        state, table = self._state, self._table
        marks = QUOTES[state.opener]
        ready = state.closing if state.pending else self._closable(state)
        found: list[int] = []
        if ready:
            for mark in marks:
                rest = mark.encode()[len(state.pending) :] if mark.encode().startswith(state.pending) else b""
                for end in range(1, len(rest) + 1):
                    found += table.by_bytes.get(rest[:end], ())
                if not state.pending and not self._stage:
                    found += table.closers.get(mark, ())
        if not (closing and found):
            for position in state.positions:
                found += self._following(position, state.opener)
        return list(dict.fromkeys(found))

    def _following(self, position: int, opener: str) -> list[int]:
        """Return the tokens that write what follows `position`, up to and with the closing mark."""
        tokens = self._follow.get((position, opener))
        if tokens is None:
            source = self._sources.without(QUOTES[opener] + opener)
            stop = source.index(b"\0", position)
            tokens = []
            for end in range(position + 1, min(stop, position + LONGEST_PIECE) + 1):
                tokens += self._table.by_bytes.get(source[position:end], ())
                if end in self._sources.ends:
                    for mark in QUOTES[opener]:
                        tokens += self._table.by_bytes.get(source[position:end] + mark.encode(), ())
            self._follow[position, opener] = tokens
        return tokens

    def _refused_now(self) -> Ids:
        """Return the tokens that the table allows in text but the sources do not."""
        key = (self._state.after_letter, self._state.sources)
        refused = self._refused.get(key)
        if refused is None:
            table = self._table
            if self._all:
                checked: Iterable[int] = table.bracketed
            else:  # nothing to quote, nothing to mark: no token that opens either
                checked = [token for ids in table.by_bytes.values() for token in ids]
            tokens = [one for one in checked if not self._advance(self._state, table.pieces[one])]
            refused = self._refused[key] = np.array(tokens, dtype=np.int64)
        return refused


def _character_size(byte: int) -> int:
    """Return the length in bytes of the UTF-8 character that begins with `byte`, 0 if none does."""
    if byte < 0x80:
        return 1
    return 2 if 0xC2 <= byte < 0xE0 else 3 if 0xE0 <= byte < 0xF0 else 4 if 0xF0 <= byte < 0xF5 else 0
