"""The financial functions every spreadsheet has, in decimals, by the names and signs bankers know.

Money paid out is negative, money received positive; a rate is that of one period; payments fall at the end of a
period unless `due` says at its beginning. Source: Microsoft, Excel functions (financial), reference; the functions are
those of OpenFormula (OASIS, ODF 1.2 part 2, section 6.12). No rate that fits raises `PaymentsMustYieldRate`.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, localcontext

from zhongtai.kernel.roots import DIGITS, rate_of

ZERO = Decimal(0)
YEAR_DAYS = 365


def future_value(
    rate: Decimal, periods: Decimal, payment: Decimal, present: Decimal = ZERO, *, due: bool = False
) -> Decimal:
    """FV: what payments and a present value have grown to."""
    with localcontext(DIGITS):
        growth = (1 + rate) ** periods
        return -(present * growth + payment * _annuity(rate, periods, due))


def present_value(
    rate: Decimal, periods: Decimal, payment: Decimal, future: Decimal = ZERO, *, due: bool = False
) -> Decimal:
    """PV: what payments and a future value are worth now."""
    with localcontext(DIGITS):
        return -(future + payment * _annuity(rate, periods, due)) / (1 + rate) ** periods


def level_payment(
    rate: Decimal, periods: Decimal, present: Decimal, future: Decimal = ZERO, *, due: bool = False
) -> Decimal:
    """PMT: the equal payment that repays a present value and leaves a future value."""
    with localcontext(DIGITS):
        return -(present * (1 + rate) ** periods + future) / _annuity(rate, periods, due)


def interest_payment(
    rate: Decimal, period: int, periods: Decimal, present: Decimal, future: Decimal = ZERO, *, due: bool = False
) -> Decimal:
    """IPMT: the interest within the payment of a period, counted from 1."""
    if due and period == 1:
        return ZERO
    with localcontext(DIGITS):
        payment = level_payment(rate, periods, present, future, due=due)
        interest = future_value(rate, Decimal(period - 1), payment, present, due=due) * rate
        return interest / (1 + rate) if due else interest


def interest_on_straight_line(rate: Decimal, period: int, periods: Decimal, present: Decimal) -> Decimal:
    """ISPMT: the interest of a period, counted from 0, where the principal comes back in equal parts."""
    with localcontext(DIGITS):
        return -present * rate * (1 - period / periods)


def principal_payment(
    rate: Decimal, period: int, periods: Decimal, present: Decimal, future: Decimal = ZERO, *, due: bool = False
) -> Decimal:
    """PPMT: the principal within the payment of a period, counted from 1."""
    payment = level_payment(rate, periods, present, future, due=due)
    return payment - interest_payment(rate, period, periods, present, future, due=due)


def cumulative_interest(
    rate: Decimal, periods: Decimal, present: Decimal, first: int, last: int, *, due: bool = False
) -> Decimal:
    """CUMIPMT: the interest of the payments from the first to the last, both included."""
    return sum((interest_payment(rate, it, periods, present, ZERO, due=due) for it in range(first, last + 1)), ZERO)


def cumulative_principal(
    rate: Decimal, periods: Decimal, present: Decimal, first: int, last: int, *, due: bool = False
) -> Decimal:
    """CUMPRINC: the principal of the payments from the first to the last, both included."""
    return sum((principal_payment(rate, it, periods, present, ZERO, due=due) for it in range(first, last + 1)), ZERO)


def number_of_periods(
    rate: Decimal, payment: Decimal, present: Decimal, future: Decimal = ZERO, *, due: bool = False
) -> Decimal:
    """NPER: how many payments repay a present value and leave a future value."""
    with localcontext(DIGITS):
        if not rate:
            return -(present + future) / payment
        worth = payment * (1 + rate * due) / rate
        return ((worth - future) / (present + worth)).ln() / (1 + rate).ln()


def rate_per_period(
    periods: Decimal, payment: Decimal, present: Decimal, future: Decimal = ZERO, *, due: bool = False
) -> Decimal:
    """RATE: the rate of a period at which everything adds up to nothing."""
    return rate_of(lambda rate: present_value(rate, periods, payment, future, due=due) - present)


def net_present_value(rate: Decimal, amounts: Sequence[Decimal]) -> Decimal:
    """NPV: amounts at the ends of periods, the first a period from now."""
    with localcontext(DIGITS):
        return sum((amount / (1 + rate) ** place for place, amount in enumerate(amounts, 1)), ZERO)


def net_present_value_dated(rate: Decimal, flows: Sequence[tuple[date, Decimal]]) -> Decimal:
    """XNPV: dated amounts at a yearly rate, worth on the first day; years of 365 days."""
    first = flows[0][0]
    with localcontext(DIGITS):
        return sum((it / (1 + rate) ** (Decimal((day - first).days) / YEAR_DAYS) for day, it in flows), ZERO)


def internal_rate_of_return(amounts: Sequence[Decimal]) -> Decimal:
    """IRR: the rate of a period at which the amounts add up to nothing, the first now."""
    return rate_of(lambda rate: net_present_value(rate, amounts))


def internal_rate_of_return_dated(flows: Sequence[tuple[date, Decimal]]) -> Decimal:
    """XIRR: the yearly rate at which dated amounts add up to nothing."""
    return rate_of(lambda rate: net_present_value_dated(rate, flows))


def modified_internal_rate_of_return(amounts: Sequence[Decimal], finance: Decimal, reinvestment: Decimal) -> Decimal:
    """MIRR: what is paid is financed at one rate, what is received reinvested at another."""
    periods = len(amounts) - 1
    with localcontext(DIGITS):
        paid = net_present_value(finance, [min(amount, ZERO) for amount in amounts]) * (1 + finance)
        received = net_present_value(reinvestment, [max(amount, ZERO) for amount in amounts])
        return (-received * (1 + reinvestment) ** (periods + 1) / paid) ** (1 / Decimal(periods)) - 1


def growth_rate(periods: Decimal, present: Decimal, future: Decimal) -> Decimal:
    """RRI: the rate of a period at which a present value grows to a future one."""
    with localcontext(DIGITS):
        return (future / present) ** (1 / periods) - 1


def periods_of_growth(rate: Decimal, present: Decimal, future: Decimal) -> Decimal:
    """PDURATION: how many periods a present value takes to grow to a future one."""
    with localcontext(DIGITS):
        return (future / present).ln() / (1 + rate).ln()


def effective_rate(nominal: Decimal, periods_per_year: int) -> Decimal:
    """EFFECT: the yearly rate with compounding of a nominal one."""
    with localcontext(DIGITS):
        return (1 + nominal / periods_per_year) ** periods_per_year - 1


def nominal_rate(effective: Decimal, periods_per_year: int) -> Decimal:
    """NOMINAL: the nominal yearly rate of one with compounding."""
    with localcontext(DIGITS):
        return ((1 + effective) ** (1 / Decimal(periods_per_year)) - 1) * periods_per_year


def _annuity(rate: Decimal, periods: Decimal, due: bool) -> Decimal:
    """What one unit each period has grown to."""
    if not rate:
        return periods
    return ((1 + rate) ** periods - 1) / rate * (1 + rate * due)
