"""Canonical text: idempotent, equal for every encoding of the same letters, offsets exact."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.normalize import canonical, canonical_with_offsets, strip_tones

LETTERS = "aăâeêioôơuưyàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ"
ODD = "\u200b\u00a0\u00ad\ufeffÐð\x00\x07АсеοιύΐйﬁＡ１Ⅱ😀\u0301\u0323\u0302\u1100\u1161\u11a8éüç\u0340"
vietnamese = st.text(alphabet=LETTERS + LETTERS.upper() + "bcdđghklmnpqrstvxBĐHKQT -/.,0129", max_size=60)
hostile = st.text(alphabet=LETTERS + "hkqtnguđ gi" + ODD, max_size=40)
anything = st.text(max_size=60)
texts = vietnamese | hostile | anything


@settings(deadline=None)
@given(texts)
def test_idempotent(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once


@settings(deadline=None)
@given(texts)
def test_same_for_composed_and_decomposed(text: str) -> None:
    assert canonical(unicodedata.normalize("NFD", text)) == canonical(unicodedata.normalize("NFC", text))
    assert canonical(unicodedata.normalize("NFD", text)) == canonical(text)


@settings(deadline=None)
@given(texts)
def test_result_is_nfc(text: str) -> None:
    assert unicodedata.is_normalized("NFC", canonical(text))


@settings(deadline=None)
@given(texts)
def test_offsets_agree_and_ascend(text: str) -> None:
    result = canonical_with_offsets(text)
    assert result.text == canonical(text)
    offsets = list(result.offsets)
    assert len(offsets) == len(result.text) + 1
    assert offsets == sorted(offsets)
    assert all(0 <= offset <= len(text) for offset in offsets)
    assert offsets[-1] == len(text)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["hoà", "thuỷ", "quý", "Tây", "ﬁlm", "xã\u200bhội", "ĐÐ", "сủa", "a", "11"])))
def test_words_are_found_at_their_place(words: list[str]) -> None:
    text = unicodedata.normalize("NFD", "  ".join(words))
    result = canonical_with_offsets(text)
    at = 0
    for word in words:
        target = canonical(word)
        at = result.text.index(target, at)
        start, end = result.original_span(at, at + len(target))
        assert canonical(text[start:end]).strip() == target
        at += len(target)


@settings(deadline=None)
@given(vietnamese)
def test_strip_tones_keeps_length(text: str) -> None:
    plain = canonical(text)
    assert len(strip_tones(plain)) == len(plain)
    assert strip_tones(plain).isascii()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("hoà thuỷ khoẻ uỷ loè tuý oà", "hòa thủy khỏe ủy lòe túy òa"),
        ("HOÀ Thuỷ UỶ BAN", "HÒA Thủy ỦY BAN"),
        ("quý quả quá già giá gìn giếng huệ", "quý quả quá già giá gìn giếng huệ"),
        ("qúy qủa gía gìa", "quý quả giá già"),
        ("hòan tóan trừơng cúôi tíên khủyu Hùynh", "hoàn toán trường cuối tiến khuỷu Huỳnh"),
        ("hoàn toán khuỷu xoòng ngoèo", "hoàn toán khuỷu xoòng ngoèo"),
        ("Figueroà Nicoaè", "Figueroà Nicoaè"),
        ("Ðảng xã\u200b hội\u00a0mới\ufeff", "Đảng xã hội mới"),
        ("сủa", "của"),
        ("Россия", "Россия"),
        ("ＡＢＣ１ ﬁ Ⅱ", "ABC1 fi II"),
    ],
)
def test_spellings(written: str, expected: str) -> None:
    assert canonical(written) == expected


@pytest.mark.parametrize(
    "text", ["", "\u0301", "\u0301" * 500, "😀" * 50, "\x00\x01", "مرحبا", "a" * 100_000]
)
def test_odd_input_is_survived(text: str) -> None:
    result = canonical_with_offsets(text)
    assert result.text == canonical(text)
    assert strip_tones(result.text) is not None
