"""Loads a GGUF file with what this machine has: context by memory, threads by physical cores, mmap."""

from __future__ import annotations

import logging
import os
from typing import Any, Final

import psutil
from jinja2 import TemplateError

from models.errors import ModelDamaged, ModelError, ModelTooLarge
from models.llama_file import REPAIR, GgufHeader

DEFAULT_CONTEXT: Final = 4096
SMALLEST_CONTEXT: Final = 1024
WORK_BYTES: Final = 200 * 2**20
ONE_THREAD_BYTES: Final = 100 * 2**20
# Tokens per decode call: few enough that a laptop stops reading a prompt within 200 ms, with a 4B model too.
BATCH: Final = 128


def physical_cores() -> int:
    """Return the physical cores that this process may use: more threads only slow llama.cpp down."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(psutil.cpu_count(logical=False) or allowed, allowed))


def threads_for(header: GgufHeader) -> int:
    """Return the threads for a model: the physical cores, or one where waiting for each other costs more."""
    return 1 if header.size < ONE_THREAD_BYTES else physical_cores()


def fit_context(header: GgufHeader, wanted: int | None, *, available: int | None = None) -> int:
    """Return the context length (tokens) for this model on this machine.

    `wanted` (default 4096) is cut to what the model was trained for and, by halves, to what memory allows.
    `available` is in bytes; by default the memory free now. Raises ModelTooLarge.
    """
    available = psutil.virtual_memory().available if available is None else available
    context = min(wanted or DEFAULT_CONTEXT, header.context_length)
    while header.size + WORK_BYTES + context * header.kv_bytes_per_token > available:
        if context // 2 < SMALLEST_CONTEXT:
            needed = header.size + WORK_BYTES + context * header.kv_bytes_per_token
            raise ModelTooLarge(
                f"cần khoảng {needed / 2**30:.1f} GB bộ nhớ, máy đang còn {available / 2**30:.1f} GB".replace(
                    ".", ","
                ),
                path=header.path,
                repair="Đóng bớt chương trình khác, hoặc chọn mô hình nhỏ hơn: hoibao models list",
            )
        context //= 2
    return context


def load_model(header: GgufHeader, *, context: int, threads: int, mmap: bool) -> Any:
    try:
        import llama_cpp
    except (ImportError, OSError, RuntimeError) as error:
        raise ModelError(
            f"chưa dùng được llama.cpp ({error})",
            repair="Cài lại: pip install --force-reinstall llama-cpp-python",
        ) from error
    try:
        model = llama_cpp.Llama(
            model_path=str(header.path),
            n_ctx=context,
            n_batch=min(BATCH, context),
            n_ubatch=min(BATCH, context),
            n_threads=threads,
            n_threads_batch=threads,
            use_mmap=mmap,
            # Sliding-window caches forget what a reused prefix needs.
            swa_full=True,
            # Never used: templates are rendered in llm.py, where text cannot spell control tokens.
            chat_format="chatml",
            verbose=False,
        )
    except MemoryError as error:
        raise ModelTooLarge("không đủ bộ nhớ", path=header.path) from error
    except TemplateError as error:
        raise ModelDamaged(
            f"mẫu hội thoại của mô hình lỗi ({error})", path=header.path, repair=REPAIR
        ) from error
    except Exception as error:  # the ctypes wrappers raise several kinds
        raise ModelDamaged(
            f"llama.cpp không nạp được mô hình này ({error})", path=header.path, repair=REPAIR
        ) from error
    # The wrapper prints llama.cpp's own messages to the terminal; ours say what matters.
    logging.getLogger("llama-cpp-python").setLevel(logging.CRITICAL + 1)
    return model
