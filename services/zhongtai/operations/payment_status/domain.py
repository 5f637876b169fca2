"""How a payment stands, by the codes of ISO 20022 (ExternalPaymentTransactionStatus1Code), and what may follow what.

The machine is the table `NEXT`: an order goes through the checks (RCVD, ACTC), may wait for its date (ACCP, ACWC),
moves (ACSP, PDNG) and ends (ACSC, RJCT, CANC). Nothing follows an end, and nobody withdraws what has begun to move.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from zhongtai.kernel.refusals import Invalid


class OutcomeMustBeFinal(Invalid):
    """{status} is no outcome: tell ACSC (settled) or RJCT (rejected).

    {status}不是最终结果：请填写ACSC（已清算）或RJCT（已拒绝）。
    """

    status: str


class PaymentStatus(StrEnum):
    """How a payment, or the order of one, stands."""

    RCVD = "RCVD"
    ACTC = "ACTC"
    ACCP = "ACCP"
    ACWC = "ACWC"
    ACSP = "ACSP"
    PDNG = "PDNG"
    ACSC = "ACSC"
    RJCT = "RJCT"
    CANC = "CANC"


_S = PaymentStatus
_ENDS = frozenset({_S.ACSP, _S.PDNG, _S.ACSC, _S.RJCT})
NEXT: Mapping[PaymentStatus, frozenset[PaymentStatus]] = {
    _S.RCVD: frozenset({_S.ACTC, _S.ACCP, _S.ACWC, _S.CANC}) | _ENDS,
    _S.ACTC: frozenset({_S.ACCP, _S.ACWC, _S.CANC}) | _ENDS,
    # An order that waited long for its date is screened again before its money moves.
    _S.ACCP: frozenset({_S.ACTC, _S.ACWC, _S.CANC}) | _ENDS,
    _S.ACWC: frozenset({_S.ACTC, _S.ACWC, _S.CANC}) | _ENDS,
    _S.ACSP: frozenset({_S.PDNG, _S.ACSC, _S.RJCT}),
    _S.PDNG: frozenset({_S.ACSC, _S.RJCT}),
    _S.ACSC: frozenset(),
    _S.RJCT: frozenset(),
    _S.CANC: frozenset(),
}
# What is known of a payment that has moved.
OUTCOMES = (_S.ACSC, _S.RJCT)
# Where no money has moved yet: such an order may still be withdrawn.
WAITING = (_S.RCVD, _S.ACTC, _S.ACCP, _S.ACWC)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rail says of a payment: settled, rejected and why, or that it does not know yet.

    `received` is false where a rail that is asked has never had the payment: it may be given to it again, under the
    same UETR, and is still not known to have failed.
    """

    status: PaymentStatus
    reason_code: str = ""
    received: bool = True

    def must_be_final(self) -> "Answer":
        """The answer itself; refuses one that leaves the outcome open."""
        if self.status not in OUTCOMES:
            raise OutcomeMustBeFinal(status=self.status)
        return self
