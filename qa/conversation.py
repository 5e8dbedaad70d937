"""Follow-up questions completed from what was asked before, by rules; only where they refer back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Turn = tuple[str, str]
"""An earlier (question, answer text)."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A question that stands alone; `rewritten` where it did not before."""

    text: str
    rewritten: bool = False


def complete(question: str, history: Sequence[Turn]) -> Completed:
    """Return `question` made independent of `history`."""
    return Completed(question)
