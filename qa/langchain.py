"""hoibao for anyone's LangChain chain: a library as a retriever, an assistant as a runnable.

Both adapters only translate; search and answering are the same as everywhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig
from pydantic import ConfigDict, Field

from index.library import Library
from index.types import Hit
from qa.assistant import Assistant
from qa.types import Answer, Event, Finished

Question = str | dict[str, Any]


class LibraryRetriever(BaseRetriever):
    """The passages of a library as documents, best first.

    `metadata` of a document: article_id, title, date (YYYY-MM-DD or ""), path, source, url, start and end
    (code points of the article's text) and score in [0, 1].
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    library: Library
    k: int = Field(default=10, gt=0)
    since: date | None = None
    until: date | None = None
    source: str | None = None

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        hits = self.library.search(query, k=self.k, since=self.since, until=self.until, source=self.source)
        return [document_of(hit) for hit in hits]


def document_of(hit: Hit) -> Document:
    """Return a hit as a LangChain document."""
    article, passage = hit.article, hit.passage
    return Document(
        id=str(passage.id),
        page_content=passage.text,
        metadata={
            "article_id": article.id,
            "title": article.title,
            "date": article.date.isoformat() if article.date else "",
            "path": article.path,
            "source": article.source,
            "url": article.url,
            "start": passage.start,
            "end": passage.end,
            "score": hit.score,
        },
    )


class AssistantRunnable(Runnable[Question, Answer]):
    """An assistant in a chain: a question in, an `Answer` with its citations out.

    The input is the question, or a dict with "question" and any of "history" ((question, answer text) turns),
    "since", "until", "source". `stream` yields one `Answer`; `events` yields everything as it comes.
    """

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant

    def invoke(self, input: Question, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """Answer one question. Raises ValueError for an input without a question."""
        return self._call_with_config(self._answer, input, config)

    def _answer(self, input: Question) -> Answer:
        answer: Answer | None = None
        for event in self.events(input):
            if isinstance(event, Finished):
                answer = event.answer
        if answer is None:
            raise ValueError("the assistant ended without an answer")
        return answer

    def events(self, input: Question) -> Iterator[Event]:
        """Yield `SourcesFound`, pieces of provisional text, then `Finished`."""
        options = {"question": input} if isinstance(input, str) else dict(input)
        question = options.pop("question", None)
        if not isinstance(question, str):
            raise ValueError(f'the input must be a question or a dict with "question", got {input!r}')
        return self.assistant.stream(question, **options)
