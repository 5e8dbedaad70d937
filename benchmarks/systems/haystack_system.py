"""Haystack: BM25 and embedding retrievers over its in-memory store, joined by reciprocal rank fusion."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from haystack import Document
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore

from benchmarks.passages import Row
from benchmarks.systems.base import LEG_DEPTH, load_transformer


class HaystackSystem:
    """As in Haystack's tutorial of hybrid retrieval, with the store that needs no server."""

    def __init__(self, model: str, folder: Path, corpus: Path) -> None:
        self.folder = folder
        self.model: Any = load_transformer(model)
        self.store = InMemoryDocumentStore()

    def ingest(self, rows: Iterable[Row]) -> int:
        documents = [Document(id=row.id, content=f"{row.title}\n{row.text}".strip()) for row in rows]
        vectors = self.model.encode(
            [document.content for document in documents], batch_size=256, normalize_embeddings=True
        )
        for document, vector in zip(documents, vectors, strict=True):
            document.embedding = vector.tolist()
        self.store.write_documents(documents)
        self.store.save_to_disk(str(self.folder / "store.json"))
        self.lexical = InMemoryBM25Retriever(self.store, top_k=LEG_DEPTH)
        self.dense = InMemoryEmbeddingRetriever(self.store, top_k=LEG_DEPTH)
        self.joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion")
        return len(documents)

    def search(self, question: str, k: int) -> list[str]:
        vector = self.model.encode([question], normalize_embeddings=True)[0].tolist()
        lists = [
            self.lexical.run(query=question)["documents"],
            self.dense.run(query_embedding=vector)["documents"],
        ]
        return [document.id for document in self.joiner.run(documents=lists)["documents"][:k]]
