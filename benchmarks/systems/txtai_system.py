"""txtai: Embeddings(hybrid=True), its own BM25 beside FAISS."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from txtai import Embeddings

from benchmarks.passages import Row


class TxtaiSystem:
    """As in txtai's documentation of hybrid search; weights are its default (one half each)."""

    def __init__(self, model: str, folder: Path, corpus: Path) -> None:
        self.folder = folder
        self.embeddings = Embeddings(path=model, method="sentence-transformers", hybrid=True, content=False)

    def ingest(self, rows: Iterable[Row]) -> int:
        count = 0

        def stream() -> Iterable[tuple[str, str, None]]:
            nonlocal count
            for row in rows:
                count += 1
                yield row.id, f"{row.title}\n{row.text}".strip(), None

        self.embeddings.index(stream())
        self.embeddings.save(str(self.folder / "txtai"))
        return count

    def search(self, question: str, k: int) -> list[str]:
        return [str(identifier) for identifier, _ in self.embeddings.search(question, k)]
