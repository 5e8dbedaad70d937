"""Adding articles as a person sees it: progress with a rate and an end, and what became of each file."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import index
from index.normalize import canonical, strip_tones
from index.types import Article
from models.errors import InputError
from qa.types import ArticleRef
from ui import view
from ui.terminal import err, print_error, print_json

if TYPE_CHECKING:
    from index import Library
    from index.report import AddReport, Progress, ProgressCallback

AnyArticle = TypeVar("AnyArticle", Article, ArticleRef)
SAMPLE_SUFFIXES = frozenset({".txt", ".md", ".html", ".jsonl"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What adding did, in words for a person; `errors` has a line for each file that could not be read."""

    summary: str
    errors: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether every file was read."""
        return not self.errors


def outcome_of(report: AddReport) -> Outcome:
    """Put a report into words."""
    counts = (
        (report.added, "bài mới"),
        (report.updated, "bài được cập nhật"),
        (report.unchanged, "bài không đổi"),
        (report.duplicates, "bài trùng"),
        (report.removed, "bài bị bỏ vì tệp không còn chứa"),
        (len(report.failed), "tệp không đọc được"),
    )
    words = ", ".join(f"{count} {what}" for count, what in counts if count) or "không có bài nào"
    return Outcome(words[0].upper() + words[1:] + ".", tuple(failure_text(error) for error in report.failed))


def failure_text(error: InputError) -> str:
    """Return "name: reason" for a file that could not be read."""
    name = Path(error.path).name if error.path else "?"
    return f"{name}: {view.plain(error.message)}" + (f" → {view.plain(error.repair)}" if error.repair else "")


def add_paths(library: Library, paths: Sequence[Path], *, json: bool = False, quiet: bool = False) -> bool:
    """Add files and folders and tell on the terminal what happened; return whether all could be read."""
    with progress_bar(hidden=quiet or json) as progress:
        report = library.add(paths, progress=progress)
    if json:
        print_json(report)
    else:
        for error in report.failed:
            print_error(error)
        if not quiet:
            seconds = max(report.seconds, 0.001)
            rate = f" {report.passages} đoạn trong {view.decimal(seconds)} giây." if report.passages else ""
            err.print(f"{outcome_of(report).summary}{rate}", markup=False)
    return not report.failed


@contextmanager
def progress_bar(*, hidden: bool) -> Iterator[ProgressCallback | None]:
    """Show a bar with share, articles, passages a second and the time left, on standard error."""
    if hidden:
        yield None
        return
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.percentage:>3.0f}%"),
        BarColumn(),
        TextColumn("{task.fields[articles]} bài, {task.fields[rate]} đoạn/giây, còn"),
        TimeRemainingColumn(compact=True),
    )
    with Bar(*columns, console=err, transient=True) as bar:
        task = bar.add_task("add", total=None, articles=0, rate=0)

        def show(now: Progress) -> None:
            rate = round(now.passages / now.seconds) if now.seconds > 0 else 0
            bar.update(task, total=now.total or None, completed=now.done, articles=now.articles, rate=rate)

        yield show


@contextmanager
def counting_bar(what: str, *, hidden: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar that counts `what`, with a rate and the time left, on standard error."""
    if hidden:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    left = TimeRemainingColumn(compact=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn(f"{what}, còn"), left)
    with Bar(*columns, console=err, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, total=total, completed=done)


def samples_path() -> Path:
    """The folder of the sample articles inside the package."""
    return Path(index.__file__).resolve().parent / "samples"


def sample_files() -> list[Path]:
    """The sample articles, one file or more each."""
    return sorted(file for file in samples_path().iterdir() if file.suffix in SAMPLE_SUFFIXES)


def copy_samples(folder: Path) -> int:
    """Copy the sample articles into a folder (nothing there is overwritten); return how many were copied."""
    folder.mkdir(parents=True, exist_ok=True)
    copied = 0
    for file in sample_files():
        if not (folder / file.name).exists():
            shutil.copyfile(file, folder / file.name)
            copied += 1
    return copied


def matching(articles: Iterable[AnyArticle], words: str) -> list[AnyArticle]:
    """Return the articles whose title, id, source, date or file has all words, tone marks or not."""
    wanted = strip_tones(canonical(words)).lower().split()
    return [article for article in articles if all(word in _searched(article) for word in wanted)]


def _searched(article: Article | ArticleRef) -> str:
    day = "" if article.date is None else f"{article.date.isoformat()} {view.date_text(article.date)}"
    text = f"{article.id} {article.title} {article.source} {day} {Path(article.path).name}"
    return strip_tones(canonical(text)).lower()
