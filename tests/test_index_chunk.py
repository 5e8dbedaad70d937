"""Passages: they cover the body, cut no sentence, and quote verbatim."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from index.chunk import LIMIT, TAIL, is_caption, is_heading, passages_of
from index.clean import clean
from index.types import Article, Passage, Span


def article_of(text: str) -> Article:
    found = clean(text)
    return Article(id="a", title="t", text=text, body=found.body, captions=found.captions)


def syllables(passage: Passage) -> int:
    return len(passage.text.split())


def sentence(number: int, length: int) -> str:
    return f"Câu số {number} " + "và thêm chữ " * ((length - 4) // 3) + "hết."


PARAGRAPHS = st.lists(
    st.lists(st.integers(4, 90), min_size=1, max_size=6).map(
        lambda lengths: " ".join(sentence(number, length) for number, length in enumerate(lengths))
    )
    | st.sampled_from(
        [
            "Định vị rõ vai trò",
            "Quang cảnh hội nghị",
            "Gồm ba việc:",
            "- việc này;",
            "- việc kia.",
            "![]() |",
            "THU HÀ",
        ]
    ),
    max_size=14,
)


@given(PARAGRAPHS, st.sampled_from(["\n", "\n\n"]))
@settings(max_examples=200, deadline=None)
def test_passages_cover_the_body_and_quote_it(paragraphs: list[str], gap: str) -> None:
    article = article_of(gap.join(paragraphs))
    passages = passages_of(article)
    assert [passage.position for passage in passages] == list(range(len(passages)))
    covered: list[int] = []
    for passage in passages:
        assert passage.id == -1 and passage.article_id == article.id and passage.sentences
        assert (passage.start, passage.end) == (passage.sentences[0].start, passage.sentences[-1].end)
        assert passage.text.split() == " ".join(part.text for part in passage.sentences).split()
        for part in passage.sentences:
            assert article.text[part.start : part.end] == part.text
            covered += range(part.start, part.end)
    assert len(covered) == len(set(covered))
    wanted = {at for span in [*article.body, *article.captions] for at in range(span.start, span.end)}
    assert set(covered) <= wanted
    assert all(not article.text[at].isalnum() for at in wanted - set(covered))
    body = [passage for passage in passages if not is_caption(passage, article)]
    assert passages[: len(body)] == body
    for passage in body:
        assert syllables(passage) <= LIMIT + 2 * TAIL or len(passage.sentences) <= 2
    for before, after in pairwise(body):
        assert before.end <= after.start


def test_headings_go_with_what_follows_and_lists_with_what_announces_them() -> None:
    filler = "\n".join(sentence(number, 40) for number in range(3))
    text = (
        filler
        + "\nChỉ tiêu đến năm 2030\n"
        + sentence(4, 30)
        + "\nPhường làm ba việc:\n- một;\n- hai;\n- ba.\n"
        + filler
    )
    passages = passages_of(article_of(text))
    opened = [passage for passage in passages if "Chỉ tiêu đến" in passage.text]
    assert len(opened) == 1 and opened[0].text.startswith("Chỉ tiêu đến năm 2030\nCâu số 4")
    listed = [passage for passage in passages if "ba việc" in passage.text]
    assert "ba việc:\n- một;\n- hai;\n- ba." in listed[0].text


def test_sentences_are_joined_by_blanks_and_paragraphs_by_newlines() -> None:
    article = article_of(
        "Phường có 900 đảng viên.  Dân số đông.\nQuang cảnh hội nghị\nHết năm, thu 2 tỉ đồng."
    )
    body, captions = passages_of(article)
    assert body.text == "Phường có 900 đảng viên. Dân số đông.\nHết năm, thu 2 tỉ đồng."
    assert captions.text == "Quang cảnh hội nghị"
    assert body.start < captions.start < body.end
    assert is_caption(captions, article) and not is_caption(body, article)


def test_a_long_sentence_stays_whole() -> None:
    long = "Năm qua, " + "; ".join(f"phường làm được việc thứ {number}" for number in range(40)) + "."
    passages = passages_of(article_of("Câu đầu.\n" + long + " Câu sau."))
    assert [part.text for passage in passages for part in passage.sentences] == ["Câu đầu.", long, "Câu sau."]


def test_a_short_rest_joins_the_passage_before() -> None:
    passages = passages_of(article_of("\n".join([sentence(1, 60), sentence(2, 60), "Câu cuối ngắn."])))
    assert len(passages) == 1


def test_nothing_makes_no_passage() -> None:
    assert passages_of(Article(id="a", title="t", text="")) == []
    assert passages_of(Article(id="a", title="t", text="…", body=(Span(0, 1),))) == []
    assert is_heading("Định vị rõ vai trò") and not is_heading("Phường họp.")
