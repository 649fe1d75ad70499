"""What a user's mistake or a source's fault looks like: one line that says what, where and what to do next."""


class SettlehouseError(Exception):
    """A problem a person can mend; shown as its message alone, without a stack trace.

    ``may_pass`` says that trying again later may help (a server that does not answer).
    """

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass
