"""Rendering: whatever an article says, it stays text."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import Article, Span
from models.errors import InputError
from qa.types import Answer, ArticleRef, Citation, Removed
from ui import view

ALLOWED_TAGS = {
    "article",
    "blockquote",
    "br",
    "details",
    "summary",
    "div",
    "h3",
    "li",
    "mark",
    "ol",
    "p",
    "s",
    "small",
    "span",
    "sup",
    "ul",
    "a",
}
ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</blockquote></div><iframe src=javascript:alert(1)>",
    "<style>*{display:none}</style>",
    "&lt;script&gt;",
    "]]><!--",
    "<a href='javascript:alert(1)'>x</a>",
]


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def read(markup: str) -> Reader:
    reader = Reader()
    reader.feed(markup)
    reader.close()
    return reader


def assert_harmless(markup: str) -> None:
    reader = read(markup)
    assert set(reader.tags) <= ALLOWED_TAGS, reader.tags
    for name, value in reader.attributes:
        assert name in ("class", "href", "target", "rel"), (name, value)
        if name == "href":
            assert value is not None and value.startswith(("http://", "https://"))


def citation(
    quote: str = "Phường có 900 đảng viên.", *, title: str = "Đại hội", **change: object
) -> Citation:
    article = ArticleRef("a1", title, date(2025, 10, 2), "bao/a1.txt", "Báo X", "")
    made = Citation(1, article, quote, 10, 10 + len(quote), ((10, 13),))
    return replace(made, **change)  # type: ignore[arg-type]


def answer(text: str, *citations: Citation, **change: object) -> Answer:
    return replace(Answer(text, citations, False, 0.87, (), {}), **change)  # type: ignore[arg-type]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_becomes_markup(attack: str) -> None:
    hostile = citation(f"Câu {attack} hết.", title=attack, marks=((2, 9),))
    article = Article("a", attack, f"{attack}\nĐoạn {attack} hai", byline=attack, source=attack, url=attack)
    made = answer(f"{attack} [1].", hostile, removed=(Removed(attack, attack),), question=attack)
    for markup in (
        view.citation_html(hostile),
        view.article_html(article, highlight=Span(3, 30), marks=((1, 5),)),
        view.answer_html(made),
        view.removed_html(made),
        view.provisional_html(attack),
        view.marked_html(attack, ((0, 3),)),
    ):
        assert_harmless(markup)
    assert attack in "".join(read(view.citation_html(hostile)).text), "and yet it is shown as it stands"


@given(st.text(max_size=80), st.lists(st.tuples(st.integers(-5, 90), st.integers(-5, 90)), max_size=4))
def test_marking_loses_and_adds_nothing(text: str, marks: list[tuple[int, int]]) -> None:
    markup = view.marked_html(text, marks)
    assert markup.count("<mark>") == markup.count("</mark>")
    stripped = markup.replace("<mark>", "").replace("</mark>", "")
    assert stripped == view.marked_html(text, ())


@given(st.text(max_size=60))
def test_plain_text_keeps_its_length_and_steers_nothing(text: str) -> None:
    shown = view.plain(text)
    assert len(shown) == len(text)
    assert not any(ord(char) < 32 and char not in "\n\t" for char in shown)
    assert view.plain(shown) == shown


def test_escape_sequences_and_reversed_writing_are_boxed() -> None:
    assert view.plain("a\x1b[31mđỏ\x07\u202etxt") == "a□[31mđỏ□□txt"


def test_marks_stand_exactly_where_they_should() -> None:
    markup = view.citation_html(citation())
    assert "Phường có <mark>900</mark> đảng viên." in markup
    assert "Đại hội · 2/10/2025 · Báo X" in markup


def test_only_markers_of_citations_can_be_clicked() -> None:
    parts = view.segments(answer("Có 900 đảng viên [1], theo [2] và [x].", citation()))
    assert [part.marker for part in parts] == [None, 1, None]
    assert "".join(part.text for part in parts) == "Có 900 đảng viên [1], theo [2] và [x]."


def test_an_answer_without_citations_has_no_markers() -> None:
    assert [part.marker for part in view.segments(answer("Không có [1]."))] == [None]


def test_the_cited_sentence_is_highlighted_in_the_article() -> None:
    text = "date 2025-10-02\nCâu một. Phường có 900 đảng viên. Câu ba.\nẢnh: chú thích"
    start = text.index("Phường")
    quote = "Phường có 900 đảng viên."
    body = (Span(16, text.index("\nẢnh")),)
    markup = view.article_html(
        Article("a", "T", text, body=body, date=date(2025, 10, 2)),
        highlight=Span(start, start + len(quote)),
        marks=((10, 13),),
    )
    assert '<span class="hb-target">Phường có <mark>900</mark> đảng viên.</span>' in markup
    front = f'<summary>{view.BEFORE_ARTICLE}</summary><p class="hb-outside">date 2025-10-02</p>'
    assert f"<details>{front}</details>" in markup
    assert '<p class="hb-outside">Ảnh: chú thích</p>' in markup
    assert_harmless(markup)


def test_a_highlight_over_two_paragraphs_is_cut_at_the_break() -> None:
    markup = view.article_html(Article("a", "", "một hai\nba bốn"), highlight=Span(4, 10), marks=((4, 6),))
    assert '<p>một <span class="hb-target">hai</span></p>' in markup
    assert '<p><span class="hb-target"><mark>ba</mark></span> bốn</p>' in markup
    assert view.UNTITLED in markup


@given(
    st.text(alphabet=st.sampled_from("ab <&\n\r\x1b"), max_size=40), st.integers(0, 45), st.integers(0, 45)
)
def test_an_article_is_shown_whole(text: str, start: int, end: int) -> None:
    markup = view.article_html(Article("a", "t", text), highlight=Span(min(start, end), max(start, end)))
    shown = "".join(read(markup.split("</div>", 1)[1]).text)
    lines = [line for line in text.split("\n") if line.strip()]
    assert shown == "".join(view.plain(line) for line in lines)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x", "", "http://[", " "]
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert view.link_html(url) == ""


def test_a_web_address_becomes_a_link() -> None:
    assert 'href="https://bao.example/a?b=1&amp;c=2"' in view.link_html("https://bao.example/a?b=1&c=2")


def test_markdown_in_titles_stays_text() -> None:
    assert view.markdown_escaped("**x** [a](http://b) :red[y]\n# z") == (
        r"\*\*x\*\* \[a\]\(http\://b\) \:red\[y\] \# z"
    )


def test_labels_and_places() -> None:
    assert view.article_label(ArticleRef("a", "", None, "p", "", "")) == view.UNTITLED
    assert view.place_text(citation(start=12, end=34)) == "bao/a1.txt:12-34"
    assert view.date_text(None) == ""
    assert [view.percent(share) for share in (0.0, 0.874, 1.0)] == ["1%", "87%", "99%"]
    assert view.decimal(23.46) == "23,5" and view.decimal(0.375, 2) == "0,38"


def test_articles_are_sorted_by_date_and_those_without_one_stand_last() -> None:
    days = (None, date(2025, 1, 2), date(2026, 1, 1), None, date(2025, 12, 31))
    titles = ("z", "b", "c", "a", "d")
    made = [ArticleRef(t, t, day, "p", "", "") for t, day in zip(titles, days, strict=True)]
    assert "".join(item.id for item in sorted(made, key=view.newest_first)) == "cdbaz"


def test_json_has_the_field_names_of_the_dataclasses() -> None:
    made = answer("Có 900 [1].", citation(), timings={"search": np.float32(1.5)}, notes=("n",))
    loaded = json.loads(json.dumps(view.jsonable(made)))
    assert loaded["citations"][0]["article"]["date"] == "2025-10-02"
    assert loaded["citations"][0]["marks"] == [[10, 13]]
    assert loaded["timings"] == {"search": 1.5}
    assert loaded["abstained"] is False
    error = view.jsonable(InputError("empty file", path="a.txt"))
    assert error == {"error": "InputError", "message": "empty file", "path": "a.txt", "repair": None}


def test_the_brief_has_every_quote_with_its_place_and_no_foreign_markup() -> None:
    hostile = citation("Có **900** `x` <b>.", title="# T [a](http://b)", start=7)
    brief = view.brief_markdown([("Bao *nhiêu*?", answer("Có 900 [1]. [2]", hostile))])
    assert brief.startswith("# Hỏi báo\n\n## Bao \\*nhiêu\\*?\n\nCó 900 [1]")
    assert "(`bao/a1.txt:7-29`)" in brief
    assert "\\[a\\](http" in brief and "\\<b\\>" in brief and "\\*\\*900" in brief
    assert "\\[2\\]" in brief, "a marker without citation is no marker"


def test_an_answer_that_is_not_sure_says_so_first() -> None:
    unsure = answer("Có 900 [1].", citation(), confidence=0.5)
    assert (unsure.sure, view.caution(unsure)) == (False, view.UNSURE)
    assert f"*{view.UNSURE}*\n\nCó 900" in view.brief_markdown([("Bao nhiêu?", unsure)])
    sure = replace(unsure, confidence=0.9)
    assert (sure.sure, view.caution(sure)) == (True, "")
    refused = replace(unsure, abstained=True)
    assert (refused.sure, view.caution(refused)) == (False, "")
    assert view.jsonable(unsure)["sure"] is False  # type: ignore[index]
