"""Questions to begin with, shown where the sample articles are in the library."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from qa.types import ArticleRef
from ui.ingest import samples_path

ABOUT_SAMPLES = (
    "Đại hội Đảng bộ phường Gò Sen có bao nhiêu đại biểu?",
    "Ai là Chủ tịch UBND phường Bến Mây?",
    "Tổng mức đầu tư dự án đường ven sông Ngà là bao nhiêu?",
    "khi nao phuong Dong Hanh giao quan?",
)


def example_questions(articles: Iterable[ArticleRef]) -> tuple[str, ...]:
    """Return questions that the sample articles answer, if they are among these articles; else none."""
    here = samples_path()
    return ABOUT_SAMPLES if any(Path(article.path).parent == here for article in articles) else ()
