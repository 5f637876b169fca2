"""Posting rules (记账规则): what the ledger posts when something happens, as data.

A rule names what happened and the legs it posts; the accounts of a loan go by roles, whose codes are data too.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zhongtai.kernel.money import Money
from zhongtai.operations.account.domain import Side
from zhongtai.operations.ledger.domain import Draft, Leg


@dataclass(frozen=True, slots=True)
class RuleLeg:
    """A leg of a posting rule: a fixed code or the path to an account id, and the path to the amount."""

    side: Side
    amount: str
    account_code: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class PostingRule:
    """What is posted when something happens, as data: paths are fields of what happened, `principal`, `loan.amount`."""

    on: str
    reference: str
    narrative: str
    legs: tuple[RuleLeg, ...]
    value_date: str = ""
    booking_date: str = ""
    unless: str = ""

    def draft(self, entry_id: str, read: Callable[[str], Any]) -> Draft | None:
        """The entry for what happened, whose fields `read` gives; legs of nothing are left out, None where all are.

        An amount below zero takes back what was posted before: its leg goes to the other side. Nothing is posted where
        the field `unless` names is true: something else posts it.
        """
        if self.unless and read(self.unless):
            return None
        legs = tuple(
            Leg(
                leg.account_code,
                read(leg.account) if leg.account else "",
                leg.side if amount.minor_units > 0 else leg.side.other,
                abs(amount),
            )
            for leg in self.legs
            if (amount := read(leg.amount))
        )
        booking_date, value_date = (read(path) if path else None for path in (self.booking_date, self.value_date))
        if not legs:
            return None
        return Draft(entry_id, read(self.reference), self.narrative, legs, booking_date, value_date)


@dataclass(frozen=True, slots=True)
class LoanRole:
    """The code that plays a role of a loan account, and another one for some kinds of transactions."""

    role: str
    account_code: str
    by_kind: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoleLeg:
    """A leg as a loan account tells it: a role in the place of a code."""

    role: str
    side: Side
    amount: Money


def role_draft(
    entry_id: str, loan_id: str, kind: str, legs: Iterable[RoleLeg], *, value_date: date, roles: Mapping[str, LoanRole]
) -> Draft:
    """The entry of one transaction of a loan account; legs of one code and side are one leg."""
    sums: dict[tuple[str, Side], Money] = {}
    for leg in legs:
        role = roles[leg.role]
        key = (role.by_kind.get(kind, role.account_code), leg.side)
        sums[key] = sums[key] + leg.amount if key in sums else leg.amount
    posted = tuple(Leg(code, "", side, amount) for (code, side), amount in sums.items())
    return Draft(entry_id, loan_id, f"Loan: {kind.replace('_', ' ').lower()}", posted, value_date=value_date)
