"""A question as it would be written out: without particles of speech, short labels with their question words.

"Phường Bến Mây mình còn mấy hộ nghèo vậy?" asks what "Phường Bến Mây còn mấy hộ nghèo?" asks, and "Địa chỉ
trung tâm hành chính công?" asks where it is. Only what is asked for is spelled out, nothing is added to it.
"""

from __future__ import annotations

import re

from qa.words import has_tones

# With small letters only: "Hoài" is a name.
_PARTICLES = re.compile(
    r"(?:\s+(?:vậy|thế|hả|ha|nhỉ|ạ|hoài|nha|nhé|nghen|hen|các bác|mấy anh chị|mọi người))+\s*(?=[?.!]*\s*$)"
)
_OURS = re.compile(
    r"(?<=\w)\s+(?:mình|nhà mình|tụi mình)(?=\s+(?:có|còn|đã|đang|hiện|được|sẽ|bị|là|nay)(?!\w))", re.I
)
_HOW_MUCH = re.compile(
    r"(?<!\w)(?<!bao )nhiêu(?=\s+(?:tiền|người|đồng|hộ|phần trăm|lần|ngày|cái|suất)(?!\w))", re.I
)
# What a label asks for, by its first words.
_LABELS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?:địa chỉ|trụ sở)(?!\w)", re.I), "ở đâu"),
    (
        re.compile(r"(?:ngày|thời gian|thời điểm|hạn|hạn chót|hạn cuối|thời hạn|lịch)(?!\w)", re.I),
        "là khi nào",
    ),
    (
        re.compile(
            r"(?:tổng )?(?:số(?! (?:điện thoại|hiệu|văn bản|quyết định|nghị quyết|công văn|máy|tài khoản))"
            r"|tỉ lệ|tỷ lệ|dân số|diện tích|kinh phí|vốn|mức|giá|thu nhập|công suất|chiều dài|học phí"
            r"|ngân sách|thu ngân sách|chi phí|tiền)(?!\w)",
            re.I,
        ),
        "là bao nhiêu",
    ),
    (
        re.compile(
            r"(?:(?:phó )?(?:bí thư|chủ tịch|giám đốc|chủ nhiệm)|hiệu trưởng|trưởng|chỉ huy trưởng"
            r"|đội trưởng)(?!\w)",
            re.I,
        ),
        "là ai",
    ),
)


def without_particles(text: str) -> str:
    """Return a question without what only colours it: "vậy", "hả", "mình" behind a place."""
    if not has_tones(text):
        return text
    return _HOW_MUCH.sub("bao nhiêu", _OURS.sub("", _PARTICLES.sub("", text)))


def spelled_out(text: str) -> str:
    """Return a label ("Địa chỉ trung tâm?") with the question words that it leaves out; else unchanged."""
    label = text.strip(" ?.!")
    for opening, asks in _LABELS:
        if opening.match(label) and len(label.split()) > 2:
            return f"{label} {asks}?"
    return text
