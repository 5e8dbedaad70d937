"""Bytes to text: UTF-8 first, anything else only on clear evidence, and never with replacement characters."""

from __future__ import annotations

import codecs
import logging
import re
import unicodedata
from pathlib import Path

from index.legacy import decode_legacy
from models.errors import InputError, reason_of

logger = logging.getLogger(__name__)

MAX_TEXT = 20_000_000
"""Bytes of one article's text, at most: no article of a newspaper comes near."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_VIETNAMESE = frozenset("ăâđêôơưáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ")
_COMMON = frozenset(
    [
        "và",
        "của",
        "các",
        "có",
        "trong",
        "là",
        "cho",
        "được",
        "với",
        "người",
        "không",
        "những",
        "một",
        "đã",
        "tại",
    ]
)


def read_bytes(path: Path, *, limit: int = MAX_TEXT) -> bytes:
    """The bytes of a file; raises InputError if it is empty, too large or cannot be read."""
    try:
        size = path.stat().st_size
        if size > limit:
            raise InputError(
                f"tệp dài {size / 1e6:.0f} MB, quá cỡ của một bài báo ({limit / 1e6:.0f} MB)",
                path=path,
                repair="chia nhỏ tệp, hoặc đưa nhiều bài trong một tệp .jsonl, mỗi dòng một bài",
            )
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"không mở được tệp: {reason_of(error)}", path=path, repair=f"xem quyền: ls -l '{path}'"
        ) from error
    if not data.strip():
        raise InputError("tệp rỗng", path=path)
    return data


def decode(data: bytes, *, path: Path) -> str:
    """The text of `data`, without a byte order mark; raises InputError where no encoding fits."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            text = _strict(data[len(mark) :], encoding)
            if text is None:
                raise InputError(f"mở đầu như {encoding.upper()} nhưng phần sau hỏng", path=path)
            if encoding != "utf-8":
                logger.warning("%s: đọc theo bảng mã %s", path, encoding.upper())
            return _checked(text, path)
    text = _strict(data, "utf-8")
    if text is not None and "\x00" not in text:
        return _checked(text, path)
    guessed = _guess(data)
    if guessed is not None:
        encoding, text = guessed
        logger.warning("%s: không phải UTF-8, đọc theo bảng mã %s", path, encoding)
        return _checked(text, path)
    if b"\x00" in data[:4096]:
        raise InputError("đây là tệp nhị phân, không phải văn bản", path=path)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"UTF-8 hỏng ở dòng {line} (byte {error.start}), và không khớp bảng mã tiếng Việt nào khác",
            path=path,
            repair=f"chuyển sang UTF-8: iconv -f BẢNG-MÃ-ĐÚNG -t UTF-8 '{path}'",
        ) from error
    raise InputError("đây là tệp nhị phân, không phải văn bản", path=path)


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _guess(data: bytes) -> tuple[str, str] | None:
    """UTF-16 without a mark, Windows-1258 or a legacy Vietnamese font, if the result is Vietnamese."""
    if b"\x00" in data[:4096]:
        for encoding in ("utf-16-le", "utf-16-be"):
            text = _strict(data, encoding)
            if text is not None and (_looks_vietnamese(text) or _looks_ascii(text)):
                return encoding.upper(), text
        return None
    text = _strict(data, "cp1258")
    if text is not None and _looks_vietnamese(text):
        return "Windows-1258", text
    for encoding in ("cp1252", "latin-1"):
        text = _strict(data, encoding)
        if text is not None and (converted := decode_legacy(text)) is not None:
            return "TCVN3 hoặc VNI", converted
    return None


def from_legacy_font(text: str, path: Path) -> str:
    """The text in Unicode if it was written for the fonts of TCVN3 or VNI, else as it is."""
    converted = decode_legacy(text)
    if converted is None:
        return text
    logger.warning("%s: gõ bằng phông cũ (TCVN3 hoặc VNI), đã chuyển sang Unicode", path)
    return converted


def _looks_vietnamese(text: str) -> bool:
    """Many Vietnamese letters, common words, no foreign ones: chance does not make such a text."""
    sample = unicodedata.normalize("NFC", text[:20_000]).lower()
    letters = [letter for letter in sample if letter.isalpha()]
    if len(letters) < 20:
        return False
    foreign = sum(letter not in _VIETNAMESE and not "a" <= letter <= "z" for letter in letters)
    marked = sum(map(_VIETNAMESE.__contains__, letters))
    words = sample.split()
    common = sum(map(_COMMON.__contains__, words))
    return (
        foreign <= 0.005 * len(letters)
        and marked >= 0.1 * len(letters)
        and common >= max(1, 0.02 * len(words))
    )


def _looks_ascii(text: str) -> bool:
    sample = text[:4096]
    return sum(" " <= letter <= "~" or letter in "\r\n\t" for letter in sample) >= 0.97 * len(sample)


def _checked(text: str, path: Path) -> str:
    controls = len(_CONTROLS.findall(text, 0, 65_536))
    if controls > 8 and controls > 0.01 * min(len(text), 65_536):
        raise InputError("đây là tệp nhị phân, không phải văn bản", path=path)
    if not text.strip():
        raise InputError("tệp rỗng", path=path)
    return from_legacy_font(text, path)
