"""The screening of a payment order (支付指令筛查): what risk was asked before money moves, and what became of it.

Risk answers by an event: clear lets the order go on, anything else holds it until people decide its work order. Where
risk does not answer in time a person is told; the order waits all the same.

Always true: an order under a policy moves no money before its screening has passed; a screening is answered once, and
what is said twice, late, or of a screening that is over changes nothing; what is held passes only by a work order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Denied, Missing, Unmet

# The kind of the work orders by which people decide what is held.
DECISION = "payment_screening"


class PaymentScreeningNotFound(Missing):
    """There is no screening {screening_id}: check the id.

    筛查{screening_id}不存在：请核对编号。
    """

    screening_id: str


class ScreeningMustBeOpen(Unmet):
    """No screening of the payment order {payment_order_id} waits for this answer: look at how the order stands.

    支付指令{payment_order_id}没有等待此答复的筛查：请查看指令状态。
    """

    payment_order_id: str


class ScreeningMustBeDecided(Unmet):
    """The payment order {payment_order_id} is held for a person: decide its work order.

    支付指令{payment_order_id}已命中待核：请在工单中处理。
    """

    payment_order_id: str


class ScreeningMustBeAnotherPersons(Denied):
    """{subject} placed the payment order {payment_order_id}: somebody else has to screen it.

    支付指令{payment_order_id}由{subject}发起：须由他人筛查。
    """

    payment_order_id: str
    subject: str


class ScreeningState(StrEnum):
    """How a screening stands."""

    ASKED = "ASKED"
    OVERDUE = "OVERDUE"
    HELD = "HELD"
    PASSED = "PASSED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


_S = ScreeningState
# What risk may still answer.
UNANSWERED = (_S.ASKED, _S.OVERDUE)
NEXT: Mapping[ScreeningState, frozenset[ScreeningState]] = {
    _S.ASKED: frozenset({_S.OVERDUE, _S.HELD, _S.PASSED, _S.REFUSED, _S.WITHDRAWN}),
    _S.OVERDUE: frozenset({_S.HELD, _S.PASSED, _S.REFUSED, _S.WITHDRAWN}),
    _S.HELD: frozenset({_S.PASSED, _S.REFUSED, _S.WITHDRAWN}),
    _S.PASSED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.WITHDRAWN: frozenset(),
}


@dataclass(frozen=True, slots=True)
class ScreeningAsked:
    """An order waits for the screening by risk."""

    payment_order_id: str
    screening_id: str
    customer_id: str
    amount: Money
    rail: str
    creditor_account: str
    policy: str


@dataclass(frozen=True, slots=True)
class ScreeningHeld:
    """Risk found something: people decide whether the order goes on."""

    payment_order_id: str
    screening_id: str
    customer_id: str
    amount: Money
    rail: str
    creditor_account: str
    policy: str
    outcome: str
    matches: int
    first_match: str
    placed_by: str


@dataclass(frozen=True, slots=True)
class ScreeningOverdue:
    """Risk has not answered in time; the order goes on waiting."""

    payment_order_id: str
    screening_id: str
    policy: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class ScreeningAnswered:
    """A screening that was overdue waits for risk no more."""

    payment_order_id: str
    screening_id: str
    state: ScreeningState


@dataclass(frozen=True, slots=True)
class ScreeningEnded:
    """An order waits for its screening no more."""

    payment_order_id: str
    screening_id: str
    state: ScreeningState


@dataclass(frozen=True, slots=True)
class ScreeningPolicy:
    """Which orders are screened: over these rails, in this currency, from this amount on, perhaps to a new payee only.

    The shipped amounts of the large ones are those from which a transfer is reported: 人民银行令〔2016〕第3号, 第五条.
    A payee is new to a customer until money was given out to its account.
    """

    policy: str
    rails: tuple[str, ...]
    currency: str
    from_minor_units: int
    new_payee: bool = False

    def names(self, rail: str, amount: Money) -> bool:
        """Whether it asks for the screening of such an order; "" is the way inside the bank."""
        return rail in self.rails and amount.currency == self.currency and amount.minor_units >= self.from_minor_units


@dataclass(frozen=True, slots=True)
class ScreeningPolicies:
    """What is data of screenings."""

    queue: str
    answer_within_minutes: int
    holds_days: int
    policies: tuple[ScreeningPolicy, ...]

    def of(self, rail: str, amount: Money) -> tuple[ScreeningPolicy, ...]:
        """The policies that name such an order; those for new payees only are among them."""
        return tuple(one for one in self.policies if one.names(rail, amount))

    def look_at_payees(self, rail: str) -> bool:
        """Whether it matters for a rail to whom money was given out before."""
        return any(one.new_payee and rail in one.rails for one in self.policies)

    def overdue_since(self, now: datetime) -> datetime:
        """What was asked until then should have been answered by now."""
        return now - timedelta(minutes=self.answer_within_minutes)

    def holds(self, screening: "PaymentScreening", today: date) -> bool:
        """Whether a screening still says that money may move: lists change, so an old one does not."""
        ended_on = screening.ended_on
        return screening.state is _S.PASSED and ended_on is not None and (today - ended_on).days <= self.holds_days


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentScreening:
    """One screening of an order: an order that waits long for its date is screened again before its money moves."""

    screening_id: str
    payment_order_id: str
    policy: str
    state: ScreeningState = ScreeningState.ASKED
    asked_at: datetime
    outcome: str = ""
    matches: int = 0
    first_match: str = ""
    ended_on: date | None = None

    def found(self, outcome: str, matches: int, first_match: str) -> "PaymentScreening":
        """The screening with what risk said of it."""
        return replace(self, outcome=outcome, matches=matches, first_match=first_match)

    def to(self, state: ScreeningState, today: date) -> "PaymentScreening":
        """The screening one step on."""
        assert state in NEXT[self.state], f"{state} does not follow {self.state}"
        ended = not NEXT[state]
        return replace(self, state=state, ended_on=today if ended else None)

    def told(self, state: ScreeningState) -> "PaymentScreening | None":
        """The screening where an answer is still due, None where it was given the same; refuses another one."""
        if self.state in UNANSWERED:
            return self
        if self.state is ScreeningState.HELD:
            raise ScreeningMustBeDecided(payment_order_id=self.payment_order_id)
        if self.state is not state:
            raise ScreeningMustBeOpen(payment_order_id=self.payment_order_id)
        return None

    def overdue(self) -> ScreeningOverdue:
        """The fact that risk has not answered it in time."""
        return ScreeningOverdue(self.payment_order_id, self.screening_id, self.policy, self.asked_at)

    def answered(self) -> ScreeningAnswered:
        """The fact that it is overdue no more."""
        return ScreeningAnswered(self.payment_order_id, self.screening_id, self.state)

    def ended(self) -> ScreeningEnded:
        """The fact that it is over."""
        return ScreeningEnded(self.payment_order_id, self.screening_id, self.state)
