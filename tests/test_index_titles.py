"""Titles made of first sentences: cut where a reader would cut, and visibly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.titles import TITLE_LENGTH, title_from


@pytest.mark.parametrize(
    ("sentence", "title"),
    [
        ("Phường họp.", "Phường họp"),
        (
            "Sáng 18-12, Đảng ủy phường Bến Mây họp bàn công tác Đảng, chính quyền và đoàn thể "
            "của quý I năm 2026.",
            "Sáng 18-12, Đảng ủy phường Bến Mây họp bàn công tác Đảng…",
        ),
        (
            "Ngày 10/2/2026, Chi bộ khu phố 9, phường Đông Hạnh tổ chức sinh hoạt chuyên đề "
            "“Đảng viên gương mẫu, nhân dân đồng lòng” với 40 đảng viên.",
            "Ngày 10/2/2026, Chi bộ khu phố 9, phường Đông Hạnh tổ chức sinh hoạt chuyên đề "
            "“Đảng viên gương mẫu…”",
        ),
        ("“Chúng tôi sẽ làm ngay.", "“Chúng tôi sẽ làm ngay”"),
        ('Chương trình "Xanh" và "Sạch', 'Chương trình "Xanh" và "Sạch"'),
        ("Họp về chuyên đề “", "Họp về chuyên đề"),
        ("“", ""),
    ],
)
def test_a_title_is_cut_between_words_and_its_quotes_are_closed(sentence: str, title: str) -> None:
    assert title_from(sentence, 0, len(sentence)) == title


@given(st.text(alphabet=st.sampled_from('ab “”"(),. '), max_size=160))
def test_what_is_opened_is_closed_and_the_rest_is_verbatim(sentence: str) -> None:
    title = title_from(sentence, 0, len(sentence))
    for opening, closing in (("“", "”"), ("(", ")")):
        assert title.count(opening) <= title.count(closing) or '"' in title
    verbatim = title.split("…")[0].rstrip('”")')
    assert " ".join(sentence.split()).startswith(verbatim)
    assert len(verbatim) <= TITLE_LENGTH
