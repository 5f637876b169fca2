"""Why a close moved the allowances of contracts: each contract's whole movement under its foremost cause, in columns.

What counts most is asked first: a contract that is new or over, another stage, another version of the model, other
flags or cover; else time went by, or principal came back. Shapes: every column is (n,), one place for each contract.
"""

import numpy as np

from zhongtai.credit.allowance_movement.domain import MovementCause
from zhongtai.credit.loan_day.engine.columns import Columns, total

_KNOWN = ("flags", "collateral", "guarantee", "undrawn", "initial_loss")


def movements(before: Columns, after: Columns, *, same_model: bool) -> dict[MovementCause, int]:
    """What a night moved by cause, in minor units; causes that moved nothing are left out. `before` has all places."""
    both = before.is_owed & after.is_owed
    another = np.zeros(len(both), np.bool_)
    for name in _KNOWN:
        another |= getattr(before, name) != getattr(after, name)
    asked = {
        MovementCause.NEW: ~before.is_owed & after.is_owed,
        MovementCause.STAGE_TRANSFER: both & (before.stage != after.stage),
        MovementCause.MODEL: both & (not same_model),
        MovementCause.CREDIT_RISK: both & another,
    }
    change, left = after.allowance_change, np.ones(len(both), np.bool_)
    found = {}
    for cause, holds in asked.items():
        found[cause] = total(change[left & holds])
        left &= ~holds
    found[MovementCause.REPAID] = total(change[left])
    return {cause: amount for cause, amount in found.items() if amount}
