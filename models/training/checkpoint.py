"""Checkpoints that a training killed at any moment leaves whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch


def write_checkpoint(state: Mapping[str, object], file: Path) -> None:
    """Write `state` beside `file`, then put it in its place by rename."""
    partial = file.with_suffix(".partial")
    torch.save(dict(state), partial)
    partial.replace(file)
