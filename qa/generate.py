"""Lets a chat model answer from evidence, as a stream. What it writes is provisional: verify.py judges.

On a model of our own (`LlamaChat`) quotations and markers are constrained while it writes; any other
LangChain chat model gets the same prompt and is judged afterwards only.
"""

from __future__ import annotations

import contextlib
import logging
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from models.constrain import QuoteConstraint
from models.errors import ModelError
from models.llama_engine import LlamaEngine
from models.llm import LlamaChat
from models.openai_server import ServerChat
from models.store import ModelStore
from models.thinking import ThinkFilter
from qa.prompt import DEFAULT_BUDGET, Prompt, build_prompt, estimate_tokens, one_line
from qa.settings import Settings
from qa.types import Evidence

logger = logging.getLogger(__name__)

REWRITE_RULES = (
    "Viết lại câu hỏi cuối thành một câu hỏi đầy đủ, hiểu được khi đứng riêng. "
    "Chỉ dùng tên và số đã có trong cuộc trò chuyện. Chỉ viết câu hỏi, không trả lời."
)
_NUMBER = re.compile(r"\d+")


def generate(
    question: str,
    evidence: Sequence[Evidence],
    model: BaseChatModel,
    *,
    budget: int = DEFAULT_BUDGET,
    constrain: bool = True,
    quote_only: bool = False,
    cancel: threading.Event | None = None,
    **options: Any,
) -> Iterator[str]:
    """Yield the model's answer to `question` from `evidence`; its markers are those of the evidence.

    `budget` limits the evidence (tokens); a small context limits it further. `options` go to the model
    with the call (`seed`, `max_tokens`, `deadline_seconds`…). `quote_only` needs a `LlamaChat`: the answer
    is then nothing but verbatim quotes with their markers. While a `LlamaChat` reads the prompt, "" comes
    ten times a second, so that a caller can leave. Closing the iterator, or setting `cancel`, stops the
    model. Raises ModelError and its kinds, also where a foreign model fails, and where no evidence fits its
    context.
    """
    own = isinstance(model, LlamaChat)
    if quote_only and not own:
        raise ModelError("chế độ chỉ trích dẫn cần một mô hình GGUF chạy trong hoibao")
    prompt = _fitting_prompt(question, evidence, model, budget=budget, quote_only=quote_only, options=options)
    if evidence and not prompt.evidence:
        raise ModelError(
            "ngữ cảnh của mô hình quá nhỏ cho câu hỏi và các câu nguồn",
            repair="Tăng ngữ cảnh của mô hình trong cài đặt, hoặc chọn mô hình khác: hoibao models list",
        )
    if own:
        options["cancel"] = cancel
        if constrain or quote_only:
            options["constraint"] = constraint_for(prompt.evidence, quote_only=quote_only)
    thoughts = ThinkFilter()
    for text in _texts(model, _messages(prompt), options):
        if cancel is not None and cancel.is_set():
            return
        if (shown := thoughts.feed(text)) or not text:
            yield shown
    if rest := thoughts.end():
        yield rest


def constraint_for(
    evidence: Sequence[Evidence], *, quote_only: bool = False
) -> Callable[[LlamaEngine], QuoteConstraint]:
    """Return what makes the constraint: quotes only from these sentences, as the prompt shows them."""
    texts = [one_line(item.sentence.text) for item in evidence]
    markers = [item.marker for item in evidence]
    return lambda engine: QuoteConstraint(engine, texts, markers=markers, quote_only=quote_only)


def rewrite_question(
    question: str, history: Sequence[tuple[str, str]], model: BaseChatModel, **options: Any
) -> str | None:
    """Let the model complete a question that refers back to `history` (question, answer text), newest last.

    Returns None where the model fails or what it wrote cannot be trusted to be the same question: empty,
    long, no single line, or with a number or a capitalised word that nobody said. The caller then keeps the
    rule-based rewriting.
    """
    turns = [f"Hỏi: {one_line(asked)}\nĐáp: {one_line(answer)[:300]}" for asked, answer in history[-3:]]
    said = "\n".join([*turns, f"Hỏi: {one_line(question)}"])
    messages = [SystemMessage(REWRITE_RULES), HumanMessage(said)]
    options = {"max_tokens": 64, **options} if isinstance(model, LlamaChat) else options
    thoughts = ThinkFilter()
    try:
        text = "".join(thoughts.feed(part) for part in _texts(model, messages, options)) + thoughts.end()
    except ModelError as error:
        logger.warning("question not rewritten: %s", error)
        return None
    text = text.strip().removeprefix("Hỏi:").strip().strip('"“”')
    if not text or "\n" in text or len(text) > 4 * len(question) + 120:
        return None
    known = said.casefold()
    words = [word.strip(".,;:?!…()“”\"'") for word in text.split()]
    invented = [
        word
        for position, word in enumerate(words)
        if (_NUMBER.search(word) or (position and word[:1].isupper())) and word.casefold() not in known
    ]
    if invented:
        logger.info("rewritten question dropped: nobody said %s", invented)
        return None
    return text if text.endswith("?") else text.rstrip(".") + "?"


def _messages(prompt: Prompt) -> list[BaseMessage]:
    return [SystemMessage(prompt.system), HumanMessage(prompt.user)]


def _fitting_prompt(
    question: str,
    evidence: Sequence[Evidence],
    model: BaseChatModel,
    *,
    budget: int,
    quote_only: bool,
    options: dict[str, Any],
) -> Prompt:
    if not isinstance(model, LlamaChat):
        return build_prompt(question, evidence, budget=budget, count_tokens=estimate_tokens)
    bare = build_prompt(question, (), quote_only=quote_only)
    answer = int(options.get("max_tokens", model.max_tokens))
    room = model.engine.context - len(model.prompt_tokens(_messages(bare))) - min(answer, 128) - 16
    return build_prompt(
        question,
        evidence,
        budget=min(budget, room),
        count_tokens=model.get_num_tokens,
        quote_only=quote_only,
    )


def _texts(model: BaseChatModel, messages: list[BaseMessage], options: dict[str, Any]) -> Iterator[str]:
    """Yield the text of the chunks; whatever a foreign model raises becomes a ModelError."""
    try:
        with contextlib.closing(model.stream(messages, **options)) as stream:  # type: ignore[type-var]
            for chunk in stream:
                yield str(chunk.text)
    except (ModelError, GeneratorExit):
        raise
    except Exception as error:
        raise ModelError(f"mô hình trả lời không thành công ({error})") from error


class ModelGenerator:
    """A chat model as the `Generator` that an `Assistant` takes; `close()` gives its memory back.

    Without `model` the one that `settings` name is loaded: a server on this machine, or a GGUF file (a path,
    or the name of a model in the home folder). Raises ModelError and its kinds, SettingsError.
    """

    def __init__(self, settings: Settings, *, model: BaseChatModel | None = None) -> None:
        self.settings = settings
        self.model = model or load_chat_model(settings)

    def __call__(
        self, question: str, evidence: Sequence[Evidence], *, cancel: threading.Event | None = None
    ) -> Iterator[str]:
        settings = self.settings
        return generate(
            question,
            evidence,
            self.model,
            budget=settings.evidence_tokens,
            constrain=settings.constrain_quotes,
            quote_only=settings.quote_only and isinstance(self.model, LlamaChat),
            cancel=cancel,
        )

    def rewrite(self, question: str, history: Sequence[tuple[str, str]]) -> str | None:
        """Return the question completed from `history`, None where the rules should do it."""
        if not history or not self.settings.rewrite_with_model:
            return None
        return rewrite_question(question, history, self.model)

    def close(self) -> None:
        """Close the model where it is one of our own."""
        if isinstance(self.model, LlamaChat):
            self.model.close()


def load_chat_model(settings: Settings) -> LlamaChat | ServerChat:
    """Load the chat model that the settings name. Raises ModelError and its kinds, SettingsError."""
    common: dict[str, Any] = {
        "temperature": settings.temperature,
        "seed": settings.seed,
        "max_tokens": settings.answer_tokens,
        "deadline_seconds": settings.deadline,
    }
    if settings.server_url:
        return ServerChat(
            url=settings.server_url,
            model=settings.server_model,
            allow_remote=settings.allow_remote_server,
            **common,
        )
    path = ModelStore(settings.models_path).find(settings.model)
    return LlamaChat(path=path, context=settings.context or None, threads=settings.threads or None, **common)


def configured_generator(settings: Settings) -> ModelGenerator | None:
    """Return the generator that the settings ask for, None where answers are to be extracted."""
    return ModelGenerator(settings) if settings.model or settings.server_url else None
