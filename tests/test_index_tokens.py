"""Terms: one spelling for what is the same number, date, document, abbreviation."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.normalize import canonical, strip_tones
from index.query_terms import QUESTION_WEIGHT, query_terms
from index.tokens import (
    lexical_terms,
    normalize_number,
    pair_terms,
    passage_terms,
    tokenize,
    toneless_terms,
)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1.553", "1553"), ("152.000", "152000"), ("11.472,75", "11472.75"), ("02", "2"), ("2,50", "2.5"),
        ("4.0", "4.0"), ("1.234.567", "1234567"), ("0", "0"), ("000", "0"), ("1,234,567.5", "1234567.5"),
        ("1.2.3", None), ("12.34.567", None),
    ],
)  # fmt: skip
def test_numbers(written: str, number: str | None) -> None:
    assert normalize_number(written) == number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("diện tích 11.472,75ha", ["11472.75", "ha"]),
        ("Nghị quyết 11/NQ-HĐND", ["11", "nq", "hđnd", "11-nq-hđnd"]),
        ("Chỉ thị 35-CT/ TW", ["35", "ct", "tw", "35-ct-tw"]),
        ("35-CT/TW", ["35-ct-tw"]),
        ("kế hoạch 249-KH/UBKTTW", ["249", "ubkttw", "249-kh-ubkttw"]),
        ("ngày 24-7-2025", ["2025-07-24", "2025-07", "24/7", "2025"]),
        ("ngày 24/7/2025", ["2025-07-24"]),
        ("ngày 24 tháng 7 năm 2025", ["2025-07-24", "2025-07", "24/7", "tháng"]),
        ("Sáng 2-10", ["2", "10", "2/10"]),
        ("ngày 02 tháng 10", ["2/10"]),
        ("tháng 10/2025", ["2025-10"]),
        ("tháng 10 năm 2025", ["2025-10"]),
        ("16/76 chi bộ", ["16", "76", "16/76"]),
        ("TP.HCM", ["tphcm", "tp", "hcm"]),
        ("TPHCM", ["tphcm", "tp", "hcm"]),
        ("Thành phố Hồ Chí Minh", ["thành", "phố", "tphcm"]),
        ("Ủy ban nhân dân phường", ["ủy", "ban", "ubnd", "phường"]),
        ("đ/c Hiếu", ["đ/c", "hiếu"]),
        ("Covid-19, Covid19", ["covid", "19", "covid19"]),
        ("U23 và 5G, 50m2", ["u23", "5g", "50", "m2"]),
        ("kĩ sư Mĩ, kỹ sư Mỹ", ["kĩ", "mĩ"]),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    terms = lexical_terms(canonical(text))
    assert set(expected) <= set(terms)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ngày 24-7-2025", "24/7/2025"), ("1.553 đảng viên", "1553 đảng viên"), ("02 phường", "2 phường"),
        ("35-CT/ TW", "35-CT/TW"), ("hoà bình", "hòa bình"), ("kỹ thuật", "kĩ thuật"), ("GD&ĐT", "GD-ĐT"),
        ("UBND", "Ủy ban nhân dân"), ("T.Ư Đảng", "Trung ương Đảng"), ("đ/c", "đồng chí"),
    ],
)  # fmt: skip
def test_spellings_meet(first: str, second: str) -> None:
    one, other = set(lexical_terms(canonical(first))), set(lexical_terms(canonical(second)))
    assert one & other - {"đảng", "bình", "thuật", "phường", "viên"}


def test_a_year_range_is_no_day() -> None:
    assert not [term for term in lexical_terms("2025-2030 tháng 10/2025") if term.count("-") == 2]


def test_pairs() -> None:
    assert pair_terms("Ủy ban nhân dân") == ["ủy_ban", "ban_nhân", "nhân_dân"]
    assert pair_terms("Ủy ban nhân dân", toneless=True) == ["uy_ban", "ban_nhan", "nhan_dan"]


@settings(deadline=None)
@given(st.text(max_size=80) | st.text(alphabet="0123456789.,/-:ĐCTWhađúý '&–", max_size=60))
def test_terms_of_any_text(text: str) -> None:
    plain = canonical(text)
    terms = passage_terms(plain)
    assert terms.toneless == [strip_tones(term) for term in terms.accented]
    assert all(term and not any(c.isspace() for c in term) for term in terms.accented + terms.accented_pairs)
    assert toneless_terms(plain) == terms.toneless
    for token in tokenize(plain):
        assert plain[token.start : token.end].lower() == token.text
    query_terms(text)


@pytest.mark.parametrize("text", ["", " ", "😀😀", "\x00\x07", "\u0301\u0323", "?!…"])
def test_nothing_to_find(text: str) -> None:
    assert query_terms(text) == []


def test_long_questions_stay_affordable() -> None:
    assert len(query_terms("phường " + " ".join(f"từ{i}" for i in range(50_000)))) < 1000


def test_question_words_weigh_little() -> None:
    terms = query_terms("Phường Tây Nam có diện tích tự nhiên bao nhiêu?")
    weights = {term.text: term.weight for term in terms if term.field == "accented"}
    assert weights["nhiêu"] == QUESTION_WEIGHT < weights["diện"] == 1.0


def test_question_words_alone_are_kept() -> None:
    assert {term.weight for term in query_terms("ai ở đâu") if term.field == "accented"} == {1.0}


def test_ai_is_a_question_word_but_not_in_egypt() -> None:
    weights = {term.text: term.weight for term in query_terms("Ai Cập ở đâu?") if term.field == "accented"}
    assert weights["ai"] == 1.0
