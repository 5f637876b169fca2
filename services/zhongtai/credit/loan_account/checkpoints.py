"""Checkpoints (存档点) of accounts: an account as bytes, now and then, so that a restart need not replay all of it.

A checkpoint is never trusted for itself: it counts only where the history still holds the operation it was written
after, under the same hash, and where the code that reads it is the code that wrote it. Else the account is the replay
of its history, as ever, and the next checkpoint takes the place of the old one.
"""

from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

from zhongtai.credit.loan_account import store
from zhongtai.credit.loan_account.domain import LoanAccount, LoanCheckpoint, LoanOperation
from zhongtai.kernel.servicing import account as servicing
from zhongtai.kernel.servicing.account import Account
from zhongtai.kernel.servicing.terms import Terms
from zhongtai.runtime.unit import Unit, View


def opened(view: View, kept: LoanAccount, terms: Terms) -> tuple[Account, int]:
    """The account at its last checkpoint, and after how many operations that was; a new one where there is none."""
    if kept.operations >= servicing.CHECKPOINT_EVERY:
        found = store.checkpoints.find(view, kept.loan_id)
        if found is not None and _holds(view, found):
            # What cannot be read any more is as good as not there.
            with suppress(Exception):
                return Account.woken(terms, found.state), found.number
    return Account(terms), 0


def _holds(view: View, found: LoanCheckpoint) -> bool:
    """Whether it was written by this code, after an operation of the history as it is."""
    entered = store.operations.find(view, found.loan_id, found.number)
    return found.code == code() and entered is not None and entered.chain == found.chain


def keep(unit: Unit, entered: LoanOperation, state: bytes | None) -> None:
    """Keeps the account's bytes after an operation, where there are any."""
    if state is None:
        return
    made = LoanCheckpoint(entered.loan_id, entered.number, entered.chain, code(), state)
    if store.checkpoints.find(unit, entered.loan_id) is None:
        store.checkpoints.add(unit, made)
    else:
        store.checkpoints.save(unit, made)


@cache
def code() -> str:
    """The hash of the servicing kernel: bytes are read by no other code than wrote them."""
    digest = sha256()
    for source in sorted(Path(servicing.__file__).parent.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()
