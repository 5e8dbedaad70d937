"""`hoibao serve`: an OpenAI-compatible chat endpoint and /ask with citations, on this machine.

    POST /v1/chat/completions   any OpenAI client; the answer's text ends with its sources
    POST /ask                   the whole `Answer` as JSON, or its events with "stream": true
    GET  /v1/models, /health, /openapi.json, /docs

What /v1 streams is verified text only: that protocol cannot take a word back. /ask streams provisional text
as such. Beyond the loopback a token is required; on it, only requests to a loopback name are answered.
"""

from __future__ import annotations

import json
import secrets
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field

from models.errors import HoibaoError, LibraryError, ModelError, SettingsError
from qa.settings import is_loopback
from qa.types import Answer, Finished, SourcesFound, TextDelta
from ui.view import UNSURE, caution, date_text, jsonable

if TYPE_CHECKING:
    from qa.assistant import Assistant

MODEL = "hoibao"
OPEN_PATHS = frozenset({"/health"})


class Turn(BaseModel):
    """An earlier question and the text that answered it."""

    question: str
    answer: str


class AskRequest(BaseModel):
    """A question to the library."""

    question: str = Field(min_length=1, max_length=4000)
    history: list[Turn] = []
    since: date | None = None
    until: date | None = None
    source: str | None = None
    stream: bool = False


class ChatMessage(BaseModel):
    """A message as OpenAI clients send it; of a list of parts the text counts."""

    role: str
    content: str | list[dict[str, Any]] | None = ""

    @property
    def text(self) -> str:
        if isinstance(self.content, str):
            return self.content
        return " ".join(str(part.get("text", "")) for part in self.content or ())


class ChatRequest(BaseModel):
    """A chat completion request. Other fields have no effect: answers come from the library."""

    model: str = MODEL
    messages: list[ChatMessage] = Field(min_length=1)
    stream: bool = False


def create_app(assistant: Assistant, *, token: str = "", loopback: bool = True) -> FastAPI:
    """Return the application. `token`, where not empty, is required as "Authorization: Bearer TOKEN".

    With `loopback`, requests whose Host is no loopback name are refused (a web page elsewhere may have had
    its own name pointed here).
    """
    app = FastAPI(
        title="hoibao", summary="Hỏi kho bài báo: câu trả lời nào cũng có trích dẫn.",
        # The pages of the API are drawn by scripts from another server; the description itself is enough.
        docs_url=None, redoc_url=None,
    )  # fmt: skip

    @app.middleware("http")
    async def guard(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        if loopback and not is_loopback(request.url.hostname or ""):
            return _error(403, "Chỉ trả lời yêu cầu gửi tới địa chỉ của chính máy này.")
        given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
        if token and request.url.path not in OPEN_PATHS and not secrets.compare_digest(given, token.encode()):
            return _error(401, "Thiếu mã truy cập hoặc mã sai (Authorization: Bearer …).")
        return await proceed(request)

    @app.exception_handler(HoibaoError)
    async def explain(request: Request, error: HoibaoError) -> Response:
        return _error(503 if isinstance(error, LibraryError | ModelError) else 400, str(error))

    @app.get("/health")
    def health() -> dict[str, object]:
        """Tell that the server lives, and how many articles it answers from."""
        return {"status": "ok", "articles": len(assistant.library)}

    @app.get("/v1/models")
    def models() -> dict[str, object]:
        """List the one model that clients may name."""
        return {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}]}

    @app.post("/ask", response_model=None)
    def ask(request: AskRequest) -> Response:
        """Answer with citations: the fields of `Answer`, or server-sent events with `stream`."""
        history = [(turn.question, turn.answer) for turn in request.history]
        options: dict[str, Any] = {"since": request.since, "until": request.until, "source": request.source}
        if request.stream:
            return _events(_ask_events(assistant, request.question, history, options))
        return JSONResponse(jsonable(assistant.ask(request.question, history=history, **options)))

    @app.post("/v1/chat/completions", response_model=None)
    def chat(request: ChatRequest) -> Response:
        """Answer the last user message; the messages before it are the conversation."""
        question, history = _conversation(request.messages)
        made = int(time.time())
        name = f"chatcmpl-{uuid.uuid4().hex}"
        if request.stream:
            return _events(_chat_events(assistant, question, history, name, made))
        answer = assistant.ask(question, history=history)
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": with_sources(answer)},
            "finish_reason": "stop",
        }
        usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        head = {"id": name, "object": "chat.completion", "created": made, "model": MODEL}
        return JSONResponse({**head, "choices": [choice], "usage": usage, "hoibao": jsonable(answer)})

    return app


def with_sources(answer: Answer) -> str:
    """Return the answer's text with its quotes, article and date; a caution first where it is not sure."""
    lines = []
    for citation in answer.citations:
        article = citation.article
        day = f", {date_text(article.date)}" if article.date else ""
        lines.append(f"[{citation.marker}] {article.title or article.path}{day}: “{citation.quote}”")
    return "\n\n".join(part for part in (caution(answer), answer.text, "\n".join(lines)) if part)


def _conversation(messages: list[ChatMessage]) -> tuple[str, list[tuple[str, str]]]:
    if messages[-1].role != "user" or not messages[-1].text.strip():
        raise SettingsError("tin nhắn cuối phải là câu hỏi của người dùng (role: user)")
    history: list[tuple[str, str]] = []
    asked: str | None = None
    for message in messages[:-1]:
        if message.role == "user":
            asked = message.text
        elif message.role == "assistant" and asked is not None:
            # The caution and the sources that `with_sources` adds are no part of what was said.
            said = message.text.removeprefix(f"{UNSURE}\n\n").split("\n\n[1] ")[0]
            history.append((asked, said))
            asked = None
    return messages[-1].text, history


def _ask_events(
    assistant: Assistant, question: str, history: list[tuple[str, str]], options: dict[str, Any]
) -> Iterator[tuple[str, object]]:
    for event in assistant.stream(question, history=history, **options):
        if isinstance(event, SourcesFound):
            yield (
                "sources",
                [
                    {"marker": one.marker, "quote": one.sentence.text, "title": one.article.title}
                    for one in event.evidence
                ],
            )
        elif isinstance(event, TextDelta):
            yield "delta", {"text": event.text}
        elif isinstance(event, Finished):
            yield "finished", jsonable(event.answer)


def _chat_events(
    assistant: Assistant, question: str, history: list[tuple[str, str]], name: str, made: int
) -> Iterator[tuple[str, object]]:
    def chunk(delta: dict[str, str], finish: Literal["stop"] | None = None) -> tuple[str, object]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        head = {"id": name, "object": "chat.completion.chunk", "created": made, "model": MODEL}
        return "", {**head, "choices": [choice]}

    yield chunk({"role": "assistant", "content": ""})
    for event in assistant.stream(question, history=history):
        if isinstance(event, Finished):
            for line in with_sources(event.answer).splitlines(keepends=True):
                for start in range(0, len(line), 40):
                    yield chunk({"content": line[start : start + 40]})
        else:
            yield ":", None  # a comment: the client sees that we live
    yield chunk({}, "stop")
    yield "", "[DONE]"


def _events(events: Iterator[tuple[str, object]]) -> Response:
    """Return server-sent events; an error that comes up on the way is the last of them."""

    def lines() -> Iterator[str]:
        try:
            for kind, data in events:
                if kind == ":":
                    yield ": working\n\n"
                    continue
                text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
                yield f"event: {kind}\ndata: {text}\n\n" if kind else f"data: {text}\n\n"
        except HoibaoError as error:
            yield f"data: {json.dumps({'error': {'message': str(error), 'type': type(error).__name__}})}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


def _error(status: int, message: str) -> Response:
    return JSONResponse({"error": {"message": message, "type": "hoibao", "code": status}}, status_code=status)


def run_server(assistant: Assistant, *, host: str = "127.0.0.1", port: int = 8765, token: str = "") -> None:
    """Serve until interrupted. Raises SettingsError for an address beyond this machine without a token."""
    import uvicorn

    if not is_loopback(host) and not token:
        raise SettingsError(
            f"{host} mở cho máy khác: cần một mã truy cập",
            repair="đặt serve_token trong thiết lập (hoặc HOIBAO_SERVE_TOKEN), từ 16 ký tự trở lên",
        )
    if token and len(token) < 16:
        raise SettingsError("serve_token quá ngắn", repair="đặt mã từ 16 ký tự trở lên")
    app = create_app(assistant, token=token, loopback=is_loopback(host))
    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False)
