"""Shared by all tests: nothing touches a person's data folder, and nothing asks the network."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

# Before any library is imported: hubs stay silent, and hoibao's home is a scratch folder.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
for _name in [name for name in os.environ if name.startswith("HOIBAO_")]:
    del os.environ[_name]
os.environ["HOIBAO_HOME"] = tempfile.mkdtemp(prefix="hoibao-test-")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder of the test's own."""
    folder = tmp_path / "home"
    monkeypatch.setenv("HOIBAO_HOME", str(folder))
    return folder
