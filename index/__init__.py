"""Articles in, ranked passages out: `from index import Library`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.types import Article, Hit, Passage, Sentence, Span

if TYPE_CHECKING:
    from index.library import Library
    from index.report import AddReport, Progress
    from index.search import SearchSettings

__all__ = [
    "AddReport",
    "Article",
    "Hit",
    "Library",
    "Passage",
    "Progress",
    "SearchSettings",
    "Sentence",
    "Span",
]

_LAZY = {
    "Library": "index.library",
    "AddReport": "index.report",
    "Progress": "index.report",
    "SearchSettings": "index.search",
}


def __getattr__(name: str) -> object:
    """Import the library on first use: FAISS and tantivy cost a part of a second."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value
