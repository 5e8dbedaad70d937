"""What every system under comparison does: take the passages in, answer a question with ids.

Each adapter follows the documentation of its system for hybrid search, with the shipped embedder of this
project given to all of them, and nothing tuned for or against it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from benchmarks.passages import Row

LEG_DEPTH = 50
"""How many passages a peer takes from each leg before it fuses them."""


class System(Protocol):
    """One search system; made anew in a process of its own."""

    def ingest(self, rows: Iterable[Row]) -> int:
        """Take all passages in, ready to search; return how many were taken."""
        ...

    def search(self, question: str, k: int) -> list[str]:
        """Return the ids of the best k passages, best first."""
        ...


def load_transformer(model: str) -> object:
    """Load the embedder as any user of sentence-transformers would."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(model, device="cpu")


def folder_bytes(folder: Path) -> int:
    """Sum of the sizes of all files below a folder, in bytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
