"""Abbreviations are expanded both ways, words that only look like some are not."""

from __future__ import annotations

from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.abbreviations import expand, readings_of, term_of
from index.normalize import canonical, strip_tones
from index.query_terms import query_terms

ROWS = [
    line.split("\t")
    for line in (files("index") / "data" / "abbreviations.tsv").read_text(encoding="utf-8").splitlines()
]


def test_the_lexicon_is_large_and_clean() -> None:
    assert len({row[0] for row in ROWS}) >= 200
    assert len({tuple(row) for row in ROWS}) == len(ROWS)
    for abbreviation, full, direction in ROWS:
        assert canonical(full) == full
        assert direction == ">" or (direction == "=" and len(full.split()) > 1)
        assert len(abbreviation) < len(full)


def test_every_row_is_found_both_ways() -> None:
    for abbreviation, full, direction in ROWS:
        assert full in readings_of(abbreviation)
        if direction == "=":
            found = {term_of(a) for item in expand(full) for a in item.alternatives if item.original == full}
            assert found, full


@pytest.mark.parametrize(
    ("question", "original", "alternative"),
    [
        ("Chủ tịch UBND TP.HCM là ai?", "UBND", "Ủy ban nhân dân"),
        ("Chủ tịch UBND TP.HCM là ai?", "TP.HCM", "Thành phố Hồ Chí Minh"),
        ("chu tich hdnd tphcm la ai", "hdnd", "Hội đồng nhân dân"),
        ("chu tich hdnd tphcm la ai", "tphcm", "Thành phố Hồ Chí Minh"),
        ("Ủy ban Mặt trận Tổ quốc họp", "Mặt trận Tổ quốc", "MTTQ"),
        ("uy ban mat tran to quoc hop", "mat tran to quoc", "MTTQ"),
        ("đ/c Đặng Thị Hoa Rây là ai?", "đ/c", "đồng chí"),
        ("UVTV Tỉnh ủy", "UVTV", "Ủy viên Ban Thường vụ"),
        ("BTC hội nghị", "BTC", "Bộ Tài chính"),
        ("BTC hội nghị", "BTC", "Ban Tổ chức"),
        ("ngành GD&ĐT", "GD&ĐT", "Giáo dục và Đào tạo"),
        ("T.Ư Đảng", "T.Ư", "Trung ương"),
    ],
)
def test_expand(question: str, original: str, alternative: str) -> None:
    assert any(
        item.original == original
        and alternative in item.alternatives
        and question[item.start : item.end] == original
        for item in expand(question)
    )


@pytest.mark.parametrize("question", ["da và ca", "Chỉ thị 35-CT/TW", "Ta đi", "", "😀", "11/NQ-HĐND"])
def test_no_expansion(question: str) -> None:
    assert expand(question) == []


@pytest.mark.parametrize(
    ("short", "full"),
    [("UBND", "Ủy ban nhân dân"), ("MTTQ", "Mặt trận Tổ quốc"), ("TP.HCM", "TP Hồ Chí Minh")],
)
def test_both_spellings_of_a_question_look_for_the_same_term(short: str, full: str) -> None:
    own = term_of(short)
    for spelling in (short, full, strip_tones(full), short.lower()):
        weights = {t.text: t.weight for t in query_terms(f"{spelling} ở đâu") if t.field == "accented"}
        assert weights.get(own or "") == 1.0


@settings(deadline=None)
@given(st.text(max_size=80))
def test_never_fails(text: str) -> None:
    text = canonical(text)
    for item in expand(text):
        assert text[item.start : item.end] == item.original
