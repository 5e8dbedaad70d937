"""Questions in, verified answers out.

    from qa import ask, Assistant

    print(ask("Phường Tây Nam có bao nhiêu đảng viên?", library="bao").text)

Importing this package is cheap: models and indexes are loaded when the first question is asked.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from qa.types import Answer, ArticleRef, Citation

__all__ = ["Answer", "ArticleRef", "Assistant", "Citation", "ask"]


def _check_neighbours() -> None:
    """Notice a caller's own `index` or `models` that stands in front of ours on the import path."""
    here = Path(__file__).resolve().parent.parent
    for name in ("index", "models"):
        found = importlib.util.find_spec(name)
        origin = Path(found.origin).resolve() if found and found.origin else None
        if origin is None or origin.parent != here / name:
            raise ImportError(
                f"hoibao needs its own package '{name}' at {here / name}, but Python finds "
                f"{origin or 'none'}. Rename that file or folder, or start Python in another folder."
            )


_check_neighbours()

from qa.assistant import Assistant, ask  # noqa: E402
