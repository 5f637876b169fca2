"""Statements of account (账户对账单): the movements of a period in their order, with the balance after each.

Always true: opening + credits − debits = closing, of the whole and of each page, on the account's own side; a page
opens with what the one before closed with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Unmet
from zhongtai.operations.account.domain import Account, Side

DAYS_MAX = 1_830
LINES_MAX = 5_000


class StatementPeriodMustBeInOrder(Invalid):
    """A statement is of {days_max} days at the most, from its first day to its last: choose the days so.

    对账期间须起止有序且不超过{days_max}天：请调整日期。
    """

    days_max: int


class StatementPositionUnknown(Invalid):
    """The position is not one of ours: take it from the page before, as it is, or leave it out.

    位置标记无效：请原样使用上一页返回的标记，或不填。
    """


class StatementMustFit(Unmet):
    """A document holds {maximum} lines at the most: choose a shorter period.

    单份对账单最多{maximum}行：请缩短期间。
    """

    maximum: int


class StatementOrder(StrEnum):
    """By which date lines are chosen and put in order."""

    BOOKING = "BOOKING"
    VALUE = "VALUE"


@dataclass(frozen=True, slots=True)
class Position:
    """The place of a line in its order: its date (ISO 8601), its entry's number, its place in the entry."""

    on: str
    number: int
    place: int

    @property
    def text(self) -> str:
        """The position as a caller carries it."""
        return f"{self.on}_{self.number}_{self.place}"

    @classmethod
    def of(cls, text: str) -> "Position | None":
        """The position a caller gives; None for the first page. Raises `StatementPositionUnknown`."""
        if not text:
            return None
        on, _, rest = text.partition("_")
        number, _, place = rest.partition("_")
        if not (number.isdecimal() and place.isdecimal() and len(on) == len("2026-01-01")):
            raise StatementPositionUnknown
        return cls(on, int(number), int(place))


@dataclass(frozen=True, slots=True)
class Period:
    """The days of a statement, both counted, and the order of its lines."""

    first_day: date
    last_day: date
    order: StatementOrder = StatementOrder.BOOKING

    def must_be_in_order(self) -> "Period":
        """The period itself; refuses one that ends before it begins or is too long."""
        if not 0 <= (self.last_day - self.first_day).days < DAYS_MAX:
            raise StatementPeriodMustBeInOrder(days_max=DAYS_MAX)
        return self


@dataclass(frozen=True, slots=True)
class Movement:
    """A leg on the account as the ledger has it, and where it stands."""

    position: Position
    booking_date: date
    value_date: date
    entry_id: str
    reference: str
    narrative: str
    side: Side
    amount: Money


@dataclass(frozen=True, slots=True)
class Sums:
    """What came before a point of an order, in minor units."""

    debit: int
    credit: int


@dataclass(frozen=True, slots=True)
class AccountMovement:
    """One movement and the balance after it."""

    booking_date: date
    value_date: date
    entry_id: str
    reference: str
    narrative: str
    debit: Money | None
    credit: Money | None
    balance: Money


@dataclass(frozen=True, slots=True)
class StatementPage:
    """A page of a statement; balances are on the account's own side."""

    account_id: str
    first_day: date
    last_day: date
    order: StatementOrder
    opening: Money
    closing: Money
    debits: Money
    credits: Money
    page_opening: Money
    page_closing: Money
    lines: tuple[AccountMovement, ...]
    next_position: str


def page(
    account: Account,
    period: Period,
    *,
    before: Sums,
    within: Sums,
    to_page: Sums,
    movements: Sequence[Movement],
    size: int,
) -> StatementPage:
    """A page of at most `size` lines of the movements from it on, of which one more may be given.

    `before` is what came before the period, `within` what is in it, `to_page` what is in it before the page.
    """
    currency = account.currency_code

    def balance(sums: Sums) -> Money:
        return account.side.balance(currency, sums.debit - sums.credit)

    opening = balance(before)
    page_opening = opening + balance(to_page)
    lines, at = [], page_opening
    for movement in movements[:size]:
        at = at + movement.amount if movement.side is account.side else at - movement.amount
        lines.append(
            AccountMovement(
                movement.booking_date,
                movement.value_date,
                movement.entry_id,
                movement.reference,
                movement.narrative,
                movement.amount if movement.side is Side.DEBIT else None,
                movement.amount if movement.side is Side.CREDIT else None,
                at,
            )
        )
    return StatementPage(
        account.account_id,
        period.first_day,
        period.last_day,
        period.order,
        opening,
        opening + balance(within),
        Money(currency, within.debit),
        Money(currency, within.credit),
        page_opening,
        at,
        tuple(lines),
        movements[size - 1].position.text if len(movements) > size else "",
    )


def must_fit(found: StatementPage) -> StatementPage:
    """The page itself, where it is the whole statement."""
    if found.next_position:
        raise StatementMustFit(maximum=LINES_MAX)
    return found
