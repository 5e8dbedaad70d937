"""An OpenAI-compatible server on this machine (llama-server, Ollama, LM Studio) as a LangChain chat model.

Speaks POST /v1/chat/completions with `stream` as server-sent events. Other machines are refused unless the
caller allows them: articles and questions leave this machine with the prompt.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import time
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from models.errors import ModelError, ModelTimeout, SettingsError

ROLES: Final = {"system": "system", "human": "user", "ai": "assistant"}
OPTIONS: Final = ("temperature", "top_p", "seed", "max_tokens")


def is_loopback(url: str) -> bool:
    """Tell whether the URL names this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


class ServerChat(BaseChatModel):
    """The model behind `url` (with or without "/v1"); `model` "" takes the first that the server names.

    Raises SettingsError for a URL that has no meaning or, without `allow_remote`, names another machine;
    ModelError where the server does not answer or refuses, ModelTimeout after `deadline_seconds`.
    """

    url: str
    model: str = ""
    key: str = ""
    allow_remote: bool = False
    temperature: float = 0.0
    top_p: float = 0.95
    seed: int = 0
    max_tokens: int = 256
    deadline_seconds: float | None = 120.0

    def model_post_init(self, context: Any, /) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError(
                f"địa chỉ máy chủ mô hình không hợp lệ: {self.url!r}", repair="Ví dụ: http://127.0.0.1:8080"
            )
        if not self.allow_remote and not is_loopback(self.url):
            raise SettingsError(
                f"{parts.hostname} không phải máy này: câu hỏi và bài báo sẽ được gửi ra ngoài",
                repair="Nếu đúng ý bạn, bật thiết lập allow_remote_model",
            )

    @property
    def _llm_type(self) -> str:
        return "hoibao-server"

    @property
    def _base(self) -> str:
        base = self.url.rstrip("/")
        return base if base.endswith("/v1") else f"{base}/v1"

    def _client(self, seconds: float | None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        # No proxies from the environment and no redirects: the request goes where the setting says.
        timeout = httpx.Timeout(seconds, connect=5.0)
        return httpx.Client(headers=headers, timeout=timeout, trust_env=False, follow_redirects=False)

    def _failed(self, reason: str) -> ModelError:
        return ModelError(
            f"máy chủ mô hình {self.url} {reason}",
            repair="Khởi động máy chủ, hoặc dùng mô hình trong hoibao: hoibao models use TÊN",
        )

    def models(self) -> list[str]:
        """Return the names of the models that the server offers."""
        try:
            with self._client(10) as client:
                answer = client.get(f"{self._base}/models")
                answer.raise_for_status()
                return [str(entry["id"]) for entry in answer.json()["data"]]
        except httpx.HTTPStatusError as error:
            raise self._failed(f"báo lỗi {error.response.status_code}") from error
        except httpx.HTTPError as error:
            raise self._failed("không trả lời") from error
        except (ValueError, KeyError, TypeError) as error:
            raise self._failed("không nói giao thức OpenAI") from error

    def get_num_tokens(self, text: str) -> int:
        """Estimate tokens: the server's tokenizer is not known here."""
        return len(text) // 2 + 1

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **overrides: Any,
    ) -> Iterator[ChatGenerationChunk]:
        seconds = overrides.get("deadline_seconds", self.deadline_seconds)
        ends = None if seconds is None else time.monotonic() + seconds
        body: dict[str, Any] = {name: overrides.get(name, getattr(self, name)) for name in OPTIONS}
        body |= {"model": self.model or next(iter(self.models()), ""), "stream": True, "stop": stop or None}
        body["messages"] = [
            {"role": ROLES.get(one.type, "user"), "content": str(one.text)} for one in messages
        ]
        # Servers that know the switch leave thinking out; the others ignore it.
        body["chat_template_kwargs"] = {"enable_thinking": False}
        try:
            with (
                self._client(seconds) as client,
                client.stream("POST", f"{self._base}/chat/completions", json=body) as answer,
            ):
                if answer.status_code != 200:
                    detail = answer.read().decode("utf-8", errors="replace")[:200]
                    raise self._failed(f"báo lỗi {answer.status_code}: {detail}")
                for text in self._deltas(answer.iter_lines()):
                    if ends is not None and time.monotonic() > ends:
                        raise httpx.ReadTimeout("deadline")
                    chunk = ChatGenerationChunk(message=AIMessageChunk(content=text))
                    if run_manager:
                        run_manager.on_llm_new_token(text, chunk=chunk)
                    yield chunk
        except httpx.TimeoutException as error:
            if isinstance(error, httpx.ConnectTimeout):
                raise self._failed("không trả lời") from error
            raise ModelTimeout(f"máy chủ mô hình {self.url} không trả lời kịp thời hạn") from error
        except httpx.HTTPError as error:
            raise self._failed("không trả lời") from error

    def _deltas(self, lines: Iterator[str]) -> Iterator[str]:
        finished = False
        for line in lines:
            if not line.startswith("data:"):
                continue
            data = line.removeprefix("data:").strip()
            if data == "[DONE]":
                return
            try:
                choice = json.loads(data)["choices"][:1]
                text = (choice[0].get("delta") or {}).get("content") if choice else None
                finished = finished or bool(choice and choice[0].get("finish_reason"))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise self._failed("trả lời sai giao thức OpenAI") from error
            if text:
                yield str(text)
        if not finished:
            raise self._failed("ngắt giữa chừng")

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(str(chunk.text) for chunk in self._stream(messages, stop, run_manager, **kwargs))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])
