"""LlamaIndex: BM25Retriever and a FAISS VectorStoreIndex in a QueryFusionRetriever."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import faiss
from llama_index.core import StorageContext, VectorStoreIndex
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.llms import MockLLM
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import TextNode
from llama_index.retrievers.bm25 import BM25Retriever
from llama_index.vector_stores.faiss import FaissVectorStore

from benchmarks.passages import Row
from benchmarks.systems.base import LEG_DEPTH, load_transformer


class _Embedding(BaseEmbedding):
    model: Any = None

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self.model.encode(texts, batch_size=256, normalize_embeddings=True).tolist()

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


class LlamaIndexSystem:
    """As in LlamaIndex's documentation of reciprocal rerank fusion; no language model is asked."""

    def __init__(self, model: str, folder: Path, corpus: Path) -> None:
        self.folder = folder
        self.embedding = _Embedding(model=load_transformer(model), embed_batch_size=1024)

    def ingest(self, rows: Iterable[Row]) -> int:
        nodes = [TextNode(id_=row.id, text=f"{row.title}\n{row.text}".strip()) for row in rows]
        dimension = len(self.embedding.get_text_embedding("a"))
        context = StorageContext.from_defaults(
            vector_store=FaissVectorStore(faiss_index=faiss.IndexFlatIP(dimension))
        )
        index = VectorStoreIndex(nodes, storage_context=context, embed_model=self.embedding)
        lexical = BM25Retriever.from_defaults(
            nodes=nodes, similarity_top_k=LEG_DEPTH, skip_stemming=True, language=[]
        )
        index.storage_context.persist(str(self.folder / "llamaindex"))
        lexical.persist(str(self.folder / "bm25"))
        self.retriever = QueryFusionRetriever(
            [index.as_retriever(similarity_top_k=LEG_DEPTH), lexical],
            llm=MockLLM(),
            num_queries=1,
            mode="reciprocal_rerank",
            similarity_top_k=LEG_DEPTH,
            use_async=False,
        )
        return len(nodes)

    def search(self, question: str, k: int) -> list[str]:
        return [found.node.node_id for found in self.retriever.retrieve(question)[:k]]
