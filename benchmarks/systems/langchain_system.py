"""LangChain: BM25Retriever and FAISS in an EnsembleRetriever (reciprocal rank fusion, equal weights)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from langchain_classic.retrievers import EnsembleRetriever
from langchain_community.retrievers import BM25Retriever
from langchain_community.vectorstores import FAISS
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from benchmarks.passages import Row
from benchmarks.systems.base import LEG_DEPTH, load_transformer


class _Embeddings(Embeddings):
    def __init__(self, model: str) -> None:
        self.model: Any = load_transformer(model)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self.model.encode(texts, batch_size=256, normalize_embeddings=True).tolist()

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


class LangChainSystem:
    """As in LangChain's documentation of hybrid search."""

    def __init__(self, model: str, folder: Path, corpus: Path) -> None:
        self.folder = folder
        self.embeddings = _Embeddings(model)

    def ingest(self, rows: Iterable[Row]) -> int:
        documents = [
            Document(page_content=f"{row.title}\n{row.text}".strip(), metadata={"id": row.id}) for row in rows
        ]
        lexical = BM25Retriever.from_documents(documents, k=LEG_DEPTH, preprocess_func=_words)
        store = FAISS.from_documents(documents, self.embeddings)
        store.save_local(str(self.folder / "faiss"))
        dense = store.as_retriever(search_kwargs={"k": LEG_DEPTH})
        self.retriever = EnsembleRetriever(retrievers=[lexical, dense], weights=[0.5, 0.5])
        return len(documents)

    def search(self, question: str, k: int) -> list[str]:
        return [document.metadata["id"] for document in self.retriever.invoke(question)[:k]]


def _words(text: str) -> list[str]:
    # LangChain's default splits at blanks only, keeps case and commas; lower-casing is the least users do.
    return text.lower().split()
