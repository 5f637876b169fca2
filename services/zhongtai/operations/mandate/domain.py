"""Mandates (账户授权): who may order payments from an account, up to which amount, alone or together.

Joint holders (联名账户) of whom any one may order have a mandate of one of them, those who order together one of all;
an agent has one of their own, up to an amount and until a day. An account without mandates is its customer's alone,
whom the channel knows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Denied, Invalid, Missing, Unmet

MANDATES_MAX = 20


class MandateNotFound(Missing):
    """There is no mandate {mandate_id}: check the id.

    授权{mandate_id}不存在：请核对编号。
    """

    mandate_id: str


class MandateMustNameEnough(Invalid):
    """A mandate names each person once, and as many as order together ({together}): mend the list.

    授权人须逐一列明且不少于共同授权人数（{together}）：请修改。
    """

    together: int


class MandateMustEndAhead(Invalid):
    """A mandate ends today, {today}, or later: choose such a day.

    授权截止日不得早于今日{today}：请调整。
    """

    today: date


class MandatesExhausted(Unmet):
    """The account {account_id} has {maximum} mandates, the most there may be: end one first.

    账户{account_id}已有{maximum}项授权，达到上限：请先终止其中一项。
    """

    account_id: str
    maximum: int


class OrderMustBeCoveredByMandate(Denied):
    """Who ordered {amount} may not do so, alone or together, under the mandates: let another holder join.

    下达指令的人员无权（单独或共同）支取{amount}：请由其他授权人共同确认。
    """

    amount: Money


class MandateKind(StrEnum):
    """Where the right comes from."""

    HOLDER = "HOLDER"
    AGENT = "AGENT"


@dataclass(frozen=True, slots=True)
class MandateSet:
    """A right to order was given."""

    account_id: str
    mandate_id: str
    kind: MandateKind
    customers: tuple[str, ...]
    together: int


@dataclass(frozen=True, slots=True)
class MandateEnded:
    """A right to order ended."""

    account_id: str
    mandate_id: str


@dataclass(frozen=True, slots=True)
class Mandate:
    """A right to order payments: so many of its people together, one order up to an amount (None: any)."""

    mandate_id: str
    account_id: str
    kind: MandateKind
    customers: tuple[str, ...]
    together: int
    up_to: Money | None
    starts_on: date
    ends_on: date | None

    def given(self, others: Sequence["Mandate"], on: date) -> MandateSet:
        """The fact of a mandate that is given beside others of its account."""
        if len(set(self.customers)) != len(self.customers) or self.together > len(self.customers):
            raise MandateMustNameEnough(together=self.together)
        if self.ends_on is not None and self.ends_on < on:
            raise MandateMustEndAhead(today=on)
        if sum(other.stands(on) for other in others) >= MANDATES_MAX:
            raise MandatesExhausted(account_id=self.account_id, maximum=MANDATES_MAX)
        return MandateSet(self.account_id, self.mandate_id, self.kind, self.customers, self.together)

    def ended(self, on: date) -> tuple["Mandate", MandateEnded | None]:
        """The mandate, over from that day on; one that is over stays as it is."""
        if not self.stands(on):
            return self, None
        return replace(self, ends_on=on - timedelta(days=1)), MandateEnded(self.account_id, self.mandate_id)

    def stands(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)

    def covers(self, ordered_by: Iterable[str], amount: Money, on: date) -> bool:
        """Whether these people may order the amount together under it."""
        enough = len(set(ordered_by) & set(self.customers)) >= self.together
        return enough and self.stands(on) and (self.up_to is None or amount <= self.up_to)


def must_cover(mandates: Sequence[Mandate], ordered_by: Sequence[str], amount: Money, on: date) -> None:
    """Refuses an order that no mandate covers; where an account has none in force, the channel knows its customer."""
    standing = [mandate for mandate in mandates if mandate.stands(on)]
    if standing and not any(mandate.covers(ordered_by, amount, on) for mandate in standing):
        raise OrderMustBeCoveredByMandate(amount=amount)
