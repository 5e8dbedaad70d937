"""Places before and after the merger of 2025, with namesakes kept apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.normalize import canonical, strip_tones
from index.places import related_places


def names(question: str, relation: str) -> set[str]:
    places = [place for place in related_places(question) if place.relation == relation]
    return {name for place in places for name in place.alternatives}


@pytest.mark.parametrize("marks", [True, False])
@pytest.mark.parametrize(
    ("question", "relation", "expected"),
    [
        ("Tỉnh Bình Dương nay là gì?", "now", "Thành phố Hồ Chí Minh"),
        ("Kon Tum có gì mới?", "now", "Tỉnh Quảng Ngãi"),
        ("Bà Rịa - Vũng Tàu có gì?", "now", "Thành phố Hồ Chí Minh"),
        ("Thành phố Hồ Chí Minh", "formerly", "Tỉnh Bình Dương"),
        ("Phường Tây Nam rộng bao nhiêu?", "formerly", "Phường An Tây"),
        ("Quận Bình Thạnh nay là những phường nào?", "now", "Phường Gia Định"),
        ("phường 5 quận 3 ở đâu", "now", "Phường Bàn Cờ"),
        ("P.12, Q. Bình Thạnh", "now", "Phường Bình Thạnh"),
        ("xã Tân Thành huyện Kim Sơn", "now", "Xã Lai Thành"),
        ("Thành phố Long Xuyên", "now", "Phường Long Xuyên"),
    ],
)
def test_related(question: str, relation: str, expected: str, marks: bool) -> None:
    asked = question if marks else strip_tones(question)
    assert expected in names(asked, relation)
    for place in related_places(asked):
        assert canonical(asked)[place.start : place.end] == place.original


@pytest.mark.parametrize(
    "question",
    ["phường 5 có gì", "xã Tân Thành", "Thái Bình Dương", "thai binh duong", "hòa bình thế giới",
     "bình định", "", "😀", "Tân Hiệp", "Cao Bằng có gì"],
)  # fmt: skip
def test_too_ambiguous_or_no_place(question: str) -> None:
    assert related_places(question) == []


def test_the_question_tells_namesakes_apart() -> None:
    alone = related_places("phường Tân Khánh")
    assert any(place.ambiguous for place in alone)
    assert names("phường 5 quận 10", "now") != names("phường 5 quận 3", "now")


@settings(deadline=None)
@given(st.text(max_size=80) | st.text(alphabet="phườngxãquậnTP. BìnhDương 0123", max_size=60))
def test_never_fails(text: str) -> None:
    related_places(text)
