"""Paragraphs of the corpora searched by BM25: where training looks for what a question might be about."""

from __future__ import annotations

from collections.abc import Iterable

import tantivy

from models.reader_text import tokens_of
from models.training.reader_corpus import Document

_LONGEST = 1600  # characters of a paragraph
_SHORTEST = 120


class Paragraphs:
    """An index in memory over the paragraphs of documents, each with its document's title."""

    def __init__(self, documents: Iterable[Document]) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("text", stored=False, tokenizer_name="whitespace")
        builder.add_integer_field("number", stored=True, indexed=True)
        self._index = tantivy.Index(builder.build())
        writer = self._index.writer(100_000_000, 1)
        self._texts: list[tuple[str, str]] = []
        for document in documents:
            for paragraph in document.paragraphs:
                for start in range(0, len(paragraph), _LONGEST):
                    piece = paragraph[start : start + _LONGEST + 200]
                    if len(piece) < _SHORTEST:
                        continue
                    text = _plain(f"{document.title} {piece}")
                    writer.add_document(tantivy.Document(text=text, number=len(self._texts)))
                    self._texts.append((document.title, piece))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def search(self, question: str, count: int) -> list[tuple[str, str]]:
        """Return (title, paragraph) of the best; none for a question of fewer than four different words."""
        words = sorted(set(_plain(question).split()))
        if len(words) < 4:
            return []
        query = self._index.parse_query(" ".join(f'"{word}"' for word in words), ["text"])
        hits = self._searcher.search(query, count).hits
        return [self._texts[int(self._searcher.doc(address)["number"][0])] for _, address in hits]


def _plain(text: str) -> str:
    return " ".join(m.group().lower() for m in tokens_of(text) if m.group()[0].isalnum())
