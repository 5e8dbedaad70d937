"""The library as its users see it: adding, changing, removing, searching, damage, locks, crashes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from index import Library, generation
from index.report import Progress
from index.types import Article, Span
from index.writing import NewGeneration
from models.errors import (
    InputError,
    LibraryDamaged,
    LibraryError,
    LibraryLocked,
    LibraryMismatch,
    LibraryNotFound,
)
from models.fakes import HashEmbedder

HARBOUR = (
    "Phường Tây Nam có diện tích tự nhiên 11.472 ha và dân số 61.822 người.\n\n"
    "Đảng bộ phường Tây Nam có 900 đảng viên sinh hoạt ở 40 chi bộ.\n"
)
MARKET = (
    "Chợ Bến Cát khai trương sáng 2-10 với 320 sạp hàng.\n\n"
    "Ban quản lý chợ cho biết mỗi sạp rộng 6 mét vuông.\n"
)
BRIDGE = "Cầu Rạch Lá thông xe ngày 5-9, dài 240 mét, nối xã Long Hòa với thị trấn Cần Giờ.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    where = tmp_path / "articles"
    where.mkdir()
    for name, text in (("harbour", HARBOUR), ("market", MARKET), ("bridge", BRIDGE)):
        (where / f"{name}.txt").write_text(text, encoding="utf-8")
    return where


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library", create=True, embedder=HashEmbedder()) as opened:
        yield opened


def article(number: int, text: str, **more: object) -> Article:
    values = {"id": f"a{number}", "title": f"Bài {number}", "content_hash": f"hash-{text}", **more}
    return Article(text=text, body=(Span(0, len(text)),), **values)  # type: ignore[arg-type]


def titles(library: Library) -> set[str]:
    return {Path(found.path).name for found in library.articles()}


# ── adding ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_add_then_search_finds_the_passage_and_its_exact_place(library: Library, folder: Path) -> None:
    report = library.add(folder)
    assert (report.added, report.failed) == (3, ())
    hit = library.search("Phường Tây Nam có bao nhiêu đảng viên?")[0]
    assert "900 đảng viên" in hit.passage.text
    for sentence in hit.passage.sentences:
        assert hit.article.text[sentence.start : sentence.end] == sentence.text
    assert 0 <= hit.score <= 1
    assert {"lexical", "dense", "coverage"} <= set(hit.parts)


def test_adding_again_changes_nothing(library: Library, folder: Path) -> None:
    library.add(folder)
    before = library.manifest
    report = library.add(folder)
    assert (report.added, report.updated, report.unchanged, report.passages) == (0, 0, 3, 0)
    assert library.manifest == before


def test_changed_file_replaces_its_article(library: Library, folder: Path) -> None:
    library.add(folder)
    (folder / "bridge.txt").write_text(BRIDGE.replace("240", "260"), encoding="utf-8")
    report = library.add(folder)
    assert (report.added, report.updated, report.unchanged) == (0, 1, 2)
    assert len(library) == 3
    hits = library.search("Cầu Rạch Lá dài bao nhiêu mét?")
    assert any("260 mét" in hit.passage.text for hit in hits)
    assert not any("240 mét" in hit.passage.text for hit in hits)


def test_file_that_lost_an_article_loses_it_here_too(library: Library, tmp_path: Path) -> None:
    rows = [{"id": str(n), "title": f"Tin {n}", "text": f"Tin số {n} nói về xã Hòa {n}."} for n in range(3)]
    file = tmp_path / "news.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert library.add(file).added == 3
    file.write_text("\n".join(json.dumps(row) for row in rows[:2]), encoding="utf-8")
    report = library.add(file)
    assert (report.unchanged, report.removed, len(library)) == (2, 1, 2)
    assert library.article("2") is None and library.article("1") is not None


def test_same_content_twice_is_one_article_with_two_paths(library: Library, folder: Path) -> None:
    (folder / "copy.txt").write_text(BRIDGE, encoding="utf-8")
    report = library.add(folder)
    assert (report.added, report.duplicates, len(library)) == (3, 1, 3)
    (kept,) = [a for a in library.articles() if "Rạch Lá" in a.text]
    assert [Path(path).name for path in [kept.path, *library.copies(kept.id)]] == ["bridge.txt", "copy.txt"]
    assert library.add(folder).added == 0


def test_content_survives_as_long_as_one_file_holds_it(library: Library, folder: Path) -> None:
    (folder / "copy.txt").write_text(BRIDGE, encoding="utf-8")
    library.add(folder)
    (folder / "bridge.txt").write_text("Xã Tân Phú xây trường học mới với 20 phòng.", encoding="utf-8")
    library.add(folder)
    assert len(library) == 4
    assert "240 mét" in library.search("Cầu Rạch Lá dài bao nhiêu mét?")[0].passage.text


def test_bad_files_are_named_and_the_rest_goes_on(library: Library, folder: Path) -> None:
    (folder / "empty.txt").write_text("", encoding="utf-8")
    (folder / "broken.docx").write_bytes(b"PK\x03\x04 no zip")
    report = library.add([folder, folder / "missing.txt"])
    assert report.added == 3
    assert {Path(error.path or "").name for error in report.failed} == {
        "empty.txt",
        "broken.docx",
        "missing.txt",
    }
    assert all(isinstance(error, InputError) for error in report.failed)


def test_one_id_for_two_articles_is_reported_not_lost_silently(library: Library, tmp_path: Path) -> None:
    for name, text in (("one", "Xã An Bình có 12 thôn."), ("two", "Xã An Lạc có 15 thôn.")):
        row = {"id": "7", "title": name, "text": text}
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row), encoding="utf-8")
    report = library.add([tmp_path / "one.jsonl", tmp_path / "two.jsonl"])
    assert report.added == 1 and len(report.failed) == 1
    assert "'7'" in str(report.failed[0])


def test_progress_has_an_end(library: Library, folder: Path) -> None:
    seen: list[Progress] = []
    library.add(folder, progress=seen.append)
    assert seen[-1].done == seen[-1].total > 0
    assert all(a.done <= b.done for a, b in pairwise(seen))


def test_articles_from_memory_are_replaced_by_their_id(library: Library) -> None:
    assert (
        library.add_articles([article(1, "Sông Cạn dài 12 km."), article(2, "Sông Đầy dài 90 km.")]).added
        == 2
    )
    report = library.add_articles([article(1, "Sông Cạn dài 14 km.")])
    assert (report.added, report.updated, len(library)) == (0, 1, 2)
    found = library.article("a1")
    assert found is not None and "14 km" in found.text


def test_removed_article_does_not_answer_any_more(library: Library, folder: Path) -> None:
    library.add(folder)
    (gone,) = [a for a in library.articles() if "900 đảng viên" in a.text]
    assert library.remove(gone.id) and not library.remove(gone.id)
    assert library.article(gone.id) is None and len(library) == 2
    assert not any(
        "900" in hit.passage.text for hit in library.search("Phường Tây Nam có bao nhiêu đảng viên?")
    )
    assert library.add(folder).added == 1  # asked for again, it comes back


# ── searching ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "question",
    ["", "   ", "😀🎉", "\x00\x01\x1b", "?!…", "\ud800", "​", "x" * 100_000, "có là không của", "a\nb"],
)
def test_odd_questions_do_not_crash(library: Library, folder: Path, question: str) -> None:
    library.add(folder)
    hits = library.search(question)
    assert len(hits) <= 10
    if not any(character.isalnum() for character in question):
        assert hits == []


def test_long_question_with_an_answer_is_answered(library: Library, folder: Path) -> None:
    library.add(folder)
    hits = library.search("Cầu Rạch Lá dài bao nhiêu mét? " * 4_000)
    assert "240 mét" in hits[0].passage.text


def test_search_of_an_empty_library_finds_nothing(library: Library) -> None:
    assert library.search("Cầu Rạch Lá dài bao nhiêu mét?") == []


def test_question_without_tone_marks(library: Library, folder: Path) -> None:
    library.add(folder)
    assert "900 đảng viên" in library.search("phuong tay nam co bao nhieu dang vien")[0].passage.text


def test_filters_are_hard(library: Library) -> None:
    text = "Giá lúa tuần này ở xã {} là 7.{}00 đồng một kg."
    library.add_articles(
        article(n, text.format(n, n), date=date(2025, n, 1), source="báo A" if n % 2 else "báo B")
        for n in range(1, 10)
    )
    library.add_articles([article(10, text.format(10, 10))])
    found = library.search("giá lúa", since=date(2025, 3, 1), until=date(2025, 5, 1))
    assert {hit.article.id for hit in found} == {"a3", "a4", "a5"}
    assert {hit.article.id for hit in library.search("giá lúa", source="báo B")} == {"a2", "a4", "a6", "a8"}
    assert library.search("giá lúa", source="báo C") == []
    assert {hit.article.id for hit in library.search("giá lúa", articles=["a10", "a1", "none"])} == {
        "a10",
        "a1",
    }
    assert library.sources == ("báo A", "báo B")


def test_reprints_count_once(library: Library) -> None:
    story = (
        "Sáng 12-9, Ủy ban nhân dân phường Cây Dừa tổ chức lễ khánh thành trạm y tế mới với tổng kinh phí "
        "15 tỷ đồng từ ngân sách thành phố, phục vụ hơn 30.000 người dân của phường và các xã lân cận."
    )
    library.add_articles(article(n, story + f" Bản tin {n}.") for n in range(5))
    library.add_articles([article(9, "Trạm y tế phường Sao Mai được sửa chữa với kinh phí 2 tỷ đồng.")])
    hits = library.search("trạm y tế phường Cây Dừa có kinh phí bao nhiêu?")
    assert len(hits) == 2
    (story_hit,) = [hit for hit in hits if hit.article.id != "a9"]
    (other,) = [hit for hit in hits if hit.article.id == "a9"]
    assert set(story_hit.reprints) | {story_hit.article.id} == {f"a{n}" for n in range(5)}
    assert other.reprints == ()


def test_neighbours_of_a_passage(library: Library) -> None:
    text = " ".join(
        f"Thôn {n} của xã Bình An có {n * 7} hộ dân, trong đó nhiều hộ trồng lúa và rau." for n in range(60)
    )
    library.add_articles([article(1, text), article(2, "Xã Bình Minh có 300 hộ.")])
    passages = library.passages("a1")
    assert len(passages) > 3
    assert library.neighbours(passages[1]) == [passages[0], passages[2]]
    assert library.neighbours(passages[-1], before=2, after=3) == passages[-3:-1]


# ── on disk ────────────────────────────────────────────────────────────────────────────────────────────────


def test_reopening_gives_the_same_results(tmp_path: Path, folder: Path) -> None:
    question = "Chợ Bến Cát có bao nhiêu sạp hàng?"
    with Library.open(tmp_path / "library", create=True, embedder=HashEmbedder()) as library:
        library.add(folder)
        before = library.search(question)
    with Library.open(tmp_path / "library", embedder=HashEmbedder()) as library:
        assert library.search(question) == before
        library.verify()


def test_rebuilding_changes_no_result(tmp_path: Path, folder: Path) -> None:
    question = "Chợ Bến Cát có bao nhiêu sạp hàng?"
    (folder / "copy.txt").write_text(BRIDGE, encoding="utf-8")
    with Library.open(tmp_path / "library", create=True, embedder=HashEmbedder()) as library:
        library.add(folder)
        before = [(hit.passage.text, hit.score) for hit in library.search(question)]
    with Library.rebuild(tmp_path / "library", embedder=HashEmbedder()) as library:
        assert [(hit.passage.text, hit.score) for hit in library.search(question)] == before
        assert library.add(folder).unchanged == 4
        assert len(library) == 3


def test_no_library_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFound, match="hoibao add"):
        Library.open(tmp_path / "nothing")


def test_another_embedder_of_the_same_width_is_refused_and_repaired(tmp_path: Path, folder: Path) -> None:
    with Library.open(tmp_path / "library", create=True, embedder=HashEmbedder()) as library:
        library.add(folder)
    with pytest.raises(LibraryMismatch, match="hoibao reindex"):
        Library.open(tmp_path / "library", embedder=HashEmbedder(seed=1))
    with Library.rebuild(tmp_path / "library", embedder=HashEmbedder(seed=1)) as library:
        assert "900" in library.search("Phường Tây Nam có bao nhiêu đảng viên?")[0].passage.text
    with pytest.raises(LibraryMismatch):
        Library.open(tmp_path / "library", embedder=HashEmbedder())


@pytest.mark.parametrize("name", ["schema", "normalizer", "chunker"])
def test_other_versions_are_refused(tmp_path: Path, folder: Path, name: str) -> None:
    with Library.open(tmp_path / "library", create=True, embedder=HashEmbedder()) as library:
        library.add(folder)
    manifest = next((tmp_path / "library").glob("gen-*/manifest.json"))
    values = json.loads(manifest.read_text(encoding="utf-8"))
    values[name] += 1
    manifest.write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(LibraryMismatch, match="rebuild"):
        Library.open(tmp_path / "library", embedder=HashEmbedder())
    Library.rebuild(tmp_path / "library", embedder=HashEmbedder()).close()
    Library.open(tmp_path / "library", embedder=HashEmbedder()).close()


@pytest.mark.parametrize("what", ["flip", "truncate", "delete"])
def test_damage_anywhere_is_noticed_and_repaired(tmp_path: Path, folder: Path, what: str) -> None:
    root = tmp_path / "library"
    with Library.open(root, create=True, embedder=HashEmbedder()) as library:
        library.add(folder)
    current = root / (root / "CURRENT").read_text().strip()
    files = [path for path in current.rglob("*") if path.is_file() and path.stat().st_size]
    assert len(files) > 5
    for path in files:
        whole = path.read_bytes()
        if what == "flip":
            middle = len(whole) // 2
            path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :])
        elif what == "truncate":
            path.write_bytes(whole[:-1])
        else:
            path.unlink()
        with pytest.raises((LibraryDamaged, LibraryMismatch)):
            Library.open(root, embedder=HashEmbedder())
        path.write_bytes(whole)
    files[0].unlink()
    with Library.rebuild(root, embedder=HashEmbedder()) as library:
        assert len(library) == 3 and library.search("Cầu Rạch Lá")


def test_damaged_database_is_noticed(tmp_path: Path, folder: Path) -> None:
    root = tmp_path / "library"
    with Library.open(root, create=True, embedder=HashEmbedder()) as library:
        library.add(folder)
    database = root / "articles.sqlite"
    whole = database.read_bytes()
    place = whole.index("900 đảng viên".encode())
    database.write_bytes(whole[:place] + b"800" + whole[place + 3 :])
    with (
        Library.open(root, embedder=HashEmbedder()) as library,
        pytest.raises(LibraryDamaged, match="mã kiểm tra"),
    ):
        library.verify()
    database.write_bytes(b"no database at all" * 100)
    with pytest.raises(LibraryDamaged):
        Library.open(root, embedder=HashEmbedder())


def test_second_writer_is_refused_readers_are_not(tmp_path: Path, library: Library, folder: Path) -> None:
    library.add(folder)
    script = (
        "import sys; from pathlib import Path; from index.generation import writer_lock\n"
        "with writer_lock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(library.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert other.stdout is not None and other.stdout.readline().strip() == b"held"
        with pytest.raises(LibraryLocked):
            library.remove("x")
        assert library.search("Cầu Rạch Lá")
    finally:
        other.kill()
        other.communicate()
    assert library.remove("x") is False  # the lock died with its process


def test_reader_follows_what_a_writer_publishes(tmp_path: Path, library: Library, folder: Path) -> None:
    with Library.open(library.path, embedder=HashEmbedder()) as reader:
        assert reader.search("Cầu Rạch Lá") == []
        library.add(folder)
        assert reader.search("Cầu Rạch Lá") != [] and len(reader) == 3


@pytest.mark.parametrize("moment", ["seal", "commit", "rename"])
def test_crash_at_any_instant_keeps_the_old_generation(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    root = tmp_path / "library"
    with Library.open(root, create=True, embedder=HashEmbedder()) as library:
        library.add(folder / "bridge.txt")
        before = library.search("Cầu Rạch Lá")

    class Crash(BaseException):
        pass

    def crash(*_: object, **__: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(NewGeneration, "abandon", lambda self: None)  # a dead process tidies nothing up
        if moment == "seal":
            patch.setattr(generation, "seal", crash)
        elif moment == "commit":
            patch.setattr("index.store_writer.WritableStore.commit", crash)
        else:
            patch.setattr(generation, "publish", crash)
        library = Library.open(root, embedder=HashEmbedder())
        with pytest.raises(Crash):
            library.add(folder)
        library.close()
    with Library.open(root, embedder=HashEmbedder()) as library:
        assert library.search("Cầu Rạch Lá") == before
        assert len(library) == 1
        report = library.add(folder)
        assert report.added + report.unchanged == 3 and len(library) == 3
        library.verify()
        assert "900" in library.search("Phường Tây Nam có bao nhiêu đảng viên?")[0].passage.text


def test_killed_writer_loses_nothing_published(tmp_path: Path) -> None:
    root = tmp_path / "library"
    script = (
        "import sys, os; from pathlib import Path; import index.adding as adding\n"
        "from index import Library; from index.types import Article, Span\n"
        "from models.fakes import HashEmbedder\n"
        "adding.BATCH, adding.CHUNK = 100, 100\n"
        "def articles():\n"
        "    for n in range(400):\n"
        "        if n == 350: os._exit(9)\n"
        "        text = f'Thôn {n} của xã Bình An có {n} hộ dân.'\n"
        "        body = (Span(0, len(text)),)\n"
        "        yield Article(id=f'a{n}', title='', text=text, body=body, content_hash=str(n))\n"
        "library = Library.open(Path(sys.argv[1]), create=True, embedder=HashEmbedder())\n"
        "library.add_articles(articles())\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(root)], check=False)
    assert done.returncode == 9
    with Library.open(root, embedder=HashEmbedder()) as library:
        assert 300 <= len(library) < 350
        library.verify()
        assert library.search("Thôn 123 có bao nhiêu hộ dân?")[0].article.id == "a123"
        assert library.add_articles([article(999, "Thôn mới.")]).added == 1


def test_closed_library_says_so(library: Library) -> None:
    library.close()
    library.close()
    with pytest.raises(LibraryError, match="đã đóng"):
        library.search("gì")
