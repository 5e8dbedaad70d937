"""Reasoning models: thoughts are switched off where they begin, and hidden where they come all the same.

Thinking costs minutes on a laptop, and what stands in a thought is no part of an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from models.llama_engine import LlamaEngine
from models.llama_job import Constraint

THINK_OPEN: Final = "<think>"
THINK_CLOSE: Final = "</think>"


class ThinkFilter:
    """Takes what stands between <think> and </think> out of a stream, also where a tag comes in pieces."""

    def __init__(self) -> None:
        self._held, self._thinking = "", False

    def feed(self, text: str) -> str:
        """Return what may be shown now."""
        self._held += text
        shown = ""
        while True:
            tag = THINK_CLOSE if self._thinking else THINK_OPEN
            before, found, after = self._held.partition(tag)
            if not found:
                break
            if not self._thinking:
                shown += before
            self._held = after.lstrip("\n") if self._thinking else after
            self._thinking = not self._thinking
        keep = next((n for n in range(len(tag) - 1, 0, -1) if self._held.endswith(tag[:n])), 0)
        ready, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return shown if self._thinking else shown + ready

    def end(self) -> str:
        """Return what was held back."""
        held, self._held = self._held, ""
        return "" if self._thinking else held


class NoThinking:
    """Closes a thought as soon as the model opens it; passes everything else on to another constraint."""

    def __init__(self, engine: LlamaEngine, inner: Constraint | None) -> None:
        self._inner, self._pieces, self._head = inner, engine.pieces(), b""
        self._opening = engine.tokenize(THINK_OPEN, special=True)
        self._closing = engine.tokenize(f"\n\n{THINK_CLOSE}\n\n", special=True)
        self._watching, self._pending, self._skip = True, False, 0

    def forced(self) -> Sequence[int]:
        if self._pending:
            self._pending, self._skip = False, len(self._closing)
            return self._closing
        return self._inner.forced() if self._inner else ()

    def mask(self, logits: npt.NDArray[np.float32], *, closing: bool) -> None:
        if self._inner:
            self._inner.mask(logits, closing=closing)

    def accept(self, token: int) -> None:
        if self._skip:
            self._skip -= 1
            return
        if self._watching:
            self._head += self._pieces[token]
            start = self._head.lstrip()
            # The tag is one control token in some vocabularies, and then it writes nothing.
            if start == THINK_OPEN.encode() or [token] == self._opening:
                self._watching, self._pending = False, True
            elif start and not THINK_OPEN.encode().startswith(start):
                self._watching = False
        if self._inner:
            self._inner.accept(token)

    def must_continue(self) -> bool:
        return self._pending or (self._inner is not None and self._inner.must_continue())
