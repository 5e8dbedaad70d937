"""The catalogue: complete, and honest about which machine a model fits."""

from __future__ import annotations

import re

import pytest

from models.catalog import CATALOG, GIB, find_entry, fit, propose
from models.errors import ModelNotFound


def test_entries_are_complete() -> None:
    assert len({entry.name for entry in CATALOG}) == len(CATALOG)
    for entry in CATALOG:
        assert entry.licence and entry.licence_url.startswith("https://") and entry.note
        assert entry.memory > entry.size
        if entry.kind == "chat":
            assert entry.file.endswith(".gguf") and re.fullmatch("[0-9a-f]{64}", entry.sha256)


@pytest.mark.parametrize(
    ("gigabytes", "cores", "name"),
    [(1, 2, None), (2, 2, "sailor2-1b"), (8, 2, "qwen3-1.7b"), (8, 4, "qwen3-4b"), (64, 16, "qwen3-4b")],
)
def test_proposal_by_machine(gigabytes: int, cores: int, name: str | None) -> None:
    proposed = propose(memory=gigabytes * GIB, cores=cores)
    assert (proposed.name if proposed else None) == name


def test_fit_says_why() -> None:
    large = find_entry("qwen3-4b")
    assert not fit(large, memory=4 * GIB, cores=8).fits
    assert "bộ nhớ" in fit(large, memory=4 * GIB, cores=8).reason
    assert "chậm" in fit(large, memory=16 * GIB, cores=2).reason


def test_names() -> None:
    assert find_entry("Qwen3-4B").name == "qwen3-4b"
    assert find_entry("intfloat/multilingual-e5-small").name == "multilingual-e5-small"
    other = find_entry("someone/Some-GGUF/folder/some.Q4.gguf")
    assert (other.repository, other.file, other.kind) == ("someone/Some-GGUF", "folder/some.Q4.gguf", "chat")
    with pytest.raises(ModelNotFound, match=r"qwen3-1\.7b"):
        find_entry("qwen-1.7b")
