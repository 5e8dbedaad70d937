"""One loaded GGUF model: a thread that owns it, a fair queue before it, and a way to stop it at once.

llama.cpp may be used by one thread at a time. Each engine has exactly one, which takes jobs in the order
they came: that is the lock and the queue. A caller that stops reading does not hold up the others; one that
goes away cancels its job. This module knows tokens; chat templates and LangChain are in `llm.py`.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import ModelError
from models.llama_file import read_header
from models.llama_job import Constraint, Job, Sampling, Usage
from models.llama_load import fit_context, load_model, threads_for

logger = logging.getLogger(__name__)


class LlamaEngine:
    """A model in memory with its thread. Use `open_engine`, so that one file is loaded once."""

    def __init__(
        self, path: str | Path, *, context: int | None = None, threads: int | None = None, mmap: bool = True
    ) -> None:
        self.header = read_header(path)
        self.context = fit_context(self.header, context)
        self._model = load_model(
            self.header, context=self.context, threads=threads or threads_for(self.header), mmap=mmap
        )
        import llama_cpp

        self._api: Any = llama_cpp
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._model.model)
        self.vocabulary_size: int = self._model.n_vocab()
        self.metadata: dict[str, str] = dict(self._model.metadata)
        self._memory = llama_cpp.llama_get_memory(self._model.ctx)
        # strlen of this buffer is the abort callback: 0 (go on) while empty, 1 (stop) once a letter is in it.
        # A callback in Python would be called for every node of the graph and wait for the interpreter lock.
        self._stop = ctypes.create_string_buffer(2)
        library = ctypes.cdll.msvcrt if os.name == "nt" else ctypes.CDLL(None)
        address = ctypes.cast(library.strlen, ctypes.c_void_p).value or 0
        self._abort = llama_cpp.ggml_abort_callback(address)
        llama_cpp.llama_set_abort_callback(self._model.ctx, self._abort, ctypes.addressof(self._stop))
        self._pieces: list[bytes] | None = None
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._running: Job | None = None
        self._guard = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=f"llama-{self.header.name}", daemon=True)
        self._thread.start()

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Return token ids; with `special`, names of control tokens in `text` become these tokens."""
        self._check_open()
        tokens: list[int] = self._model.tokenize(text.encode(), add_bos=False, special=special)
        return tokens

    def token_text(self, token: int) -> str:
        """Return the name of a token as the vocabulary has it, "" for a token that does not exist (-1)."""
        if token < 0:
            return ""
        name: bytes = self._api.llama_vocab_get_text(self._vocabulary, token)
        return name.decode("utf-8", errors="replace")

    @property
    def begin_token(self) -> int:
        return int(self._model.token_bos())

    @property
    def end_token(self) -> int:
        return int(self._model.token_eos())

    @property
    def adds_begin_token(self) -> bool:
        return bool(self._api.llama_vocab_get_add_bos(self._vocabulary))

    @property
    def busy(self) -> bool:
        """Tell whether a job runs now."""
        return self._running is not None

    def ends(self, token: int) -> bool:
        """Tell whether this token ends an answer."""
        return bool(self._api.llama_vocab_is_eog(self._vocabulary, token))

    def pieces(self) -> list[bytes]:
        """Return the bytes that each token writes, by id; control tokens write none."""
        if self._pieces is None:
            self._check_open()
            size, buffer = 256, ctypes.create_string_buffer(256)
            pieces = []
            for token in range(self.vocabulary_size):
                count = self._api.llama_token_to_piece(self._vocabulary, token, buffer, size, 0, False)
                if count < 0:
                    size = -count
                    buffer = ctypes.create_string_buffer(size)
                    count = self._api.llama_token_to_piece(self._vocabulary, token, buffer, size, 0, False)
                pieces.append(buffer.raw[:count])
            self._pieces = pieces
        return self._pieces

    def submit(
        self,
        tokens: Sequence[int],
        sampling: Sampling,
        *,
        constraint: Constraint | None = None,
        deadline_seconds: float | None = None,
    ) -> Job:
        """Queue a generation after `tokens`. Raises ModelError where the context is too small for them."""
        self._check_open()
        if len(tokens) + 8 > self.context:
            raise ModelError(
                f"câu hỏi và nguồn dài {len(tokens)} token, ngữ cảnh của mô hình chỉ có {self.context}",
                path=self.header.path,
                repair="Tăng ngữ cảnh của mô hình hoặc giảm ngân sách token của câu nguồn trong cài đặt",
            )
        deadline = None if deadline_seconds is None else time.monotonic() + deadline_seconds
        job = Job(tokens, sampling, constraint, deadline, self.interrupt, self.header.path)
        with self._guard:
            # Under the guard, so that no job can come behind the one that ends the thread.
            self._check_open()
            self._jobs.put(job)
        return job

    def interrupt(self, job: Job) -> None:
        """Stop `job` if it is the one that runs now."""
        with self._guard:
            if self._running is job:
                self._stop.value = b"x"

    def close(self) -> None:
        """Stop what runs, refuse what waits, and give the memory back. May be called twice."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
            self._stop.value = b"x"
            if self._running is not None:
                self._running.cancelled.set()
        self._jobs.put(None)
        self._thread.join()
        self._model.close()
        self._pieces = None

    def _check_open(self) -> None:
        if self._closed:
            raise ModelError("mô hình đã được đóng", path=self.header.path, repair="Mở lại mô hình")

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            with self._guard:
                if self._closed:
                    job.output.put(ModelError("mô hình đã được đóng", path=self.header.path))
                    continue
                self._running = job
                self._stop.value = b""
            try:
                if not job.cancelled.is_set():
                    self._run(job)
                job.output.put(None)
            except Exception as error:  # whatever went wrong belongs to the one who asked
                stopped = job.cancelled.is_set()
                job.output.put(None if stopped else self._explain(error))
            finally:
                with self._guard:
                    self._running = None

    def _explain(self, error: Exception) -> BaseException:
        if isinstance(error, ModelError):
            return error
        logger.exception("generation failed")
        return ModelError(f"llama.cpp không chạy tiếp được ({error})", path=self.header.path)

    def _keep_prefix(self, tokens: Sequence[int]) -> int:
        """Drop from the cache what differs from `tokens`; return how many leading tokens stay."""
        model, old = self._model, self._model.input_ids[: self._model.n_tokens]
        length = min(len(old), len(tokens) - 1)
        same = old[:length] == np.asarray(tokens[:length], dtype=old.dtype)
        keep = length if same.all() else int(same.argmin())
        if not self._api.llama_memory_seq_rm(self._memory, -1, keep, -1):
            # Recurrent models cannot forget a part.
            self._api.llama_memory_clear(self._memory, True)
            keep = 0
        model.n_tokens = keep
        return keep

    def _run(self, job: Job) -> None:
        model, constraint, sampling = self._model, job.constraint, job.sampling
        started = time.monotonic()
        kept = self._keep_prefix(job.tokens)
        model.eval(job.tokens[kept:])
        read = time.monotonic()
        written, finish = 0, "stop"
        pieces = self.pieces()
        with self._sampler(sampling) as sampler:
            while True:
                closing = written >= sampling.max_tokens
                unfinished = constraint is not None and constraint.must_continue()
                if (closing and not unfinished) or model.n_tokens >= self.context - 1:
                    finish = "length"
                    break
                tokens = constraint.forced() if constraint else ()
                if not tokens:
                    if constraint:
                        pointer = self._api.llama_get_logits_ith(model.ctx, -1)
                        constraint.mask(
                            np.ctypeslib.as_array(pointer, shape=(self.vocabulary_size,)), closing=closing
                        )
                    tokens = (self._api.llama_sampler_sample(sampler, model.ctx, -1),)
                if job.cancelled.is_set() or self.ends(tokens[0]):
                    break
                for token in tokens:
                    job.output.put(pieces[token])
                    if constraint:
                        constraint.accept(token)
                written += len(tokens)
                model.eval(tokens)
        job.usage = Usage(
            prompt_tokens=len(job.tokens),
            cached_tokens=kept,
            completion_tokens=written,
            queue_seconds=started - job.submitted,
            prompt_seconds=read - started,
            decode_seconds=time.monotonic() - read,
            finish=finish,
        )

    @contextlib.contextmanager
    def _sampler(self, sampling: Sampling) -> Iterator[Any]:
        api = self._api
        chain = api.llama_sampler_chain_init(api.llama_sampler_chain_default_params())
        try:
            if sampling.repeat_penalty != 1.0:
                api.llama_sampler_chain_add(
                    chain, api.llama_sampler_init_penalties(64, sampling.repeat_penalty, 0.0, 0.0)
                )
            if sampling.temperature <= 0:
                api.llama_sampler_chain_add(chain, api.llama_sampler_init_greedy())
            else:
                api.llama_sampler_chain_add(chain, api.llama_sampler_init_top_k(sampling.top_k))
                api.llama_sampler_chain_add(chain, api.llama_sampler_init_top_p(sampling.top_p, 1))
                api.llama_sampler_chain_add(chain, api.llama_sampler_init_temp(sampling.temperature))
                api.llama_sampler_chain_add(chain, api.llama_sampler_init_dist(sampling.seed & 0xFFFFFFFF))
            yield chain
        finally:
            api.llama_sampler_free(chain)


_engines: dict[tuple[Path, int | None, int | None, bool], tuple[LlamaEngine, int]] = {}
_engines_guard = threading.Lock()


def open_engine(
    path: str | Path, *, context: int | None = None, threads: int | None = None, mmap: bool = True
) -> LlamaEngine:
    """Return the engine of this file, loaded now or already open; give each back with `release_engine`."""
    key = (Path(path).resolve(), context, threads, mmap)
    with _engines_guard:
        engine, users = _engines.get(key) or (
            LlamaEngine(path, context=context, threads=threads, mmap=mmap),
            0,
        )
        _engines[key] = (engine, users + 1)
        return engine


def release_engine(engine: LlamaEngine) -> None:
    """Give an engine back; the last one to do so closes it."""
    with _engines_guard:
        for key, (known, users) in list(_engines.items()):
            if known is engine:
                if users > 1:
                    _engines[key] = (engine, users - 1)
                    return
                del _engines[key]
    engine.close()
