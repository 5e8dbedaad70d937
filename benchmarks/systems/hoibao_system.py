"""This project, through its public API: a .jsonl file is added, questions go to Library.search."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks.passages import Row
from index import Library


class HoibaoSystem:
    """The library with its defaults. The corpus is read from the file, as a user's would be."""

    def __init__(self, model: str, folder: Path, corpus: Path) -> None:
        self.corpus = corpus / "passages.jsonl"
        self.library = Library.open(folder / "library", create=True)

    def ingest(self, rows: Iterable[Row]) -> int:
        return self.library.add([self.corpus]).passages

    def search(self, question: str, k: int) -> list[str]:
        found = (hit.article.id for hit in self.library.search(question, k=k))
        return list(dict.fromkeys(found))
