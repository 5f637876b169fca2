"""The principal of a progressive plan held to what was lent, whatever changes cross in it.

An interest model solves instalments from what happened in order of days; a charge-off, a re-age or a moved date beside
it may leave instalments that ask for a little more or less principal than the account lent. The last open instalments
take the difference, as they take what rounding leaves.
"""

from datetime import date

from zhongtai.kernel.servicing.instalments import PRINCIPAL
from zhongtai.kernel.servicing.transactions import TransactionType
from zhongtai.kernel.servicing.workings import Workings

_LENT = frozenset({TransactionType.DISBURSEMENT, TransactionType.CAPITALIZED_INCOME})


def fit_principal(work: Workings, on: date) -> None:
    """Has the last open instalments take what the others ask too little of, or too much."""
    missing = _missing(work)
    if missing > 0:
        unmet = [each for each in work.instalments if not each.met]
        last = max(unmet or work.regular() or work.instalments, key=lambda each: each.due)
        last.charged[PRINCIPAL] += missing
        last.settle(on)
    _take_off(work, on, -missing)


def principal_left(work: Workings) -> int:
    """What was lent and put back on the account and is not paid: no payment meets more, whatever instalments ask."""
    gone = sum(each.paid[PRINCIPAL] + each.written_off[PRINCIPAL] for each in work.instalments)
    return _lent(work) + sum(each.credited[PRINCIPAL] for each in work.instalments) - gone


def _lent(work: Workings) -> int:
    return sum(each.amount for each in work.history if each.type in _LENT and not each.reverted)


def _missing(work: Workings) -> int:
    return _lent(work) + sum(each.credited[PRINCIPAL] - each.charged[PRINCIPAL] for each in work.instalments)


def _take_off(work: Workings, on: date, beyond: int) -> None:
    for each in reversed(work.instalments):
        less = min(beyond, each.owed(PRINCIPAL))
        if less > 0:
            each.charged[PRINCIPAL] -= less
            beyond -= less
            each.settle(on)
