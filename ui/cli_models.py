"""`hoibao models …`: what is on this machine, what could be, and how it gets here, also without a network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import HoibaoError, ModelNotFound
from ui.command import JsonOption, QuietOption, guarded
from ui.usage import Commands

if TYPE_CHECKING:
    from models.catalog import CatalogEntry
    from models.download import Progress
    from models.store import ModelStore, StoredModel
    from qa.settings import Settings

models_app = Commands(
    name="models",
    help="Các mô hình: xem, tải, thêm, chọn, xóa, kiểm tra, xuất và nhập.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Tên mô hình (xem: hoibao models list).")]


def _open() -> tuple[Settings, ModelStore]:
    from models.store import ModelStore
    from qa.settings import Settings

    settings = Settings.load()
    return settings, ModelStore(settings.models_path)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Progress]:
    """Show one bar a file: bytes, rate, time left."""
    from models.download import no_progress

    if quiet:
        yield no_progress
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.DownloadColumn(),
        bars.TransferSpeedColumn(),
        bars.TimeRemainingColumn(),
    )
    tasks: dict[str, bars.TaskID] = {}
    with bars.Progress(*columns, console=Console(stderr=True)) as shown:

        def report(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = shown.add_task(name, total=total)
            shown.update(tasks[name], completed=done, total=total)

        yield report


def in_use(model: StoredModel, settings: Settings) -> bool:
    """Tell whether the settings name this model."""
    chosen = settings.model if model.kind == "chat" else settings.embedder
    return bool(chosen) and (chosen.casefold() == model.name.casefold() or Path(chosen) == model.path)


@models_app.command(name="list")
@guarded
def list_(json: JsonOption = False) -> None:
    """Liệt kê các mô hình có trên máy và trong danh mục."""
    import psutil

    from models.catalog import CATALOG, fit
    from models.llama_load import physical_cores
    from ui.terminal import print_json

    settings, store = _open()
    here = store.models()
    memory, cores = psutil.virtual_memory().total, physical_cores()
    names = {model.name for model in here}
    fits = [fit(entry, memory=memory, cores=cores) for entry in CATALOG if entry.name not in names]
    if json:
        rows = [_row(model, used=in_use(model, settings), path=str(model.path)) for model in here]
        rows += [_row(one.entry, fits=one.fits, reason=one.reason) for one in fits]
        print_json(rows)
        return
    for model in here:
        mark = "▶" if in_use(model, settings) else " "
        typer.echo(f"{mark} {model.name}  {_kind(model.kind)}, {_size(model.size)}, {model.path}")
    if not here:
        typer.echo("Chưa có mô hình nào trên máy; câu trả lời được trích từ bài.")
    typer.echo("\nCó thể tải (hoibao models pull TÊN):")
    for one in fits:
        sign = "✓" if one.fits else "✗"
        entry = one.entry
        typer.echo(
            f"{sign} {entry.name}  {_kind(entry.kind)}, {_size(entry.size)}, {entry.licence}: {one.reason}"
        )


@models_app.command()
@guarded
def pull(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Tên trong danh mục, hoặc chủ/kho/tệp.gguf.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Đã đọc giấy phép, không hỏi lại.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Tải dù bộ nhớ máy không đủ.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Tải một mô hình (lệnh duy nhất dùng mạng). Bị ngắt thì chạy lại để tải tiếp."""
    import psutil

    from models.catalog import find_entry

    _settings, store = _open()
    entry = find_entry(name)
    size = _size(entry.size) if entry.size else "chưa rõ cỡ"
    typer.echo(f"{entry.repository}/{entry.file}, {size}", err=True)
    typer.echo(f"Giấy phép: {entry.licence} ({entry.licence_url})", err=True)
    if not yes:
        typer.confirm("Bạn đã đọc và đồng ý với giấy phép này?", abort=True, err=True)
    memory = None if force else psutil.virtual_memory().total
    with _progress(quiet=quiet) as report:
        model = store.pull(name, memory=memory, progress=report)
    typer.echo(f"Đã tải {model.name}, SHA-256 đúng. Dùng: hoibao models use {model.name}")


@models_app.command()
@guarded
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Tệp GGUF, hoặc thư mục mô hình nhúng.")],
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Tên trong kho; mặc định là tên tệp.")
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Chép một mô hình có sẵn trên đĩa vào kho."""
    _settings, store = _open()
    with _progress(quiet=quiet) as report:
        model = store.add(file, name=name, progress=report)
    typer.echo(f"Đã thêm {model.name} ({_size(model.size)}). Dùng: hoibao models use {model.name}")


@models_app.command()
@guarded
def use(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Tên mô hình; «none» để chỉ trích từ bài.")],
) -> None:
    """Chọn mô hình để trả lời (hoặc mô hình nhúng cho thư viện mới)."""
    from qa.settings import save_setting

    settings, store = _open()
    if name == "none":
        save_setting(settings.home, "model", "")
        typer.echo("Không dùng mô hình ngôn ngữ: câu trả lời được trích từ bài.")
        return
    model = store.get(name)
    if model.kind == "chat":
        save_setting(settings.home, "model", model.name)
        typer.echo(f"Trả lời bằng {model.name}.")
    else:
        save_setting(settings.home, "embedder", str(model.path))
        typer.echo(f"Thư viện mới sẽ dùng {model.name}; thư viện đã có giữ mô hình nhúng cũ.")


@models_app.command()
@guarded
def remove(name: NameArgument) -> None:
    """Xóa một mô hình khỏi máy."""
    from qa.settings import save_setting

    settings, store = _open()
    used = in_use(store.get(name), settings)
    model = store.remove(name)
    if used:
        save_setting(settings.home, "model" if model.kind == "chat" else "embedder", "")
    typer.echo(f"Đã xóa {model.name}, giải phóng {_size(model.size)}.")


@models_app.command()
@guarded
def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]…", help="Tên mô hình; mặc định là tất cả.")
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Kiểm tra từng tệp (SHA-256) và nạp thử mô hình."""
    from ui.terminal import print_error

    _settings, store = _open()
    failed = 0
    with _progress(quiet=quiet) as report:
        for name in names or [model.name for model in store.models()]:
            try:
                model = store.check(name, progress=report)
                typer.echo(f"✓ {model.name}: nguyên vẹn")
            except HoibaoError as error:
                failed += 1
                print_error(error)
    if failed:
        raise typer.Exit(1)


@models_app.command()
@guarded
def export(
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="Tệp .tar sẽ được tạo.")],
    only: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="NAME", help="Chỉ mô hình này (dùng được nhiều lần)."),
    ] = None,
    libraries: Annotated[
        list[str] | None,
        typer.Option("--library", "-l", metavar="NAME", help="Chỉ thư viện này (dùng được nhiều lần)."),
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Gói mô hình, thư viện và thiết lập vào một tệp cho máy không có mạng."""
    from index.generation import current, writer_lock
    from models.archive import pack

    settings, store = _open()
    chosen = [store.get(name) for name in only] if only else store.models()
    folder = settings.home / "libraries"
    found = sorted(path.name for path in folder.glob("*") if current(path) is not None)
    for name in libraries or ():
        if name not in found:
            raise ModelNotFound(f"không có thư viện tên {name!r}", path=folder / name)
    taken = libraries or found
    entries = [f"models/{model.folder.name}" for model in chosen]
    entries += [f"libraries/{name}" for name in taken]
    entries += ["settings.toml"] if settings.file.is_file() else []
    if not entries:
        raise ModelNotFound("chưa có gì để xuất", path=settings.home, repair="hoibao add THƯ_MỤC")
    with ExitStack() as held, _progress(quiet=quiet) as report:
        for name in taken:  # nothing is added while it is copied
            held.enter_context(writer_lock(folder / name))
        packed = pack(archive, settings.home, entries, progress=report)
    typer.echo(f"Đã xuất {len(packed.entries)} mục ({_size(packed.size)}) vào {archive}")


@models_app.command(name="import")
@guarded
def import_(
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="Tệp do lệnh export tạo.")],
    replace: Annotated[bool, typer.Option("--replace", help="Ghi đè những gì đã có.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Nhập mô hình, thư viện và thiết lập từ một tệp; mọi tệp được kiểm tra trước."""
    from models.archive import unpack

    settings, _store = _open()
    with _progress(quiet=quiet) as report:
        entries = unpack(archive, settings.home, replace=replace, progress=report)
    _mend_embedder(type(settings).load())
    for entry in entries:
        typer.echo(f"✓ {entry}")


def _mend_embedder(settings: Settings) -> None:
    """Point the settings at this machine's copy of an embedder that they name by another machine's folder."""
    from qa.settings import save_setting

    here = settings.models_path / Path(settings.embedder.replace("\\", "/")).name
    if settings.embedder and not Path(settings.embedder).exists() and here.is_dir():
        save_setting(settings.home, "embedder", str(here))


def _row(model: StoredModel | CatalogEntry, **more: object) -> dict[str, object]:
    row: dict[str, object] = {"name": model.name, "kind": model.kind, "size": model.size}
    return {**row, "licence": model.licence, "present": "path" in more, **more}


def _size(count: int) -> str:
    if count >= 2**30:
        return f"{count / 2**30:.1f} GB".replace(".", ",")
    return f"{max(count / 2**20, 0.1):.0f} MB" if count >= 2**20 else f"{count / 2**10:.0f} KB"


def _kind(kind: str) -> str:
    return "trả lời" if kind == "chat" else "nhúng"
