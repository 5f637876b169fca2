"""Whether an order could be paid just now, asked without changing anything: what must be told as a result, not refused.

Batches, due orders and standing orders tell of each payment that cannot be made why; so its refusal is caught before
anything is written, and said as the reason code of ISO 20022 (ExternalStatusReason1Code).
"""

from operator import attrgetter

from zhongtai.kernel.money import CurrencyMustMatch
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.account.domain import AccountMustBeActive, AccountNotFound, AvailableBalanceExhausted
from zhongtai.operations.account_class.domain import (
    AccountClassMustAllowKind,
    BalanceLimitExceeded,
    DayLimitExceeded,
    TransactionLimitExceeded,
    YearLimitExceeded,
)
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.ledger.domain import Draft
from zhongtai.operations.payment import bounds, store
from zhongtai.operations.payment.domain import EndToEndIdMustBeUnique, Order, Payment
from zhongtai.operations.payment_limit.domain import (
    PaymentLimitAmountExhausted,
    PaymentLimitCountExhausted,
    PaymentLimitSingleExceeded,
)
from zhongtai.operations.rail.domain import RailAmountMustBeInReach
from zhongtai.runtime.unit import Unit

_REASONS: dict[type[Refusal], str] = {
    AccountNotFound: "AC01",
    AccountClassMustAllowKind: "AG01",
    AccountMustBeActive: "AC06",
    AvailableBalanceExhausted: "AM04",
    CurrencyMustMatch: "AM03",
    EndToEndIdMustBeUnique: "DUPL",
    PaymentLimitSingleExceeded: "AM14",
    PaymentLimitAmountExhausted: "AM14",
    PaymentLimitCountExhausted: "AM14",
    TransactionLimitExceeded: "AM14",
    DayLimitExceeded: "AM14",
    YearLimitExceeded: "AM14",
    BalanceLimitExceeded: "AM14",
    RailAmountMustBeInReach: "AM02",
}
# Narrative: the sentence of the refusal says why.
_OTHER = "NARR"


def why_not(unit: Unit, order: Order) -> Refusal | None:
    """What paying the order would be refused with; None where it can be paid."""
    try:
        _must_be_payable(unit, order)
    except Refusal as refusal:
        return refusal
    return None


def why_not_posted(unit: Unit, draft: Draft) -> Refusal | None:
    """What posting the draft would be refused with; None where it can be posted."""
    try:
        _must_be_postable(unit, draft)
    except Refusal as refusal:
        return refusal
    return None


def reason_of(refusal: Refusal) -> str:
    """The reason code of ISO 20022 that a refusal comes nearest to."""
    return _REASONS.get(type(refusal), _OTHER)


def _must_be_payable(unit: Unit, order: Order) -> None:
    present = store.by_reference(unit, order.initiating_party, order.end_to_end_id)
    if present:
        raise EndToEndIdMustBeUnique(end_to_end_id=order.end_to_end_id, payment_id=present.payment_id)
    bounds.must_allow(unit, order)
    payment = Payment.ordered("a trial", order, unit.now)
    draft = store.rule(payment.posting).draft("a trial", lambda path: attrgetter(path)(payment))
    assert draft is not None, "an order moves an amount above zero"
    _must_be_postable(unit, draft)


def _must_be_postable(unit: Unit, draft: Draft) -> None:
    ledger_store.try_out(unit, [draft])
