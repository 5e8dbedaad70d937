"""Places that a question names without their heads ("Tân Khánh có mấy ấp?"), known from the articles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from qa.names import Name, NameKind, name_of
from qa.words import Words, word_set

# A name behind one of these is that of a thing, not of the ward that it is called after.
_NAMED_AFTER = word_set(
    "chợ đêm nhà máy nước trường cầu đường dự án khu công ty bến cảng đình chùa hồ sông suối trạm đập kênh "
    "rạch bãi giải ven tàu"
)


def with_places(
    words: Words, names: tuple[Name, ...], known: Mapping[tuple[str, ...], str], *, toneless: bool
) -> tuple[Name, ...]:
    """Return the names of a text, those that are known for wards, districts and the like with their heads.

    `known` maps the lower-case words of a place to its head. Where the text has them without capitals they
    are names too.
    """
    keys = [word.plain if toneless else word.key for word in words.words]
    found: list[Name] = []
    for name in names:
        head = known.get(name.plain if toneless else name.core, "")
        placed = head and name.kind is NameKind.OTHER and not _called_after(keys, name.start)
        found.append(replace(name, kind=NameKind.PLACE, head=head, bare=True) if placed else name)
    taken = {i for name in names for i in range(name.start, name.end)}
    for core, head in known.items():
        for at in range(len(keys) - len(core) + 1):
            span = range(at, at + len(core))
            if len(core) < 2 or tuple(keys[i] for i in span) != core or taken & set(span):
                continue
            if not _called_after(keys, at):
                found.append(replace(name_of(words, NameKind.PLACE, head, at, at + len(core)), bare=True))
                taken |= set(span)
    return tuple(sorted(found, key=lambda name: name.start))


def _called_after(keys: Sequence[str], at: int) -> bool:
    return at > 0 and keys[at - 1] in _NAMED_AFTER
