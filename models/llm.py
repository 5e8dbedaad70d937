"""Any GGUF file as a LangChain chat model: templates, thinking, streaming. `llama_engine.py` runs it.

What people and articles wrote goes to the model as plain text only: where it spells the name of a control
token ("<|im_end|>"), it stays letters and ends nothing.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field, PrivateAttr

from models.errors import ModelDamaged, ModelError
from models.llama_engine import LlamaEngine, open_engine, release_engine
from models.llama_job import Constraint, Sampling, Usage
from models.thinking import THINK_CLOSE, THINK_OPEN, NoThinking, ThinkFilter

ROLES: Final = {"system": "system", "human": "user", "ai": "assistant"}
_MARK: Final = re.compile("\ue000(\\d+)\ue001")

ConstraintMaker = Callable[[LlamaEngine], Constraint]


class LlamaChat(BaseChatModel):
    """A GGUF model on this machine.

    `path` is the file; it is loaded at once (one file open twice is in memory once) and given back by
    `close()`. `context` (tokens), `threads` and `mmap` are what llama.cpp is told; None chooses by model and
    machine. `deadline_seconds` counts from the call, time in the queue included. Every field from
    `temperature` on may also be given with a call, as may `constraint` (a function of the engine, see
    `constrain.py`) and `cancel` (a threading.Event that ends the answer within 200 ms, as does closing the
    stream). Raises ModelNotFound, ModelDamaged, ModelTooLarge or ModelError on loading, ModelTimeout later.
    """

    path: Path
    context: int | None = None
    threads: int | None = None
    mmap: bool = True
    chat_template: str | None = None
    temperature: float = Field(default=0.0, ge=0)
    top_p: float = Field(default=0.95, gt=0, le=1)
    top_k: int = 40
    repeat_penalty: float = 1.0
    seed: int = 0
    max_tokens: int = Field(default=256, gt=0)
    deadline_seconds: float | None = None

    _engine: LlamaEngine | None = PrivateAttr(default=None)
    _render: Any = PrivateAttr(default=None)
    _usage: Usage = PrivateAttr(default_factory=Usage)

    def model_post_init(self, context: Any, /) -> None:
        engine = open_engine(self.path, context=self.context, threads=self.threads, mmap=self.mmap)
        self._engine = engine
        try:
            self._render = _renderer(engine, self.chat_template)
        except ModelError:
            self.close()
            raise

    @property
    def engine(self) -> LlamaEngine:
        """The engine. Raises ModelError where the model was closed."""
        if self._engine is None:
            raise ModelError("mô hình đã được đóng", path=self.path, repair="Mở lại mô hình")
        return self._engine

    @property
    def last_usage(self) -> Usage:
        """Tokens and seconds of the answer that ended last."""
        return self._usage

    @property
    def _llm_type(self) -> str:
        return "hoibao-llama"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"path": str(self.path), "temperature": self.temperature, "seed": self.seed}

    def close(self) -> None:
        """Give the memory back. May be called twice."""
        engine, self._engine = self._engine, None
        if engine is not None:
            release_engine(engine)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def get_num_tokens(self, text: str) -> int:
        """Count tokens with the model's own tokenizer."""
        return len(self.engine.tokenize(text, special=False))

    def prompt_tokens(self, messages: Sequence[BaseMessage]) -> list[int]:
        """Return the prompt: the GGUF's chat template around the messages, which stay plain text."""
        contents = [str(message.text) for message in messages]
        turns = [
            {"role": ROLES.get(message.type, "user"), "content": f"\ue000{number}\ue001"}
            for number, message in enumerate(messages)
        ]
        rendered = self._apply(turns)
        # A template that opens a thought itself gets it closed again: thinking costs minutes on a laptop.
        if rendered.rstrip().endswith(THINK_OPEN):
            rendered = f"{rendered.rstrip()}\n\n{THINK_CLOSE}\n\n"
        tokens: list[int] = []
        for position, part in enumerate(_MARK.split(rendered)):
            if position % 2:
                tokens += self.engine.tokenize(contents[int(part)], special=False)
            elif part:
                tokens += self.engine.tokenize(part, special=True)
        begin = self.engine.begin_token
        if self.engine.adds_begin_token and begin >= 0 and tokens[:1] != [begin]:
            tokens.insert(0, begin)
        return tokens

    def _apply(self, turns: list[dict[str, str]]) -> str:
        try:
            return str(self._render(messages=turns, enable_thinking=False).prompt)
        except Exception as error:  # whatever a template raises, mostly "no system role"
            if turns[0]["role"] != "system" or len(turns) < 2:
                raise ModelError(f"mẫu hội thoại của mô hình lỗi: {error}", path=self.path) from error
        merged = {"role": turns[1]["role"], "content": f"{turns[0]['content']}\n\n{turns[1]['content']}"}
        return self._apply([merged, *turns[2:]])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        *,
        constraint: ConstraintMaker | None = None,
        cancel: threading.Event | None = None,
        **overrides: Any,
    ) -> Iterator[ChatGenerationChunk]:
        engine, setting = self.engine, {**self.model_dump(include=set(_SAMPLING)), **overrides}
        job = engine.submit(
            self.prompt_tokens(messages),
            Sampling(**{name: setting[name] for name in _SAMPLING}),
            constraint=NoThinking(engine, constraint(engine) if constraint else None),
            deadline_seconds=overrides.get("deadline_seconds", self.deadline_seconds),
        )
        for text in _until(stop or [], _without_thoughts(job.texts(cancel))):
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=text))
            if run_manager:
                run_manager.on_llm_new_token(text, chunk=chunk)
            yield chunk
        self._usage = usage = job.usage
        prompt, written = usage.prompt_tokens, usage.completion_tokens
        yield ChatGenerationChunk(
            message=AIMessageChunk(
                content="",
                response_metadata={"finish_reason": usage.finish, "model_name": engine.header.name},
                usage_metadata={
                    "input_tokens": prompt, "output_tokens": written, "total_tokens": prompt + written,
                },
            )
        )  # fmt: skip

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        chunks = list(self._stream(messages, stop, run_manager, **kwargs))
        last = chunks[-1].message
        message = AIMessage(
            content="".join(str(chunk.message.content) for chunk in chunks),
            response_metadata=last.response_metadata,
            usage_metadata=getattr(last, "usage_metadata", None),
        )
        return ChatResult(generations=[ChatGeneration(message=message)])


_SAMPLING: Final = ("temperature", "top_p", "top_k", "repeat_penalty", "seed", "max_tokens")


def _renderer(engine: LlamaEngine, template: str | None) -> Any:
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    template = template or engine.metadata.get("tokenizer.chat_template")
    if not template:
        raise ModelError(
            "mô hình không có mẫu hội thoại (chat template): đây không phải bản để trò chuyện",
            path=engine.header.path,
            repair="Chọn bản Instruct hoặc Chat của mô hình: hoibao models list",
        )
    try:
        return Jinja2ChatFormatter(
            template, engine.token_text(engine.end_token), engine.token_text(engine.begin_token)
        )
    except Exception as error:  # jinja2 raises several kinds
        raise ModelDamaged(f"mẫu hội thoại của mô hình lỗi ({error})", path=engine.header.path) from error


def _without_thoughts(texts: Iterator[str]) -> Iterator[str]:
    thoughts = ThinkFilter()
    started = False
    for text in texts:
        shown = thoughts.feed(text)
        shown = shown if started else shown.lstrip()
        started = started or bool(shown)
        if shown or not text:
            yield shown
    if rest := thoughts.end():
        yield rest


def _until(stops: Sequence[str], texts: Iterator[str]) -> Iterator[str]:
    """Yield the texts up to the first of `stops`."""
    longest = max((len(stop) for stop in stops), default=1) - 1
    held = ""
    for text in texts:
        if not text:
            yield text
        held += text
        ends = [position for stop in stops if (position := held.find(stop)) >= 0]
        if ends:
            yield held[: min(ends)]
            return
        if len(held) > longest:
            yield held[: len(held) - longest]
            held = held[len(held) - longest :]
    if held:
        yield held
