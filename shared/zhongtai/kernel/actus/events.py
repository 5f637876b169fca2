"""Events and states: what happens to a contract, what it pays, and how the contract stands after it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from zhongtai.kernel.actus.codes import ContractPerformance, EventType

ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The state variables of section 2.4; the short names of the specification stand behind them.

    Amounts carry the sign of the contract's role, the fees and the scaling factors too where the specification says so.
    """

    status_date: datetime  # Sd
    maturity_date: datetime | None = None  # Md
    notional_principal: Decimal = ZERO  # Nt
    nominal_interest_rate: Decimal = ZERO  # Ipnr
    accrued_interest: Decimal = ZERO  # Ipac
    accrued_interest_first: Decimal = ZERO  # Ipac1
    accrued_interest_second: Decimal = ZERO  # Ipac2
    fee_accrued: Decimal = ZERO  # Feac
    notional_scaling: Decimal = ONE  # Nsc
    interest_scaling: Decimal = ONE  # Isc
    next_principal_redemption: Decimal = ZERO  # Prnxt
    interest_calculation_base: Decimal = ZERO  # Ipcb
    exercise_date: datetime | None = None  # Xd
    exercise_amount: Decimal | None = None  # Xa
    performance: ContractPerformance = ContractPerformance.PF  # Prf


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: the time as scheduled and shifted, what is paid to (+) or by (-) the creator, the state after.

    The payoff is an analytic amount in units of the currency, not rounded; who books it rounds by its own rule.
    """

    time: datetime
    type: EventType
    payoff: Decimal
    currency: str
    state: State

    @property
    def order(self) -> tuple[datetime, int]:
        """Events come by time, those of one instant by the sequence of section 2.8."""
        return self.time, self.type.sequence


@dataclass(frozen=True, slots=True)
class Moment:
    """Where an event is evaluated: `time` is when it happens, `calculated` the time accruals run to.

    `scheduled` is the time before any shift, at which markets are observed. `value` is what an observed event or a
    part of an array brings along; zero otherwise.
    """

    time: datetime
    calculated: datetime
    scheduled: datetime
    value: Decimal = ZERO


Payoff = Callable[[State, Moment], Decimal]
Transition = Callable[[State, Moment], State]


@dataclass(frozen=True, slots=True)
class Planned:
    """An event that will be evaluated: when, of what type, and by which POF and STF of the specification.

    `after_type` puts it behind events of another type at the same instant, against the sequence of its own.
    """

    moment: Moment
    type: EventType
    payoff: Payoff
    transition: Transition
    currency: str
    after_type: EventType | None = None

    @property
    def order(self) -> tuple[datetime, int, bool]:
        """As of an event, with what comes behind a type after that type's own."""
        return self.moment.time, (self.after_type or self.type).sequence, self.after_type is not None

    def after(self, state: State) -> Event:
        """The event, evaluated in the state before it."""
        return Event(
            time=self.moment.time,
            type=self.type,
            payoff=self.payoff(state, self.moment),
            currency=self.currency,
            state=self.transition(state, self.moment),
        )


def no_payoff(state: State, moment: Moment) -> Decimal:
    """The payoff of an event that pays nothing, POF_AD_PAM among them."""
    return ZERO
