"""A title for an article that states none: the beginning of its first sentence."""

from __future__ import annotations

TITLE_LENGTH = 100
"""Code points of the article that a title made from its first sentence has, at most."""

_CLOSES = {"“": "”", "«": "»", "(": ")", "[": "]", '"': '"'}


def title_from(text: str, begin: int, end: int) -> str:
    """A verbatim prefix of `text[begin:end]`, cut between words where it is long, and then with a "…".

    A quotation mark or bracket whose other half is cut off is closed: 'Chuyên đề “Đảng viên gương mẫu…”'.
    """
    piece = text[begin:end].strip()
    whole = len(piece) <= TITLE_LENGTH
    if not whole:
        cut = piece.rfind(" ", 0, TITLE_LENGTH + 1)
        piece = piece[: cut if cut > 0 else TITLE_LENGTH]
        comma = max(piece.rfind(", "), piece.rfind("; "), piece.rfind(" – "))
        if comma >= TITLE_LENGTH // 2:
            piece = piece[:comma]
    piece = " ".join(piece.split()).rstrip(" ,;:–-.")
    opened = _left_open(piece)
    while opened and opened[-1] == len(piece) - 1:  # nothing is left of what it opened
        piece = piece[:-1].rstrip(" ,;:–-.")
        opened.pop()
    if not piece:
        return ""
    return piece + ("" if whole else "…") + "".join(_CLOSES[piece[at]] for at in reversed(opened))


def _left_open(piece: str) -> list[int]:
    """Return where the quotation marks and brackets stand that are opened and not closed, in order."""
    opened: list[int] = []
    for at, character in enumerate(piece):
        if opened and _CLOSES[piece[opened[-1]]] == character:
            opened.pop()
        elif character in _CLOSES:
            opened.append(at)
    return opened
