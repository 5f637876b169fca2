"""A payment request (请求支付): a creditor asks a debtor to pay (ISO 20022 pain.013), who answers (pain.014).

Always true: a request is answered once, and never after its last moment; who accepts places one payment order.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet
from zhongtai.operations.payment.domain import AccountsMustDiffer
from zhongtai.operations.payment_order.domain import Asked

LASTS_AT_MOST = timedelta(days=90)


class PaymentRequestNotFound(Missing):
    """There is no payment request {payment_request_id}: check the id.

    支付请求{payment_request_id}不存在：请核对编号。
    """

    payment_request_id: str


class RequestReferenceMustBeUnique(Taken):
    """The reference {end_to_end_id} is that of the request {payment_request_id}, which differs: use another reference.

    端到端标识{end_to_end_id}已用于内容不同的支付请求{payment_request_id}：请更换标识。
    """

    end_to_end_id: str
    payment_request_id: str


class RequestMustEndAhead(Invalid):
    """A request ends ahead, within {days} days, not at {expires_at}: state another moment.

    支付请求的截止时间{expires_at}须晚于当前且在{days}天之内：请修改。
    """

    expires_at: datetime
    days: int


class PaymentRequestExpired(Unmet):
    """The request {payment_request_id} stood until {expires_at}: ask the creditor for a new one.

    支付请求{payment_request_id}已于{expires_at}失效：请收款方重新发起。
    """

    payment_request_id: str
    expires_at: datetime


class PaymentRequestMustBeOpen(Unmet):
    """The request {payment_request_id} is {status}: it is answered already.

    支付请求{payment_request_id}状态为{status}：不可再次答复。
    """

    payment_request_id: str
    status: str


class PaymentRequestStatus(StrEnum):
    """How a request stands."""

    PRESENTED = "PRESENTED"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class PaymentRequestPresented:
    """A debtor was asked to pay."""

    payment_request_id: str
    debtor_account_id: str
    creditor_account_id: str
    amount: Money
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentRequestAnswered:
    """A request was accepted, refused or taken back."""

    payment_request_id: str
    status: PaymentRequestStatus
    reason_code: str
    payment_order_id: str


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """A request and how it stands."""

    payment_request_id: str
    end_to_end_id: str
    initiating_party: str
    debtor_account_id: str
    creditor_account_id: str
    amount: Money
    remittance_information: str
    presented_at: datetime
    expires_at: datetime
    status: PaymentRequestStatus = PaymentRequestStatus.PRESENTED
    reason_code: str = ""
    payment_order_id: str = ""

    def presented(self) -> PaymentRequestPresented:
        """The fact that the debtor is asked; refuses what asks itself, or ends too soon or too late."""
        if self.debtor_account_id == self.creditor_account_id:
            raise AccountsMustDiffer()
        if not self.presented_at < self.expires_at <= self.presented_at + LASTS_AT_MOST:
            raise RequestMustEndAhead(expires_at=self.expires_at, days=LASTS_AT_MOST.days)
        return PaymentRequestPresented(
            self.payment_request_id, self.debtor_account_id, self.creditor_account_id, self.amount, self.expires_at
        )

    def must_ask(self, other: "PaymentRequest") -> "PaymentRequest":
        """The request itself; refuses where another one was presented under the same reference."""
        names = ("debtor_account_id", "creditor_account_id", "amount", "remittance_information", "expires_at")
        if any(getattr(self, name) != getattr(other, name) for name in names):
            raise RequestReferenceMustBeUnique(
                end_to_end_id=self.end_to_end_id, payment_request_id=self.payment_request_id
            )
        return self

    def at(self, now: datetime) -> "PaymentRequest":
        """The request as it stands at a moment: one that nobody answers ends by itself."""
        over = self.status is PaymentRequestStatus.PRESENTED and now >= self.expires_at
        return replace(self, status=PaymentRequestStatus.EXPIRED) if over else self

    def must_be_open(self, now: datetime) -> "PaymentRequest":
        """The request itself; refuses one that is answered or over."""
        status = self.at(now).status
        if status is PaymentRequestStatus.EXPIRED:
            raise PaymentRequestExpired(payment_request_id=self.payment_request_id, expires_at=self.expires_at)
        if status is not PaymentRequestStatus.PRESENTED:
            raise PaymentRequestMustBeOpen(payment_request_id=self.payment_request_id, status=status)
        return self

    def asked(self, on: date) -> Asked:
        """What is paid where the debtor accepts; the reference is that of the request, so it is paid once."""
        return Asked(
            end_to_end_id=self.payment_request_id,
            initiating_party=self.initiating_party,
            debtor_account_id=self.debtor_account_id,
            creditor_account_id=self.creditor_account_id,
            outside_party=None,
            rail="",
            amount=self.amount,
            requested_execution_date=on,
            remittance_information=self.remittance_information,
        )

    def answered(
        self, status: PaymentRequestStatus, *, reason_code: str = "", payment_order_id: str = ""
    ) -> tuple["PaymentRequest", PaymentRequestAnswered]:
        """The request with its answer."""
        request = replace(self, status=status, reason_code=reason_code, payment_order_id=payment_order_id)
        return request, PaymentRequestAnswered(self.payment_request_id, status, reason_code, payment_order_id)

    def withdrawn(self, now: datetime) -> tuple["PaymentRequest", PaymentRequestAnswered | None]:
        """The request taken back; one that is refused, expired or taken back stays so."""
        if self.status is PaymentRequestStatus.ACCEPTED:
            raise PaymentRequestMustBeOpen(payment_request_id=self.payment_request_id, status=self.status)
        if self.at(now).status is not PaymentRequestStatus.PRESENTED:
            return self, None
        return self.answered(PaymentRequestStatus.WITHDRAWN)
