"""Why an allowance moved (变动原因): always true, the opening allowance and all movements add up to the closing one."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid
from zhongtai.kernel.roots import DIGITS

MONTHS_OF_YEAR = 12
DAYS_OF_YEAR = 365
# The roles of a loan account's postings that use the allowance, or fill it: the ledger plays them with its account of
# allowances (operations' loan_roles.json; held to it by tests/credit/allowance/test_used.py).
ROLES_OF_ALLOWANCE = frozenset({"WRITTEN_OFF", "CHARGE_OFF_EXPENSE", "RECOVERY_INCOME"})


# So many closed days of one loan are told apart in one answer.
CLOSED_DAYS_MAX = 366


class LoanMovementsOfTooManyDays(Invalid):
    """The movements of a loan are asked over {days} closed days: ask over at most {most}.

    查询单笔贷款的准备变动跨{days}个日终：请缩短至{most}个以内。
    """

    days: int
    most: int


class MovementCause(StrEnum):
    """Why an allowance moved."""

    NEW = "NEW"
    UNWINDING = "UNWINDING"
    REPAID = "REPAID"
    WRITTEN_OFF = "WRITTEN_OFF"
    STAGE_TRANSFER = "STAGE_TRANSFER"
    CREDIT_RISK = "CREDIT_RISK"
    MODEL = "MODEL"
    RECOVERED = "RECOVERED"


@dataclass(frozen=True, slots=True)
class AllowanceMovement:
    """One movement of an allowance; below zero where it fell."""

    cause: MovementCause
    amount: Money


def movements_between(
    opening: int, values: Sequence[int], *, unwound: int | None, gone: MovementCause, currency: str
) -> tuple[AllowanceMovement, ...]:
    """Why the allowance is what it is now; causes that moved nothing are left out.

    `opening` is what was carried. `values` are the allowance in minor units as one thing after the other becomes what
    it is today: time and balance, stage, grade and cover, model. The last is the allowance. Time alone adds `unwound`,
    None where nothing was assessed before; what is left of the first step is `gone`: it came back or was written off.
    """
    if unwound is None:
        moved = [(MovementCause.NEW, values[-1] - opening)]
    else:
        balance, stage, cover, model = values
        moved = [
            (MovementCause.UNWINDING, unwound),
            (gone, balance - opening - unwound),
            (MovementCause.STAGE_TRANSFER, stage - balance),
            (MovementCause.CREDIT_RISK, cover - stage),
            (MovementCause.MODEL, model - cover),
        ]
    assert opening + sum(amount for _, amount in moved) == values[-1], "the movements explain all of it"
    return tuple(AllowanceMovement(cause, Money(currency, amount)) for cause, amount in moved if amount)


def unwinding(stood: int, effective_rate: Decimal, days: int) -> int:
    """The interest of some days, at a month's effective rate, on what stood; in minor units (IFRS 9, appendix A)."""
    months = Decimal(days * MONTHS_OF_YEAR) / DAYS_OF_YEAR
    with localcontext(DIGITS):
        grown = stood * ((1 + effective_rate) ** months - 1)
        return int(grown.to_integral_value(ROUND_HALF_EVEN))


def used(legs: Sequence[tuple[str, str, Money]]) -> Sequence[AllowanceMovement]:
    """What postings of an account, as (role, side, amount), did to the allowance: losses take, recoveries fill."""
    moved: dict[MovementCause, Money] = {}
    for role, side, amount in legs:
        if role in ROLES_OF_ALLOWANCE:
            cause = MovementCause.RECOVERED if role == "RECOVERY_INCOME" else MovementCause.WRITTEN_OFF
            moved[cause] = moved.get(cause, amount - amount) + (amount if side == "CREDIT" else -amount)
    return [AllowanceMovement(cause, amount) for cause, amount in moved.items() if amount]
