"""The command line's own words in Vietnamese: headings of the help, and what is said of a wrong call.

typer says these in English and offers no other way in. Knows the words of typer and click, no command.
"""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import typer
from typer.core import TyperCommand, TyperGroup

WRONG_USAGE = 2

_HELP_OPTION = "Hiện hướng dẫn này."
_HEADINGS: Mapping[str, str] = {
    "Usage: ": "Cách dùng: ",
    "Arguments:": "Tham số:",
    "Options:": "Tùy chọn:",
    "Commands:": "Các lệnh:",
}
_HEADING = re.compile("^(?:" + "|".join(map(re.escape, _HEADINGS)) + ")", re.MULTILINE)
_NOTES = (
    ("[OPTIONS] COMMAND [ARGS]...", "[TÙY CHỌN] LỆNH …"),
    ("[OPTIONS]", "[TÙY CHỌN]"),
    ("[required]", "[bắt buộc]"),
    ("[default: ", "[mặc định: "),
)
_COMPLAINTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"Missing (?:argument|option|parameter)(?: '([^']+)')?", "thiếu {0}"),
        (r"No such option:? '?([^' ]+)'?", "không có tùy chọn {0}"),
        (r"No such command '([^']+)'", "không có lệnh {0}"),
        (r"Option '([^']+)' requires an argument", "tùy chọn {0} cần một giá trị"),
        (r"Option '([^']+)' does not take a value", "tùy chọn {0} không nhận giá trị"),
        (r"Got unexpected extra argument(?:s|\(s\))? \((.+)\)", "thừa: {0}"),
        (r"Missing command", "thiếu tên lệnh"),
        (r"Invalid value for '([^']+)'.*greater than or equal to (\S+)", "{0} phải từ {1} trở lên"),
        (r"Invalid value for '([^']+)'.*less than or equal to (\S+)", "{0} phải từ {1} trở xuống"),
        (r"Invalid value for '([^']+)'.*(?:range|valid integer|integer)", "{0} phải là số nguyên hợp lệ"),
        (r"Invalid value for '([^']+)'", "giá trị của {0} không hợp lệ"),
    )
)
# typer keeps a copy of click of its own, or uses click: the class is found where `BadParameter` has it
_UsageError = cast(
    type[Exception], next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "UsageError")
)


def in_vietnamese(text: str) -> str:
    """Return the text of a help page with its headings and notes in Vietnamese."""
    text = _HEADING.sub(lambda found: _HEADINGS[found[0]], text)
    for english, vietnamese in _NOTES:
        text = text.replace(english, vietnamese)
    return text


def complaint(message: str) -> str:
    """Return what typer says of a wrong call in Vietnamese; what is not known comes back as it is."""
    for pattern, said in _COMPLAINTS:
        if (found := pattern.search(message)) is not None:
            return said.format(*(part or "một tham số" for part in found.groups())) + "."
    return message


class Command(TyperCommand):
    """A command whose help is Vietnamese throughout."""

    def get_help_option(self, ctx: Any) -> Any:
        """Return the option --help with Vietnamese words."""
        return _worded(super().get_help_option(ctx))

    def get_help(self, ctx: Any) -> str:
        """Return the help page."""
        for parameter in self.params:
            if (
                parameter.param_type_name == "argument"
            ):  # its own name says enough: no "<list[str]>" behind it
                parameter.display_type_rich = lambda ctx: None  # type: ignore[attr-defined]
        return in_vietnamese(super().get_help(ctx))

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the whole first paragraph, which the list of commands wraps, instead of a cut one."""
        return inspect.cleandoc(self.help or "").split("\n\n")[0].replace("\n", " ")


class Group(TyperGroup):
    """The same for a group of commands; it also words what is wrong in a call of any command below it."""

    def get_help_option(self, ctx: Any) -> Any:
        """Return the option --help with Vietnamese words."""
        return _worded(super().get_help_option(ctx))

    def get_help(self, ctx: Any) -> str:
        """Return the help page."""
        return in_vietnamese(super().get_help(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words behind the name of the program."""
        try:
            return super().parse_args(ctx, args)
        except _UsageError as error:
            raise self._told(error) from None

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except _UsageError as error:
            raise self._told(error) from None

    def _told(self, error: Exception) -> Exception:
        """Tell what is wrong and return what ends the program; the help page that no arguments give stays."""
        context: Any = getattr(error, "ctx", None)
        if type(error).__name__ == "NoArgsIsHelpError":
            return error
        message: str = error.format_message()  # type: ignore[attr-defined]
        typer.echo(f"Lỗi: {complaint(message)}", err=True)
        command, near = re.search(r"No such command '([^']+)'", message), []
        if command is not None:
            names = list(getattr(getattr(context, "command", self), "commands", {}))
            near = difflib.get_close_matches(command[1], names, n=3)
        if near:
            typer.echo(f"  → ý bạn là: {', '.join(near)}?", err=True)
        path = getattr(context, "command_path", "hoibao")
        typer.echo(f"  → xem cách dùng: {path} --help", err=True)
        return typer.Exit(WRONG_USAGE)


Function = TypeVar("Function", bound=Callable[..., Any])


class Commands(typer.Typer):
    """A typer application all of whose commands and groups are of the kinds above."""

    def __init__(self, **options: Any) -> None:
        """Take what typer takes."""
        super().__init__(cls=Group, **options)

    def command(self, name: str | None = None, **options: Any) -> Callable[[Function], Function]:
        """Return the decorator that makes a function a command."""
        return super().command(name, **{"cls": Command, **options})


def _worded(option: Any) -> Any:
    if option is not None:
        option.help = _HELP_OPTION
    return option
