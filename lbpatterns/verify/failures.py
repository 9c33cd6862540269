"""Why a verification did not come to an end, and what `lbpatterns verify` answers a shell."""

from typing import Final

from lbpatterns.verify.words import printable

PROVEN: Final = 0
FINDINGS: Final = 1
USAGE: Final = 2
COULD_NOT_CHECK: Final = 3
OUR_FAULT: Final = 4


class VerifyError(Exception):
    """What, where and why, what to do, and the exit code that says so."""

    def __init__(self, what: str, fix: str, code: int = COULD_NOT_CHECK) -> None:
        super().__init__(f"error: {printable(what)}\n  fix: {printable(fix)}")
        self.code = code
