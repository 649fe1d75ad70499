"""The one error that reading an operational system may end in. Nothing but that error belongs here."""

from __future__ import annotations

from pathlib import Path

from dagster_project.errors import SettlehouseError


class SourceError(SettlehouseError):
    """A source can't be read as it is; nothing of it was loaded.

    The message is one line: where (file or table, and line if known), what is wrong, what to do next. ``reason`` is the
    message without the place, ``line`` the line of the file, if known.
    """

    def __init__(
        self,
        what: str,
        *,
        where: Path | str = "",
        line: int | None = None,
        do: str = "",
        may_pass: bool = False,
    ) -> None:
        self.line = line
        self.reason = " ".join((f"{what}. {do}" if do else what).split())
        place = f"{where}, line {line}" if where and line else str(where)
        message = f"{place}: {what}" if place else what
        text = f"{message}. {do}" if do else message
        super().__init__(" ".join(text.split()), may_pass=may_pass)
