"""What a user's mistake or a source's fault looks like: one line that says what, where and what to do next."""


class SettlehouseError(Exception):
    """A problem a person can mend; shown as its message alone, without a stack trace.

    ``may_pass`` says that trying again later may help (a server that does not answer).
    """

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass


# What operating system, DuckDB and SQLite say where a disk, a quota or a limit of file size ends.
_NO_ROOM = ("no space left on device", "disk quota exceeded", "file too large", "disk is full", "disk i/o error")


def out_of_room(error: BaseException | str) -> str | None:
    """The line to say when an error comes from a full disk; None for any other error."""
    import traceback

    told = error if isinstance(error, str) else "".join(traceback.format_exception(error))
    found = next((words for words in _NO_ROOM if words in told.lower()), None)
    if found is None:
        return None
    return (
        f"there is no room to write, or the disk fails ({found}). Make room where home of company.yml is, and in the "
        "folder for temporary files, then run again: what is published has not changed"
    )
