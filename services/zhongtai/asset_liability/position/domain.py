"""A position (头寸): one loan, deposit account or undrawn limit, as the balance sheet sees it.

Every verb adds to what is there, so events of different contracts may come in any order, and even a repayment
that overtakes its loan leaves the same position. Always true: what is outstanding is the sum of the position's
movements.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Missing

# 吸收存款, the account of the general ledger that controls the customers' deposit accounts.
DEPOSIT_ACCOUNT_CODE = "2011"


class PositionNotFound(Missing):
    """There is no position {position_id}: give the id of a loan, a deposit account or a limit.

    头寸{position_id}不存在：请填写贷款、存款账户或额度的编号。
    """

    position_id: str


class PositionKind(StrEnum):
    """What a position stands for."""

    LOAN = "LOAN"
    DEPOSIT = "DEPOSIT"
    UNDRAWN_LIMIT = "UNDRAWN_LIMIT"


class PositionSide(StrEnum):
    """Where a position stands on the balance sheet."""

    ASSET = "ASSET"
    LIABILITY = "LIABILITY"
    OFF_BALANCE_SHEET = "OFF_BALANCE_SHEET"


SIDES = {
    PositionKind.LOAN: PositionSide.ASSET,
    PositionKind.DEPOSIT: PositionSide.LIABILITY,
    PositionKind.UNDRAWN_LIMIT: PositionSide.OFF_BALANCE_SHEET,
}


class Side(StrEnum):
    """The side of a leg of a ledger entry."""

    DEBIT = "DEBIT"
    CREDIT = "CREDIT"


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg of a ledger entry, as the ledger's event tells it."""

    account_code: str
    account_id: str
    side: Side
    amount: Money


@dataclass(frozen=True, slots=True)
class Movement:
    """What one event changed of one position, and the day it counts from.

    `amount` is the signed change of what is outstanding; the two repaid amounts are zero but for a repayment of a loan.
    """

    position_id: str
    event_id: str
    on: date
    amount: Money
    repaid_principal: Money
    repaid_interest: Money


@dataclass(frozen=True, slots=True)
class CashFlow:
    """One instalment of a loan, or what is left of it."""

    number: int
    due_date: date
    principal: Money
    interest: Money


@dataclass(frozen=True, slots=True)
class LoanTerms:
    """What the disbursement of a loan tells of it, beside its instalments."""

    customer_id: str
    product_id: str
    principal: Money
    nominal_interest_rate: Decimal
    transfer_rate: Decimal | None
    start_date: date


@dataclass(frozen=True, slots=True)
class Position:
    """One contract as the balance sheet sees it.

    `contracted` is the principal of a loan or the grant of a limit, and zero for a deposit. What no event has
    told yet is empty or None.
    """

    position_id: str
    kind: PositionKind
    side: PositionSide
    customer_id: str
    product_id: str
    contracted: Money
    outstanding: Money
    repaid_principal: Money
    repaid_interest: Money
    nominal_interest_rate: Decimal | None
    transfer_rate: Decimal | None
    start_date: date | None

    @classmethod
    def blank(cls, position_id: str, kind: PositionKind, currency: str) -> "Position":
        """A position of which nothing is known but that it exists."""
        nothing = Money(currency, 0)
        return cls(
            position_id=position_id,
            kind=kind,
            side=SIDES[kind],
            customer_id="",
            product_id="",
            contracted=nothing,
            outstanding=nothing,
            repaid_principal=nothing,
            repaid_interest=nothing,
            nominal_interest_rate=None,
            transfer_rate=None,
            start_date=None,
        )

    def described(self, customer_id: str, product_id: str) -> "Position":
        """The position once its owner and product are known."""
        return replace(self, customer_id=customer_id, product_id=product_id)

    def disbursed(self, terms: LoanTerms, event_id: str) -> tuple["Position", Movement]:
        """The loan paid out."""
        assert not self.contracted, "a loan is paid out once"
        position = replace(
            self,
            customer_id=terms.customer_id,
            product_id=terms.product_id,
            contracted=terms.principal,
            nominal_interest_rate=terms.nominal_interest_rate,
            transfer_rate=terms.transfer_rate,
            start_date=terms.start_date,
        )
        return position.moved(terms.principal, terms.start_date, event_id)

    def repaid(self, principal: Money, interest: Money, on: date, event_id: str) -> tuple["Position", Movement]:
        """The loan partly paid back: what is outstanding falls by the principal."""
        position, movement = self.moved(-principal, on, event_id)
        return (
            replace(
                position,
                repaid_principal=self.repaid_principal + principal,
                repaid_interest=self.repaid_interest + interest,
            ),
            replace(movement, repaid_principal=principal, repaid_interest=interest),
        )

    def regranted(self, granted: Money, on: date, event_id: str) -> tuple["Position", Movement]:
        """The limit granted, raised or lowered: what is undrawn moves with the grant.

        A frozen limit still counts whole, for a freeze can be lifted.
        """
        return replace(self, contracted=granted).moved(granted - self.contracted, on, event_id)

    def drawn(self, drawing: "Drawing", on: date, event_id: str) -> tuple["Position", Movement]:
        """The limit drawn by loans that were taken over, and granted or raised for them."""
        described = self.described(drawing.customer_id, drawing.product_line)
        granted = described.contracted if drawing.granted is None else drawing.granted
        undrawn = granted - described.contracted - drawing.amount
        return replace(described, contracted=granted).moved(undrawn, on, event_id)

    def moved(self, amount: Money, on: date, event_id: str) -> tuple["Position", Movement]:
        """The position after a signed change of what is outstanding."""
        nothing = Money(amount.currency, 0)
        return (
            replace(self, outstanding=self.outstanding + amount),
            Movement(self.position_id, event_id, on, amount, repaid_principal=nothing, repaid_interest=nothing),
        )


Changed = tuple[Position, Movement]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What loans that were taken over draw of a limit; `granted` is all it grants, where that was changed for them."""

    limit_id: str
    customer_id: str
    product_line: str
    granted: Money | None
    amount: Money


def drawings(each: Iterable[Drawing]) -> dict[str, Drawing]:
    """What many draw, by limit: of several grants the last counts."""
    found: dict[str, Drawing] = {}
    for one in each:
        had = found.get(one.limit_id)
        found[one.limit_id] = (
            one if had is None else replace(one, granted=one.granted or had.granted, amount=had.amount + one.amount)
        )
    return found


def remaining(position: Position, flows: Sequence[CashFlow]) -> tuple[CashFlow, ...]:
    """What is left of each instalment when what was repaid settles the oldest first, principal and interest apart.

    A loan that is paid back whole owes no further interest.
    """
    if position.repaid_principal >= position.contracted:
        return ()
    principals = accumulate((flow.principal for flow in flows), Money.__add__)
    interests = accumulate((flow.interest for flow in flows), Money.__add__)
    left = (
        replace(
            flow,
            principal=_left(flow.principal, principal_to_date - position.repaid_principal),
            interest=_left(flow.interest, interest_to_date - position.repaid_interest),
        )
        for flow, principal_to_date, interest_to_date in zip(flows, principals, interests, strict=True)
    )
    return tuple(flow for flow in left if flow.principal or flow.interest)


def deposit_changes(legs: Iterable[Leg]) -> dict[str, Money]:
    """By how much each deposit account rises (a credit) or falls (a debit) with a ledger entry.

    Other accounts are left out.
    """
    changes: dict[str, Money] = {}
    for leg in legs:
        if leg.account_code != DEPOSIT_ACCOUNT_CODE or not leg.account_id:
            continue
        change = leg.amount if leg.side is Side.CREDIT else -leg.amount
        changes[leg.account_id] = changes[leg.account_id] + change if leg.account_id in changes else change
    return changes


def _left(whole: Money, unpaid_to_date: Money) -> Money:
    return min(whole, max(Money(whole.currency, 0), unpaid_to_date))
