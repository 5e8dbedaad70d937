"""A generation that waits or runs: what is asked of the engine and how its text comes back."""

from __future__ import annotations

import codecs
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from models.errors import ModelTimeout

HEARTBEAT: Final = 0.1


class Constraint(Protocol):
    """Steers decoding. Called by the engine's thread, in this order for every token."""

    def forced(self) -> Sequence[int]:
        """Return tokens to write without asking the model (usually none)."""

    def mask(self, logits: npt.NDArray[np.float32], *, closing: bool) -> None:
        """Set what must not come next to -inf, in place; `logits` has one value per token of the vocabulary.

        `closing` is true once the limit of tokens is passed: what is open has to be closed.
        """

    def accept(self, token: int) -> None:
        """Take notice of the token that was written."""

    def must_continue(self) -> bool:
        """Tell whether the text may not end here (inside a quotation); asked where the limit is reached."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn. Temperature 0 always takes the likeliest; `seed` makes other draws repeatable."""

    temperature: float = 0.0
    top_p: float = 0.95
    top_k: int = 40
    repeat_penalty: float = 1.0
    seed: int = 0
    max_tokens: int = 256


@dataclass(frozen=True, slots=True)
class Usage:
    """What a job did: tokens of its prompt, those found in the cache, tokens written, and seconds."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    queue_seconds: float = 0.0
    prompt_seconds: float = 0.0
    decode_seconds: float = 0.0
    finish: str = "stop"


class Job:
    """One generation. Iterate to get text; `cancel()` stops it, from any thread."""

    def __init__(
        self,
        tokens: Sequence[int],
        sampling: Sampling,
        constraint: Constraint | None,
        deadline: float | None,
        interrupt: Callable[[Job], None],
        path: Path,
    ) -> None:
        self.tokens, self.sampling, self.constraint = list(tokens), sampling, constraint
        self.usage = Usage()
        self.cancelled = threading.Event()
        self.submitted = time.monotonic()
        self.output: queue.SimpleQueue[bytes | BaseException | None] = queue.SimpleQueue()
        self._deadline, self._interrupt, self._path = deadline, interrupt, path

    def cancel(self) -> None:
        """Stop at once, also in the middle of reading a long prompt. Harmless where it has ended."""
        self.cancelled.set()
        self._interrupt(self)

    def texts(self, stop_event: threading.Event | None = None) -> Iterator[str]:
        """Yield text as it is written, and "" ten times a second where there is none; a caller can leave.

        Raises ModelTimeout at the deadline; ends where `stop_event` is set; cancels the job when closed.
        """
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        try:
            while (item := self._next(stop_event)) is not None:
                if isinstance(item, BaseException):
                    raise item
                if (text := decoder.decode(item)) or not item:
                    yield text
            if text := decoder.decode(b"", True):
                yield text
        finally:
            self.cancel()

    def _next(self, stop_event: threading.Event | None) -> bytes | BaseException | None:
        if stop_event is not None and stop_event.is_set():
            return None
        wait = HEARTBEAT
        if self._deadline is not None:
            wait = min(wait, self._deadline - time.monotonic())
            if wait <= 0:
                raise ModelTimeout(
                    "mô hình không trả lời kịp trong thời gian cho phép",
                    path=self._path,
                    repair="Dùng mô hình nhỏ hơn (hoibao models list) hoặc tăng thời hạn trong cài đặt",
                )
        try:
            return self.output.get(timeout=wait)
        except queue.Empty:
            return b""
