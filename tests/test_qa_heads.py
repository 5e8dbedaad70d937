"""The head of a body by the name of the office."""

from __future__ import annotations

import pytest

from qa.heads import with_office
from qa.question import Kind, understand
from qa.roles import role_of


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("Ai đang đứng đầu HĐND phường An Lạc?", "Ai là Chủ tịch HĐND phường An Lạc?"),
        ("Người đứng đầu hội nông dân xã An Lạc là ai?", "Chủ tịch hội nông dân xã An Lạc là ai?"),
        ("Ai đứng đầu Đảng bộ phường An Lạc?", "Ai là Bí thư Đảng ủy phường An Lạc?"),
        ("Ai đứng đầu chính quyền xã An Lạc?", "Ai là Chủ tịch UBND xã An Lạc?"),
        ("Thủ lĩnh Đoàn phường An Lạc là ai?", "Bí thư Đoàn phường An Lạc là ai?"),
        ("Ai đứng đầu phường An Lạc?", "Ai đứng đầu phường An Lạc?"),
        ("Ai đứng đầu đoàn công tác?", "Ai đứng đầu đoàn công tác?"),
        ("Đơn vị nào đứng đầu hội thi?", "Đơn vị nào đứng đầu hội thi?"),
    ],
)
def test_the_head_of_a_body_is_asked_for_by_its_office(asked: str, meant: str) -> None:
    assert with_office(asked) == meant


def test_the_deputy_is_not_the_head() -> None:
    question = understand("Ai đang đứng đầu HĐND phường An Lạc?")
    role = role_of(question.text)
    assert question.kind is Kind.PERSON
    assert role is not None
    assert (role.office, role.deputy) == ("chủ tịch", False)
