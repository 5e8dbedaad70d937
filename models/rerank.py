"""A question and passages in, scores out: an optional cross-encoder that is on the machine.

Nothing ships here: cross-encoders cost a second or more a question on a laptop. A folder, or the name of a
model that is on the machine, is loaded through sentence-transformers, never from the network.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from models.embed import default_models_folder
from models.errors import ModelDamaged, ModelNotFound

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


class Reranker(Protocol):
    """Scores how well each passage answers a question."""

    @property
    def name(self) -> str:
        """What people call it."""

    def scores(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """Return `(len(passages),) float32` in [0, 1], higher is better."""


def load_reranker(name_or_path: str | Path, *, models_folder: str | Path | None = None) -> Reranker:
    """Load a cross-encoder from a folder, or by its name.

    A name is looked up in `models_folder` (by default `models` in hoibao's data folder), then in the cache of
    the Hugging Face hub. Raises ModelNotFound when it is not on the machine; nothing is downloaded.
    """
    path = Path(name_or_path).expanduser()
    if not path.is_dir():
        path = Path(models_folder or default_models_folder()) / str(name_or_path)
    if not (path / "config.json").is_file():
        path = _in_hub_cache(str(name_or_path)) or path
    if not (path / "config.json").is_file():
        raise ModelNotFound(
            "không có mô hình xếp hạng lại nào ở đây",
            path=path,
            repair="đưa thư mục của một CrossEncoder (sentence-transformers) đã có trên máy",
        )
    return CrossEncoderReranker(path)


def _in_hub_cache(name: str) -> Path | None:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        config = try_to_load_from_cache(name, "config.json")
    except HFValidationError:  # a path is no name of a repository
        return None
    return Path(config).parent if isinstance(config, str) else None


class CrossEncoderReranker:
    """A sentence-transformers CrossEncoder; torch is imported on first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.name = folder.name

    @cached_property
    def _model(self) -> CrossEncoder:
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        from sentence_transformers import CrossEncoder

        try:
            model: CrossEncoder = CrossEncoder(str(self._folder), local_files_only=True)
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise ModelDamaged(
                f"sentence-transformers không nạp được ({error})", path=self._folder
            ) from error
        if model.num_labels != 1:
            raise ModelDamaged(
                f"cần mô hình cho một điểm, mô hình này cho {model.num_labels}", path=self._folder
            )
        return model

    def scores(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """Return `(n,) float32` in [0, 1], higher is better."""
        if not passages:
            return np.zeros(0, np.float32)
        from torch.nn import Sigmoid

        pairs = [(question, passage) for passage in passages]
        scores = self._model.predict(pairs, activation_fn=Sigmoid(), show_progress_bar=False, batch_size=16)
        return np.asarray(scores, np.float32)
