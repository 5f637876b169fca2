"""Guarantees (保证): who promised to pay what a loan does not.

Always true: no guarantor is ever claimed for more than its cap, and none pays more than was claimed. Sources: 民法典
art. 687 (general guarantee), 688 (joint liability), 692 (the guarantee period: six months from when the debt is due,
where nothing else was agreed), 699 (several guarantors).
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.refusals import Invalid, Missing, Unmet
from zhongtai.kernel.schedule import months_later

PERIOD_MONTHS = 6


class GuaranteeNotFound(Missing):
    """There is no guarantee {guarantee_id}: check the id.

    保证{guarantee_id}不存在：请核对编号。
    """

    guarantee_id: str


class GuarantorMustBeNamedOnce(Invalid):
    """{guarantor_id} is named twice: state its whole share and cap once.

    保证人{guarantor_id}重复：请合并填写其份额与上限。
    """

    guarantor_id: str


class ShareMustBeStated(Invalid):
    """{guarantor_id} has no share: in a several guarantee each guarantor states one.

    保证人{guarantor_id}未填份额：按份共同保证须约定各自份额。
    """

    guarantor_id: str


class SharesMustNotExceedWhole(Invalid):
    """The shares make {shares}, more than the whole: lower them to 1 together.

    份额合计{shares}，超过1：请调整至合计不超过1。
    """

    shares: Decimal


class ValidUntilMustNotBePast(Invalid):
    """{valid_until} is past, today is {today}: choose today or a later day.

    {valid_until}早于今日{today}：请选择今日或之后的日期。
    """

    valid_until: date
    today: date


class GuaranteeMustHaveNoOpenClaim(Unmet):
    """The guarantee {guarantee_id} has an open claim: it is paid or withdrawn first.

    保证{guarantee_id}尚有未结代偿请求：请先清偿或撤回。
    """

    guarantee_id: str


class GuaranteeForm(StrEnum):
    """When a guarantor may be called on."""

    GENERAL = "GENERAL"
    JOINT_LIABILITY = "JOINT_LIABILITY"


class GuaranteeSharing(StrEnum):
    """How guarantors stand beside each other."""

    SEVERAL = "SEVERAL"
    JOINT_AND_SEVERAL = "JOINT_AND_SEVERAL"


class GuarantorKind(StrEnum):
    """What a guarantor is."""

    PERSON = "PERSON"
    COMPANY = "COMPANY"
    GUARANTEE_FUND = "GUARANTEE_FUND"
    INSURER = "INSURER"


class GuaranteeStatus(StrEnum):
    """How a guarantee stands."""

    STANDING = "STANDING"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Guarantor:
    """One who promised to pay; `cap` None is no cap, `share` None is a weight like the others'."""

    guarantor_id: str
    kind: GuarantorKind
    share: Decimal | None
    cap: Money | None
    claimed: Money
    paid: Money

    def __post_init__(self) -> None:
        assert self.paid.minor_units >= 0
        assert self.paid <= self.claimed, "nobody pays more than was claimed"
        assert self.cap is None or self.claimed <= self.cap, "nobody is claimed for more than the cap"

    def bearable(self, amount: Money) -> Money:
        """How much of an amount the guarantor's cap still takes."""
        return amount if self.cap is None else min(amount, self.cap - self.claimed)


@dataclass(frozen=True, slots=True)
class GuaranteeGiven:
    """Guarantors promised to pay what a loan does not."""

    guarantee_id: str
    loan_id: str
    guarantors: tuple[Guarantor, ...]


@dataclass(frozen=True, slots=True)
class GuaranteeReleased:
    """The guarantors are free."""

    guarantee_id: str
    loan_id: str


@dataclass(frozen=True, slots=True)
class GuaranteeExpired:
    """The last day of a guarantee has gone by without a claim."""

    guarantee_id: str
    loan_id: str


@dataclass(frozen=True, slots=True)
class Promise:
    """One guarantor as it is named in a request."""

    guarantor_id: str
    kind: GuarantorKind
    share: Decimal | None
    cap: Money | None


@dataclass(frozen=True, slots=True)
class Promises:
    """What guarantors promise; `valid_until` None means six months after the loan is due."""

    loan_id: str
    form: GuaranteeForm
    sharing: GuaranteeSharing
    guarantors: tuple[Promise, ...]
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Guarantee:
    """A guarantee; `valid_until` is the last day on which a claim may be made."""

    guarantee_id: str
    loan_id: str
    form: GuaranteeForm
    sharing: GuaranteeSharing
    guarantors: tuple[Guarantor, ...]
    valid_until: date
    status: GuaranteeStatus = GuaranteeStatus.STANDING

    def answers_for(self, owed: Money, on: date) -> Money:
        """How much of what is owed may be claimed on a day: each up to its share, where it has one, and its cap."""
        nothing = Money(owed.currency, 0)
        if self.status is not GuaranteeStatus.STANDING or on > self.valid_until:
            return nothing
        several = self.sharing is GuaranteeSharing.SEVERAL
        parts = (owed.times(one.share) if several and one.share is not None else owed for one in self.guarantors)
        bearable = (one.bearable(part) for one, part in zip(self.guarantors, parts, strict=True))
        return min(sum(bearable, nothing), owed)

    def release(self) -> tuple["Guarantee", tuple[GuaranteeReleased, ...]]:
        """The guarantee once its guarantors are free; no fact where they are already."""
        if self.status is GuaranteeStatus.RELEASED:
            return self, ()
        if self._has_open_claim:
            raise GuaranteeMustHaveNoOpenClaim(guarantee_id=self.guarantee_id)
        return replace(self, status=GuaranteeStatus.RELEASED), (GuaranteeReleased(self.guarantee_id, self.loan_id),)

    def expire(self, on: date) -> tuple["Guarantee", tuple[GuaranteeExpired, ...]]:
        """The guarantee once its last day has gone by; what was claimed in time is still to be paid."""
        if self.status is not GuaranteeStatus.STANDING or on <= self.valid_until or self._has_open_claim:
            return self, ()
        return replace(self, status=GuaranteeStatus.EXPIRED), (GuaranteeExpired(self.guarantee_id, self.loan_id),)

    @property
    def _has_open_claim(self) -> bool:
        return any(one.claimed > one.paid for one in self.guarantors)


def give(
    guarantee_id: str, promises: Promises, *, currency: str, maturity_date: date, today: date
) -> tuple[Guarantee, GuaranteeGiven]:
    """A guarantee of a loan in a currency."""
    valid_until = promises.valid_until or months_later(maturity_date, PERIOD_MONTHS)
    if valid_until < today:
        raise ValidUntilMustNotBePast(valid_until=valid_until, today=today)
    nothing = Money(currency, 0)
    guarantors: dict[str, Guarantor] = {}
    for one in promises.guarantors:
        if one.guarantor_id in guarantors:
            raise GuarantorMustBeNamedOnce(guarantor_id=one.guarantor_id)
        if promises.sharing is GuaranteeSharing.SEVERAL and one.share is None:
            raise ShareMustBeStated(guarantor_id=one.guarantor_id)
        if one.cap is not None and one.cap.currency != currency:
            raise CurrencyMustMatch(left=one.cap.currency, right=currency)
        guarantors[one.guarantor_id] = Guarantor(one.guarantor_id, one.kind, one.share, one.cap, nothing, nothing)
    shares = sum((one.share for one in promises.guarantors if one.share is not None), Decimal(0))
    if promises.sharing is GuaranteeSharing.SEVERAL and shares > 1:
        raise SharesMustNotExceedWhole(shares=shares)
    named = tuple(guarantors.values())
    guarantee = Guarantee(guarantee_id, promises.loan_id, promises.form, promises.sharing, named, valid_until)
    return guarantee, GuaranteeGiven(guarantee_id, promises.loan_id, named)
