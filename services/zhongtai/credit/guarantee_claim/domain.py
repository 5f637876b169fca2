"""Guarantee claims (代偿): what guarantors are asked to pay, how it is split, and what they paid of it.

Always true: what is claimed of all, with what nobody must bear, is what was asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from zhongtai.credit.guarantee.domain import Guarantee, GuaranteeForm, GuaranteeSharing, GuaranteeStatus, Guarantor
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet


class ClaimNotFound(Missing):
    """The guarantee {guarantee_id} has no claim {claim_id}: check the id.

    保证{guarantee_id}没有编号为{claim_id}的代偿请求：请核对编号。
    """

    guarantee_id: str
    claim_id: str


class GuaranteeMustStand(Unmet):
    """The guarantee {guarantee_id} is released: its guarantors owe nothing more.

    保证{guarantee_id}已解除：保证人不再承担责任。
    """

    guarantee_id: str


class GuaranteeMustNotHaveExpired(Unmet):
    """The guarantee {guarantee_id} could be claimed until {valid_until}: its guarantors are free.

    保证{guarantee_id}的保证期间已于{valid_until}届满：保证人免责。
    """

    guarantee_id: str
    valid_until: date


class DebtorMustBeEnforcedFirst(Unmet):
    """The guarantee {guarantee_id} is a general one: enforce the debtor's own assets first.

    保证{guarantee_id}为一般保证：请先就债务人财产强制执行。
    """

    guarantee_id: str


class ClaimMustBeOpen(Unmet):
    """The claim {claim_id} is {status}: only an open claim is paid.

    代偿请求{claim_id}状态为{status}：仅未结请求可付款。
    """

    claim_id: str
    status: str


class ClaimAlreadyPaid(Unmet):
    """{paid} of the claim {claim_id} is paid: give the money back by a payment, the claim stays.

    代偿请求{claim_id}已收到{paid}：不可撤回，请另行退款。
    """

    claim_id: str
    paid: Money


class GuarantorNotClaimed(Invalid):
    """The claim {claim_id} asks nothing of {guarantor_id}: check who paid.

    代偿请求{claim_id}未涉及保证人{guarantor_id}：请核对付款方。
    """

    claim_id: str
    guarantor_id: str


class PaymentMustNotExceedClaim(Unmet):
    """{unpaid} is unpaid of what is claimed of {guarantor_id}, {amount} is more: confirm at most that.

    保证人{guarantor_id}未付{unpaid}，{amount}超出：请不超过未付金额。
    """

    guarantor_id: str
    unpaid: Money
    amount: Money


class GuarantorPaymentAlreadyConfirmed(Taken):
    """The payment {payment_id} was confirmed as {amount} elsewhere: a payment counts once, as it was.

    付款{payment_id}已以{amount}入账：同一付款只能入账一次。
    """

    payment_id: str
    amount: Money


class ClaimStatus(StrEnum):
    """How a claim stands."""

    OPEN = "OPEN"
    PAID = "PAID"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """What is claimed of one guarantor."""

    guarantor_id: str
    amount: Money
    paid: Money


@dataclass(frozen=True, slots=True)
class GuaranteeClaimed:
    """Guarantors are called on."""

    guarantee_id: str
    claim_id: str
    loan_id: str
    lines: tuple[ClaimLine, ...]
    uncovered: Money


@dataclass(frozen=True, slots=True)
class ClaimWithdrawn:
    """A claim was taken back."""

    guarantee_id: str
    claim_id: str
    loan_id: str


@dataclass(frozen=True, slots=True)
class GuarantorPaid:
    """A guarantor paid of a claim."""

    guarantee_id: str
    claim_id: str
    loan_id: str
    guarantor_id: str
    amount: Money
    payment_id: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One call on a guarantee; `uncovered` is what nobody must bear."""

    guarantee_id: str
    claim_id: str
    amount: Money
    lines: tuple[ClaimLine, ...]
    uncovered: Money
    claimed_on: date
    status: ClaimStatus

    def __post_init__(self) -> None:
        assert sum((line.amount for line in self.lines), self.uncovered) == self.amount, "a claim is split whole"

    @property
    def paid(self) -> Money:
        """What the guarantors paid of it."""
        return sum((line.paid for line in self.lines), self.amount.nothing)


@dataclass(frozen=True, slots=True)
class GuarantorPayment:
    """A payment as it was confirmed; kept under its payment_id, so that it counts once."""

    payment_id: str
    claim_id: str
    guarantor_id: str
    amount: Money

    def is_again(self, earlier: "GuarantorPayment | None") -> bool:
        """Whether this payment was confirmed before; refuses another use of it."""
        if earlier is not None and earlier != self:
            raise GuarantorPaymentAlreadyConfirmed(payment_id=self.payment_id, amount=earlier.amount)
        return earlier is not None


def call_on(
    guarantee: Guarantee, claim_id: str, amount: Money, *, debtor_enforced: bool, on: date
) -> tuple[Guarantee, Claim, GuaranteeClaimed]:
    """Calls on the guarantors; what their caps and shares leave is uncovered."""
    if guarantee.status is not GuaranteeStatus.STANDING:
        raise GuaranteeMustStand(guarantee_id=guarantee.guarantee_id)
    if on > guarantee.valid_until:
        raise GuaranteeMustNotHaveExpired(guarantee_id=guarantee.guarantee_id, valid_until=guarantee.valid_until)
    if guarantee.form is GuaranteeForm.GENERAL and not debtor_enforced:
        raise DebtorMustBeEnforcedFirst(guarantee_id=guarantee.guarantee_id)
    borne = split(amount, guarantee.guarantors, guarantee.sharing)
    nothing = amount.nothing
    pairs = list(zip(guarantee.guarantors, borne, strict=True))
    lines = tuple(ClaimLine(one.guarantor_id, part, nothing) for one, part in pairs if part)
    uncovered = amount - sum(borne, nothing)
    status = ClaimStatus.OPEN if lines else ClaimStatus.PAID
    made = Claim(guarantee.guarantee_id, claim_id, amount, lines, uncovered, on, status)
    claimed = replace(guarantee, guarantors=tuple(replace(one, claimed=one.claimed + part) for one, part in pairs))
    return claimed, made, GuaranteeClaimed(guarantee.guarantee_id, claim_id, guarantee.loan_id, lines, uncovered)


def withdraw(guarantee: Guarantee, claim: Claim) -> tuple[Guarantee, Claim, tuple[ClaimWithdrawn, ...]]:
    """Takes a claim back; no fact where it was taken back already."""
    if claim.status is ClaimStatus.WITHDRAWN:
        return guarantee, claim, ()
    if claim.paid:
        raise ClaimAlreadyPaid(claim_id=claim.claim_id, paid=claim.paid)
    parts = {line.guarantor_id: line.amount for line in claim.lines}
    freed = tuple(
        replace(one, claimed=one.claimed - parts.get(one.guarantor_id, claim.amount.nothing))
        for one in guarantee.guarantors
    )
    fact = ClaimWithdrawn(guarantee.guarantee_id, claim.claim_id, guarantee.loan_id)
    return replace(guarantee, guarantors=freed), replace(claim, status=ClaimStatus.WITHDRAWN), (fact,)


def pay(guarantee: Guarantee, claim: Claim, payment: GuarantorPayment) -> tuple[Guarantee, Claim, GuarantorPaid]:
    """The guarantee and its claim with a guarantor's payment counted."""
    guarantor_id, amount = payment.guarantor_id, payment.amount
    if claim.status is not ClaimStatus.OPEN:
        raise ClaimMustBeOpen(claim_id=claim.claim_id, status=claim.status)
    line = next((one for one in claim.lines if one.guarantor_id == guarantor_id), None)
    if line is None:
        raise GuarantorNotClaimed(claim_id=claim.claim_id, guarantor_id=guarantor_id)
    if amount > line.amount - line.paid:
        raise PaymentMustNotExceedClaim(guarantor_id=guarantor_id, unpaid=line.amount - line.paid, amount=amount)
    lines = tuple(replace(one, paid=one.paid + amount) if one is line else one for one in claim.lines)
    is_paid = all(one.paid == one.amount for one in lines)
    paid = replace(claim, lines=lines, status=ClaimStatus.PAID if is_paid else ClaimStatus.OPEN)
    guarantors = tuple(
        replace(one, paid=one.paid + amount) if one.guarantor_id == guarantor_id else one
        for one in guarantee.guarantors
    )
    fact = GuarantorPaid(
        guarantee.guarantee_id, claim.claim_id, guarantee.loan_id, guarantor_id, amount, payment.payment_id
    )
    return replace(guarantee, guarantors=guarantors), paid, fact


def split(amount: Money, guarantors: Sequence[Guarantor], sharing: GuaranteeSharing) -> tuple[Money, ...]:
    """What each guarantor bears of an amount, in their order; no minor unit is lost, and no cap is passed.

    Several guarantors bear their shares, and what a cap cuts off falls on nobody. Joint and several ones bear by
    weight, and what a cap cuts off falls on those whose caps still take it.
    """
    nothing = amount.nothing
    if sharing is GuaranteeSharing.SEVERAL:
        shares = [one.share or Decimal(0) for one in guarantors]
        parts = amount.allocate([*shares, 1 - sum(shares, Decimal(0))])
        return tuple(one.bearable(part) for one, part in zip(guarantors, parts[:-1], strict=True))
    borne, left = [nothing] * len(guarantors), amount
    weights = [Decimal(1) if one.share is None else one.share for one in guarantors]
    while left:
        open_ = [
            place
            for place, one in enumerate(guarantors)
            if weights[place] and one.bearable(borne[place] + left) > borne[place]
        ]
        if not open_:
            break
        parts = left.allocate([weights[place] for place in open_])
        for place, part in zip(open_, parts, strict=True):
            bears = guarantors[place].bearable(borne[place] + part)
            left, borne[place] = left - (bears - borne[place]), bears
    return tuple(borne)
