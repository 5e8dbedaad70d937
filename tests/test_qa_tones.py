"""Questions without tone marks, whole or in part, read as the articles write them."""

from __future__ import annotations

import pytest

from index.normalize import strip_tones
from index.types import Article, Hit, Passage, Sentence
from qa.tones import conversation_with_tones, lacks_tones, with_tones

TEXT = (
    "Đảng bộ phường Tây Nam có 900 đảng viên. Trụ sở UBND phường đặt ở đường Gò Sen. "
    "Kế hoạch số 58-KH/TU được ban hành ngày 2/10/2025. Họp tại sông Ngà."
)


def hit_of(text: str, title: str = "") -> Hit:
    article = Article("a", title, text)
    return Hit(Passage(1, "a", 0, text, 0, len(text), (Sentence(text, 0, len(text)),)), article, 0.9)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("phuong tay nam co bao nhieu dang vien?", "phường Tây Nam có bao nhiêu đảng viên?"),
        ("Phuong Tây Nam có bao nhieu dang vien?", "Phường Tây Nam có bao nhiêu đảng viên?"),
        ("tru so ubnd phuong dat o dau?", "trụ sở UBND phường đặt ở đâu?"),
        ("ke hoach so 58-kh/tu ban hanh khi nao", "kế hoạch số 58-KH/TU ban hành khi nào"),
    ],
)
def test_words_take_the_form_that_articles_write(typed: str, meant: str) -> None:
    assert with_tones(typed, [hit_of(TEXT)]) == meant


def test_a_question_with_its_marks_is_left_alone() -> None:
    question = "Phường  Tây Nam có bao nhiêu đảng viên?"
    assert with_tones(question, [hit_of("phương tây nấm")]) is question


def test_a_mark_that_was_typed_is_never_changed() -> None:
    assert "Tấy" in with_tones("phuong Tấy Nam o dau", [hit_of(TEXT)])


def test_without_articles_the_most_probable_marks_are_taken() -> None:
    typed = "tong so dai bieu hoi dong nhan dan tinh la bao nhieu"
    assert with_tones(typed, []) == "tổng số đại biểu hội đồng nhân dân tỉnh là bao nhiêu"


def test_nothing_is_added_or_lost_but_marks_and_capitals() -> None:
    typed = "ai, theo bai bao, la bi thu   dang uy (phuong tay nam) nam 2025?!"
    assert strip_tones(with_tones(typed, [hit_of(TEXT)])).lower() == typed


def test_headlines_in_capitals_make_no_names() -> None:
    hits = [hit_of("Phường làm việc với quận.", title="PHƯỜNG LÀM VIỆC VỚI QUẬN")]
    assert with_tones("phuong lam viec voi quan ngay nao", hits).startswith("phường làm việc với quận")


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "?!", "\x00\x07", "con", "a" * 5000])
def test_any_text_is_allowed(text: str) -> None:
    assert strip_tones(with_tones(text, [hit_of(TEXT)])).lower() == strip_tones(text).lower()


def test_a_follow_up_is_read_with_the_question_before_it() -> None:
    searched = []

    def search(words: str) -> list[Hit]:
        searched.append(words)
        return [hit_of(TEXT)]

    history = [("phuong dong hanh co bao nhieu dang vien?", "742 [1].")]
    question, past = conversation_with_tones("con phuong tay nam?", history, search)
    assert question == "Còn phường Tây Nam?"
    assert past[0][0].endswith("bao nhiêu đảng viên?")
    assert past[0][1] == "742 [1]."
    assert searched == ["phuong dong hanh co bao nhieu dang vien? con phuong tay nam?"]


def test_a_follow_up_with_its_marks_costs_no_search() -> None:
    def search(words: str) -> list[Hit]:
        raise AssertionError(words)

    history = [("Phường Đông Hạnh có bao nhiêu đảng viên?", "742 [1].")]
    assert conversation_with_tones("Còn phường Tây Nam?", history, search) == ("Còn phường Tây Nam?", history)


def test_missing_marks_are_noticed() -> None:
    assert lacks_tones("bao nhieu")
    assert not lacks_tones("Bao nhiêu?")
