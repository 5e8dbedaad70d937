"""Which ViQuAD articles serve for training, tuning and reporting: whole articles are kept apart.

Nothing may be trained or tuned on TEST. All figures in model cards, README and benchmarks that say
"ViQuAD test articles" mean the questions of TEST.
"""

from __future__ import annotations

TEST = frozenset({"Canada", "François Mitterrand", "Nước biển", "Kiến", "Gia cầm", "Nội chiến Anh"})
TUNE = frozenset({"Texas", "Puerto Rico", "Thần học"})


def split_of(title: str) -> str:
    """Return "test", "tune" or "train" for the title of a ViQuAD article."""
    if title in TEST:
        return "test"
    return "tune" if title in TUNE else "train"
