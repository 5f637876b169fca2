"""How much interest would be due had refunded money never been lent.

The refunds are taken from the disbursements, the first one first, as if that money had come back on the day it
was lent; everything else, changes of terms too, is worked again, and the interest due on the day is summed.
"""

from collections.abc import Callable
from datetime import date

from zhongtai.kernel.servicing.entries import Entry
from zhongtai.kernel.servicing.instalments import parts
from zhongtai.kernel.servicing.transactions import TransactionType
from zhongtai.kernel.servicing.variations import vary
from zhongtai.kernel.servicing.workings import VariationKind, Workings

T = TransactionType


def interest_without_refunds(work: Workings, on: date, replay: Callable[[Workings, list[Entry]], None]) -> int:
    """The interest due on the day, in minor units, with the refunded money never lent."""
    refund_types = {type_ for type_ in T if type_.name in work.terms.interest_refund_for}
    standing = [
        each for each in work.history if not each.reverted and each.type not in (T.INTEREST_REFUND, T.ACCRUAL_ACTIVITY)
    ]
    refunded = sum(each.amount for each in standing if each.type in refund_types)
    retold: list[Entry] = []
    for each in standing:
        if each.type in refund_types:
            continue
        retold.append(each.again())
        if each.type is T.DISBURSEMENT and refunded > 0:
            back = each.again()
            back.type, back.amount, back.amounts = T.REPAYMENT, min(each.amount, refunded), parts()
            refunded -= back.amount
            retold.append(back)
    fresh = work.fresh()
    changes = [each for each in work.variations if each.from_on <= on]
    changes.sort(key=lambda each: (each.from_on, list(VariationKind).index(each.kind), each.sequence))
    for entry in retold:
        while changes and changes[0].from_on <= entry.dated:
            vary(fresh, changes.pop(0))
        replay(fresh, [entry])
    for change in changes:
        vary(fresh, change)
    fresh.recalculate(on)
    return fresh.interest_model.total_interest_on(on)
