"""Pledges (抵质押): what secures which loan, what of the loan is covered, and the call where cover is lacking.

Always true: what the pledges on an item cover together never exceeds its lendable value. Pledges are served by rank
(民法典 art. 414: registered mortgages in the order of their registration).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from zhongtai.credit.collateral.domain import Collateral
from zhongtai.credit.loan.domain import LoanStatus
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Limited, Missing, Unmet

PLEDGES_MAX = 50
COVER_IS_BROUGHT_WITHIN = timedelta(days=15)
_RATIO = Decimal("0.0001")


class PledgeNotFound(Missing):
    """The collateral {collateral_id} has no pledge {pledge_id}: check the id.

    押品{collateral_id}没有编号为{pledge_id}的抵质押：请核对编号。
    """

    collateral_id: str
    pledge_id: str


class PledgeMustBeWithinValue(Unmet):
    """{free} of the item's lendable value is free, {secured} is more: secure less, or value the item again.

    押品可担保余额为{free}，少于{secured}：请减少担保金额，或重新估值。
    """

    free: Money
    secured: Money


class PledgeMustStand(Unmet):
    """The pledge {pledge_id} is released: pledge the item anew.

    抵质押{pledge_id}已解除：请重新设定。
    """

    pledge_id: str


class PledgeStillNeeded(Unmet):
    """Without the pledge {pledge_id} the loan would lack {shortfall} of cover: bring other collateral or repay first.

    解除抵质押{pledge_id}后贷款将缺少{shortfall}的担保：请先提供其他押品或还款。
    """

    pledge_id: str
    shortfall: Money


class TooManyPledges(Limited):
    """An item, and a loan, takes {most} pledges at most: release one first.

    每件押品、每笔贷款最多设定{most}项抵质押：请先解除其中一项。
    """

    most: int


class LoanMustBeOwedOrPending(Unmet):
    """The loan {loan_id} is {status}: only a loan that is owed, or waits for its money, is secured.

    贷款{loan_id}状态为{status}：仅未结清或待放款的贷款可设定担保。
    """

    loan_id: str
    status: str


class PledgeStatus(StrEnum):
    """How a pledge stands."""

    STANDING = "STANDING"
    RELEASED = "RELEASED"


class ShortfallStatus(StrEnum):
    """How a call for cover stands."""

    OPEN = "OPEN"
    MET = "MET"


@dataclass(frozen=True, slots=True)
class CollateralPledged:
    """An item secures a loan."""

    collateral_id: str
    pledge_id: str
    loan_id: str
    secured: Money
    rank: int


@dataclass(frozen=True, slots=True)
class PledgeReleased:
    """A pledge secures nothing any more."""

    collateral_id: str
    pledge_id: str
    loan_id: str


@dataclass(frozen=True, slots=True)
class Proceeds:
    """What one loan gets of the proceeds of an item."""

    loan_id: str
    pledge_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class CollateralRealised:
    """The bank sold an item."""

    collateral_id: str
    payment_id: str
    proceeds: tuple[Proceeds, ...]
    surplus: Money


@dataclass(frozen=True, slots=True)
class CollateralShortfallCalled:
    """A loan lacks cover."""

    loan_id: str
    amount: Money
    due_on: date


@dataclass(frozen=True, slots=True)
class CollateralShortfallMet:
    """A loan is covered again."""

    loan_id: str


@dataclass(frozen=True, slots=True)
class Borrowing:
    """What a loan looks like from its security: `outstanding` is its principal, paid out or not."""

    loan_id: str
    status: LoanStatus
    outstanding: Money

    @property
    def owed(self) -> Money:
        """The principal owed; nothing before the money left."""
        return self.outstanding if self.status is LoanStatus.ACTIVE else Money(self.outstanding.currency, 0)


@dataclass(frozen=True, slots=True)
class Pledge:
    """What an item secures, and its place in line on it."""

    collateral_id: str
    pledge_id: str
    loan_id: str
    secured: Money
    rank: int
    status: PledgeStatus = PledgeStatus.STANDING

    def release(self) -> tuple["Pledge", tuple[PledgeReleased, ...]]:
        """The pledge once it secures nothing; no fact where it was released already."""
        if self.status is PledgeStatus.RELEASED:
            return self, ()
        fact = PledgeReleased(self.collateral_id, self.pledge_id, self.loan_id)
        return replace(self, status=PledgeStatus.RELEASED), (fact,)

    def must_stand(self) -> None:
        """Refuses to build on a pledge that was released."""
        if self.status is not PledgeStatus.STANDING:
            raise PledgeMustStand(pledge_id=self.pledge_id)


@dataclass(frozen=True, slots=True)
class CoverLine:
    """What one pledge covers of a loan."""

    collateral_id: str
    pledge_id: str
    rank: int
    secured: Money
    covered: Money


@dataclass(frozen=True, slots=True)
class Shortfall:
    """The latest call for more cover of a loan."""

    loan_id: str
    amount: Money
    called_on: date
    due_on: date
    status: ShortfallStatus = ShortfallStatus.OPEN


@dataclass(frozen=True, slots=True)
class Coverage:
    """What secures a loan; `loan_to_value` is None where no item does."""

    loan_id: str
    owed: Money
    required: Money
    covered: Money
    shortfall: Money
    loan_to_value: Decimal | None
    lines: tuple[CoverLine, ...]

    def review(
        self, latest: Shortfall | None, today: date
    ) -> tuple[Shortfall | None, CollateralShortfallCalled | CollateralShortfallMet | None]:
        """The call for cover after this look at the loan, and the fact where it changed."""
        is_open = latest is not None and latest.status is ShortfallStatus.OPEN
        if latest is not None and is_open and not self.shortfall:
            return replace(latest, status=ShortfallStatus.MET), CollateralShortfallMet(self.loan_id)
        if not self.shortfall or (latest is not None and is_open and latest.amount == self.shortfall):
            return latest, None
        due_on = latest.due_on if latest is not None and is_open else today + COVER_IS_BROUGHT_WITHIN
        called = Shortfall(self.loan_id, self.shortfall, today, due_on)
        return called, CollateralShortfallCalled(self.loan_id, self.shortfall, due_on)

    def must_do_without(self, pledge: Pledge) -> None:
        """Refuses to release a pledge whose cover the loan still needs.

        What is needed is measured with the pledge in place: else its own amount would leave with it.
        """
        rest = sum((line.covered for line in self.lines if line.pledge_id != pledge.pledge_id), self.owed.nothing)
        lacking = min(self.required, self.covered) - rest
        if lacking.minor_units > 0:
            raise PledgeStillNeeded(pledge_id=pledge.pledge_id, shortfall=lacking)


def pledge(
    item: Collateral, pledge_id: str, loan: Borrowing, secured: Money, *, on_item: Sequence[Pledge], of_loan: int
) -> tuple[Collateral, Pledge, CollateralPledged]:
    """A pledge behind those that stand; it must find its whole amount free when it is made.

    `of_loan` is how many pledges secure the loan already.
    """
    item.must_be_held()
    if loan.status not in (LoanStatus.PENDING, LoanStatus.ACTIVE):
        raise LoanMustBeOwedOrPending(loan_id=loan.loan_id, status=loan.status)
    if max(len(on_item), of_loan) >= PLEDGES_MAX:
        raise TooManyPledges(most=PLEDGES_MAX)
    free = max(item.lendable - item.secured, Money(item.value.currency, 0))
    if secured > free:
        raise PledgeMustBeWithinValue(free=free, secured=secured)
    rank = max((one.rank for one in on_item), default=0) + 1
    made = Pledge(item.collateral_id, pledge_id, loan.loan_id, secured, rank)
    fact = CollateralPledged(item.collateral_id, pledge_id, loan.loan_id, secured, rank)
    return item.securing(secured), made, fact


def covers(item: Collateral, standing: Iterable[Pledge]) -> dict[str, Money]:
    """What each standing pledge on an item covers, by pledge id: the lendable value goes down the ranks."""
    free, covered = item.lendable, {}
    for one in sorted(standing, key=lambda pledge: pledge.rank):
        covered[one.pledge_id] = min(one.secured, free)
        free -= covered[one.pledge_id]
    assert free.minor_units >= 0, "pledges cover no more than the lendable value"
    return covered


def realise(
    item: Collateral, proceeds: Money, payment_id: str, standing: Sequence[Pledge], owed: Mapping[str, Money]
) -> tuple[Collateral, CollateralRealised]:
    """An item sold: each pledge, by rank, gets what it secures of what its loan owes; the rest is the owner's."""
    free, left, shares = proceeds, dict(owed), []
    for one in sorted(standing, key=lambda pledge: pledge.rank):
        amount = min(one.secured, left[one.loan_id], free)
        free, left[one.loan_id] = free - amount, left[one.loan_id] - amount
        shares.append(Proceeds(one.loan_id, one.pledge_id, amount))
    return item.sold(), CollateralRealised(item.collateral_id, payment_id, tuple(shares), free)


def coverage(loan_id: str, owed: Money, items: Sequence[tuple[Collateral, Sequence[Pledge]]]) -> Coverage:
    """What secures a loan: `items` are those pledged for it, each with every pledge that stands on it."""
    lines = []
    for item, standing in items:
        covered = covers(item, standing)
        lines += [
            CoverLine(item.collateral_id, one.pledge_id, one.rank, one.secured, covered[one.pledge_id])
            for one in standing
            if one.loan_id == loan_id
        ]
    covered_sum = sum((line.covered for line in lines), owed.nothing)
    required = min(owed, sum((line.secured for line in lines), owed.nothing))
    return Coverage(
        loan_id=loan_id,
        owed=owed,
        required=required,
        covered=covered_sum,
        shortfall=max(required - covered_sum, owed.nothing),
        loan_to_value=_ratio(owed, sum((item.value for item, _ in items), owed.nothing)),
        lines=tuple(lines),
    )


def _ratio(owed: Money, value: Money) -> Decimal | None:
    if not value:
        return None
    return (Decimal(owed.minor_units) / value.minor_units).quantize(_RATIO, ROUND_HALF_EVEN)
