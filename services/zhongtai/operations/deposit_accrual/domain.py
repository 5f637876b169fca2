"""The accrual of a business date (计提): which dates come next, which part is under way, what it comes to. Pure."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Missing, Unmet


class DepositAccrualNotFound(Missing):
    """The deposits of {business_date} were not accrued: accrue them first.

    {business_date}的存款利息尚未计提：请先计提。
    """

    business_date: date


class DepositDayMustBeOver(Unmet):
    """{business_date} is not over, the business date is {today}: accrue it when the bank is on a later date.

    {business_date}尚未结束，当前营业日为{today}：请在切日后计提。
    """

    business_date: date
    today: date


class DepositDaysMustBeAccruedInOrder(Unmet):
    """{next_date} is to be accrued before {business_date}: accrue the days one by one.

    须先计提{next_date}，再计提{business_date}：请逐日进行。
    """

    business_date: date
    next_date: date


class DepositAccrualPhase(StrEnum):
    """Which part of an accrual is under way."""

    TAKING = "TAKING"
    VALUED = "VALUED"
    SETTLING = "SETTLING"
    POSTED = "POSTED"


@dataclass(frozen=True, slots=True)
class DepositAccrualLine:
    """What the accounts of one plan and currency earned."""

    plan: str
    currency_code: str
    accrued: Money
    payable: Money
    paid: Money


@dataclass(frozen=True, slots=True)
class DepositAccrual:
    """The accrual of one date; `cursor` is the last account that was done of a phase."""

    business_date: date
    phase: DepositAccrualPhase
    cursor: str
    seen_number: int
    accounts_moved: int
    accounts_settled: int
    lines: tuple[DepositAccrualLine, ...]

    @property
    def is_done(self) -> bool:
        """True where nothing is left to do."""
        return self.phase is DepositAccrualPhase.POSTED

    def at(self, phase: DepositAccrualPhase, cursor: str = "") -> "DepositAccrual":
        """The accrual, that much further."""
        return replace(self, phase=phase, cursor=cursor)

    def paid(self, plan: str, amounts: dict[str, int]) -> "DepositAccrual":
        """The accrual with amounts paid to accounts of a plan, by currency."""
        lines = {(line.plan, line.currency_code): line for line in self.lines}
        for currency, minor in amounts.items():
            nothing = Money(currency, 0)
            line = lines.get((plan, currency)) or DepositAccrualLine(plan, currency, nothing, nothing, nothing)
            lines[plan, currency] = replace(line, paid=line.paid + Money(currency, minor))
        return replace(self, lines=tuple(lines.values()))


def begin(business_date: date, *, today: date, last: DepositAccrual | None) -> DepositAccrual:
    """An accrual that begins; `last` is the latest that was begun. Refuses a date that is not over or not the next."""
    if business_date >= today:
        raise DepositDayMustBeOver(business_date=business_date, today=today)
    if last is not None:
        due = last.business_date + timedelta(days=1) if last.is_done else last.business_date
        if due != business_date:
            raise DepositDaysMustBeAccruedInOrder(business_date=business_date, next_date=due)
    seen = last.seen_number if last else 0
    return DepositAccrual(business_date, DepositAccrualPhase.TAKING, "", seen, 0, 0, ())
