"""Participations (联合贷款、贷款转让): who funds a loan beside the bank, and what each gets of a payment.

Always true: what all funders have outstanding of a loan is the loan's principal, and what they get of a payment is the
payment, to the minor unit. Principal is shared by what each has outstanding, so that rounding never adds up: whoever
got a minor unit too little has more outstanding the next time, and the last payment gives each exactly its rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from zhongtai.credit.loan.domain import LoanStatus
from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.refusals import Invalid, Limited, Missing, Taken, Unmet

THE_BANK = ""
DISBURSEMENT = "DISBURSEMENT"
# The transactions of a serviced loan whose interest was paid by somebody; others waive, accrue or move it.
PAYMENTS = frozenset(
    {
        "REPAYMENT",
        "DOWN_PAYMENT",
        "REPAYMENT_AT_DISBURSEMENT",
        "MERCHANT_ISSUED_REFUND",
        "PAYOUT_REFUND",
        "CHARGE_PAYMENT",
        "RECOVERY",
    }
)
FUNDERS_MAX = 20


class ParticipationNotFound(Missing):
    """The loan {loan_id} is funded by the bank alone: agree a participation first.

    贷款{loan_id}由本行独立出资：请先签订联合出资。
    """

    loan_id: str


class ParticipationAlreadyAgreed(Taken):
    """The funders of the loan {loan_id} are agreed: end that agreement first.

    贷款{loan_id}已有出资约定：请先终止。
    """

    loan_id: str


class ParticipationAlreadyFunded(Unmet):
    """Money of partners is in the loan {loan_id}: it ends as the loan is repaid.

    贷款{loan_id}已由合作方出资：随还款结清而终止。
    """

    loan_id: str


class LoanMustWaitForMoney(Unmet):
    """The loan {loan_id} is {status}: partners join before its money leaves; later, sell a part of it.

    贷款{loan_id}状态为{status}：联合出资须在放款前约定；放款后请转让份额。
    """

    loan_id: str
    status: str


class LoanMustBeOwed(Unmet):
    """The loan {loan_id} is {status}: only a part of what is owed is sold.

    贷款{loan_id}状态为{status}：仅可转让未结清的贷款。
    """

    loan_id: str
    status: str


class FunderMustBeNamedOnce(Invalid):
    """{funder_id} is named twice: state its whole share once.

    出资方{funder_id}重复：请合并填写其份额。
    """

    funder_id: str


class PartnersMustNotFundAll(Invalid):
    """The partners fund {shares} of the loan: leave a part to the bank.

    合作方出资比例合计{shares}：本行须保留出资份额。
    """

    shares: Decimal


class PartnerShareMustBeEnough(Invalid):
    """{funder_id} funds {share}: a partner of a joint loan funds {least} at least.

    合作方{funder_id}出资比例为{share}：单笔联合贷款合作方出资不得低于{least}。
    """

    funder_id: str
    share: Decimal
    least: Decimal


class BankPartExhausted(Unmet):
    """The bank itself has {outstanding} in the loan: sell at most that.

    本行在该贷款中的余额为{outstanding}：转让金额不得超过该余额。
    """

    outstanding: Money


class TooManyFunders(Limited):
    """A loan has {most} funders at most: sell to one who funds it already.

    每笔贷款最多{most}个出资方：请转让给现有出资方。
    """

    most: int


class ParticipationStatus(StrEnum):
    """How a participation stands."""

    STANDING = "STANDING"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class FundedPart:
    """What one funder has in a loan; `THE_BANK` for the bank itself. Rates are parts of one: 0.3 is 30 %."""

    funder_id: str
    share: Decimal
    servicing_fee: Decimal
    outstanding: Money
    principal: Money
    interest: Money
    fee: Money

    def __post_init__(self) -> None:
        assert self.outstanding.minor_units >= 0, "nobody gets more back than was funded"


@dataclass(frozen=True, slots=True)
class FunderLine:
    """What one partner funds, or gets of a payment."""

    funder_id: str
    principal: Money
    interest: Money
    fee: Money


@dataclass(frozen=True, slots=True)
class ParticipationAgreed:
    """Partners fund a loan together with the bank."""

    loan_id: str
    parts: tuple[FundedPart, ...]


@dataclass(frozen=True, slots=True)
class ParticipationEnded:
    """An agreement was taken back."""

    loan_id: str


@dataclass(frozen=True, slots=True)
class ParticipationFunded:
    """Money of partners was lent."""

    loan_id: str
    lines: tuple[FunderLine, ...]
    principal: Money


@dataclass(frozen=True, slots=True)
class ParticipationSettled:
    """What partners get of a payment."""

    loan_id: str
    payment_id: str
    lines: tuple[FunderLine, ...]
    principal: Money
    interest: Money
    fee: Money
    passed_on: Money


@dataclass(frozen=True, slots=True)
class LoanPartSold:
    """A part of a loan was sold; one of `gain` and `loss` is nothing."""

    loan_id: str
    buyer_id: str
    principal: Money
    price: Money
    gain: Money
    loss: Money


Facts = tuple[ParticipationFunded | ParticipationSettled, ...]


class Partner(NamedTuple):
    """One who is to fund a part of a loan."""

    funder_id: str
    share: Decimal
    servicing_fee: Decimal


@dataclass(frozen=True, slots=True)
class Participation:
    """Who funds a loan; the bank's own part is the first."""

    loan_id: str
    currency_code: str
    parts: tuple[FundedPart, ...]
    status: ParticipationStatus = ParticipationStatus.STANDING

    def end(self) -> tuple["Participation", tuple[ParticipationEnded, ...]]:
        """The agreement taken back; no fact where it was already."""
        if self.status is ParticipationStatus.ENDED:
            return self, ()
        if any(part.outstanding or part.principal for part in self.parts):
            raise ParticipationAlreadyFunded(loan_id=self.loan_id)
        return replace(self, status=ParticipationStatus.ENDED), (ParticipationEnded(self.loan_id),)

    @property
    def outstanding(self) -> Money:
        """The principal of the loan, as its funders have it."""
        return sum((part.outstanding for part in self.parts), Money(self.currency_code, 0))

    def follow(
        self, payment_id: str, outstanding: Money, interest: Money, *, lent: bool
    ) -> tuple["Participation", Facts]:
        """The participation once the loan owes `outstanding`, and the fact where that is a change.

        What is shared is the difference to what the funders have: an event that was told before a sale and comes after
        it finds nothing left to share.
        """
        change = outstanding - self.outstanding
        if lent and change.minor_units > 0:
            funded, fact = self.fund(change)
            return funded, (fact,)
        if not change and not interest:
            return self, ()
        settled, told = self.settle(payment_id, -change, interest)
        return settled, (told,)

    def fund(self, amount: Money) -> tuple["Participation", ParticipationFunded]:
        """An amount lent, shared as agreed."""
        lent = amount.allocate([part.share for part in self.parts])
        parts = tuple(
            replace(part, outstanding=part.outstanding + one) for part, one in zip(self.parts, lent, strict=True)
        )
        nothing = amount.nothing
        pairs = list(zip(self.parts, lent, strict=True))[1:]
        lines = tuple(FunderLine(part.funder_id, one, nothing, nothing) for part, one in pairs)
        fact = ParticipationFunded(self.loan_id, lines, sum(lent[1:], amount.nothing))
        return replace(self, parts=parts), fact

    def settle(
        self, payment_id: str, principal: Money, interest: Money
    ) -> tuple["Participation", ParticipationSettled]:
        """A payment shared by what each has outstanding; one taken back, by what each got."""
        returned = _shared(principal, self.parts)
        earned = _shared(interest, self.parts)
        fees = [one.times(part.servicing_fee) for part, one in zip(self.parts, earned, strict=True)]
        parts = tuple(
            replace(
                part,
                outstanding=part.outstanding - back,
                principal=part.principal + back,
                interest=part.interest + gain,
                fee=part.fee + fee,
            )
            for part, back, gain, fee in zip(self.parts, returned, earned, fees, strict=True)
        )
        rows = list(zip(self.parts, returned, earned, fees, strict=True))[1:]
        lines = tuple(FunderLine(part.funder_id, back, gain, fee) for part, back, gain, fee in rows)
        whole = [sum(column, principal.nothing) for column in (returned[1:], earned[1:], fees[1:])]
        fact = ParticipationSettled(
            self.loan_id, payment_id, lines, whole[0], whole[1], whole[2], whole[0] + whole[1] - whole[2]
        )
        return replace(self, parts=parts), fact

    def sell(
        self, buyer_id: str, principal: Money, price: Money, servicing_fee: Decimal
    ) -> tuple["Participation", LoanPartSold]:
        """A part of the bank's own, sold; a funder who buys more keeps the fee that was agreed first."""
        own, others = self.parts[0], self.parts[1:]
        if principal > own.outstanding:
            raise BankPartExhausted(outstanding=own.outstanding)
        nothing = principal.nothing
        if all(part.funder_id != buyer_id for part in others):
            if len(self.parts) >= FUNDERS_MAX:
                raise TooManyFunders(most=FUNDERS_MAX)
            bought = FundedPart(buyer_id, Decimal(0), servicing_fee, nothing, nothing, nothing, nothing)
            others = (*others, bought)
        parts = (
            replace(own, outstanding=own.outstanding - principal),
            *(
                replace(part, outstanding=part.outstanding + principal) if part.funder_id == buyer_id else part
                for part in others
            ),
        )
        more = price - principal
        fact = LoanPartSold(self.loan_id, buyer_id, principal, price, max(more, nothing), max(-more, nothing))
        return replace(self, parts=parts, status=ParticipationStatus.STANDING), fact


def agree(
    loan_id: str,
    status: LoanStatus,
    currency: str,
    partners: Sequence[Partner],
    *,
    least: Decimal,
    earlier: Participation | None,
) -> tuple[Participation, ParticipationAgreed]:
    """An agreement on a loan whose money has not left; `least` is the smallest share a partner may have."""
    if earlier is not None and earlier.status is ParticipationStatus.STANDING:
        raise ParticipationAlreadyAgreed(loan_id=loan_id)
    if status not in (LoanStatus.PENDING, LoanStatus.SUBMITTED):
        raise LoanMustWaitForMoney(loan_id=loan_id, status=status)
    nothing = Money(currency, 0)
    named: dict[str, FundedPart] = {}
    for one in partners:
        if one.funder_id in named:
            raise FunderMustBeNamedOnce(funder_id=one.funder_id)
        if one.share < least:
            raise PartnerShareMustBeEnough(funder_id=one.funder_id, share=one.share, least=least)
        named[one.funder_id] = FundedPart(*one, nothing, nothing, nothing, nothing)
    shares = sum((one.share for one in partners), Decimal(0))
    if shares >= 1:
        raise PartnersMustNotFundAll(shares=shares)
    parts = (_banks(1 - shares, nothing), *named.values())
    return Participation(loan_id, currency, parts), ParticipationAgreed(loan_id, parts)


def alone(loan_id: str, status: LoanStatus, outstanding: Money, price: Money) -> Participation:
    """A loan that the bank funds alone, before it sells a part of it."""
    if status is not LoanStatus.ACTIVE:
        raise LoanMustBeOwed(loan_id=loan_id, status=status)
    if price.currency != outstanding.currency:
        raise CurrencyMustMatch(left=price.currency, right=outstanding.currency)
    own = replace(_banks(Decimal(1), outstanding.nothing), outstanding=outstanding)
    return Participation(loan_id, outstanding.currency, (own,))


def _banks(share: Decimal, nothing: Money) -> FundedPart:
    return FundedPart(THE_BANK, share, Decimal(0), nothing, nothing, nothing, nothing)


def _shared(amount: Money, parts: Sequence[FundedPart]) -> tuple[Money, ...]:
    """An amount by what each part has outstanding; below zero, or where nothing is, by what each got back."""
    weights = [part.outstanding.minor_units for part in parts]
    if amount.minor_units < 0 or not any(weights):
        weights = [part.principal.minor_units for part in parts]
    if not any(weights):
        return (amount, *(amount.nothing for _ in parts[1:]))
    return amount.allocate(weights)
