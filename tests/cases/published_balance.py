"""How the rows of the asset-liability sets state their inputs, and which formula of the platform answers them."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from zhongtai.kernel.bond import Bond, perpetual_duration
from zhongtai.kernel.irrbb import Shock, ShockScenario, parameters, prescribed_shock, short_scalar
from zhongtai.kernel.linear_program import Limit, Optimum, maximum
from zhongtai.kernel.schedule import months_later

Row = Mapping[str, Any]


def duration(row: Row) -> Decimal:
    """A consol at a yield, or a bond that has so many years to run."""
    told = row["inputs"]
    if "coupon" not in told:
        return perpetual_duration(Decimal(told["yield_"]))
    bought = date(2001, 1, 1)
    repaid = months_later(bought, int(12 * told["years"]))
    return Bond(bought, repaid, Decimal(told["coupon"]), int(told.get("frequency", told.get("freq", 1)))).duration(
        Decimal(told["yield_"])
    )


def irrbb(row: Row) -> Decimal:
    """A scalar, `S_short(3.5)`, or a scenario with shocks of so many basis points at a term."""
    scalar = re.fullmatch(r"S_(short|long)\(([\d.]+)\)", row["id"])
    if scalar:
        near = short_scalar(Decimal(scalar[2]))
        return near if scalar[1] == "short" else 1 - near
    read = re.fullmatch(r"([\w ]+?) ([\d/]+) at ([\d.]+)y", row["id"])
    if read is None:
        raise ValueError("no scenario")
    sizes = [Decimal(size) for size in read[2].split("/")]
    shock = Shock(sizes[0], sizes[0], sizes[-1])
    return shock.at(ShockScenario(read[1].upper().replace(" ", "_")), Decimal(read[3]))


def shocks(version: str) -> Callable[[Row], Decimal]:
    """A currency and the kind of shock, `CNY.parallel`."""

    def size(row: Row) -> Decimal:
        currency, kind = row["id"].split(".")
        return Decimal(getattr(prescribed_shock(version, currency), kind))

    return size


def bucket(row: Row) -> Decimal:
    """The midpoint of a bucket."""
    return Decimal(parameters()["buckets"]["midpoints"][row["id"]])


def core_deposits(row: Row) -> Decimal:
    """A category of deposits and which cap."""
    category, cap = row["id"].split(".")
    return Decimal(parameters()["core_deposits"]["categories"][category][CAPS[cap]])


def behaviour(row: Row) -> Decimal:
    """A scenario and which multiplier."""
    scenario, scalar = row["id"].split(".")
    return Decimal(parameters()["behaviour"]["scenarios"][scenario][SCALARS[scalar]])


CAPS = {"cap": "cap", "avg_maturity": "average_maturity"}
SCALARS = {"prepay_scalar": "prepayment", "tdrr_scalar": "early_redemption"}


@cache
def thriftem() -> Optimum:
    """The loan policy of Thriftem Bank: personal, car, home, farm and commercial loans, in millions.

    At most 12 in all, at least 40 % of it farm and commercial, home loans at least half of personal, car and home, and
    at most 4 % of all may turn bad. Taha, Operations Research, bank loan policy model.
    """
    rates, bad = ([Fraction(it) for it in told] for told in (RATES, BAD_DEBTS))
    gains = [rate * (1 - lost) - lost for rate, lost in zip(rates, bad, strict=True)]
    told: list[tuple[list[str], str]] = [
        (["1", "1", "1", "1", "1"], "12"),
        (["0.4", "0.4", "0.4", "-0.6", "-0.6"], "0"),
        (["0.5", "0.5", "-0.5", "0", "0"], "0"),
        ([str(lost - Fraction("0.04")) for lost in bad], "0"),
    ]
    limits = [Limit(tuple(Fraction(it) for it in coefficients), Fraction(bound)) for coefficients, bound in told]
    return maximum(gains, limits)


RATES = ("0.14", "0.13", "0.12", "0.125", "0.1")
BAD_DEBTS = ("0.1", "0.07", "0.03", "0.05", "0.02")


def alm_lp(row: Row) -> float:
    """The best value, or the amount of a kind of loans, `x3`."""
    best, amount = thriftem(), re.search(r"x(\d)$", row["id"])
    return float(best.amounts[int(amount[1]) - 1] if amount else best.value)


BALANCE_SETS: dict[str, Callable[[Row], Decimal | float]] = {
    "duration": duration,
    "irrbb": irrbb,
    "irrbb_shocks_2016": shocks("2016"),
    "irrbb_shocks_2024": shocks("2024"),
    "irrbb_buckets": bucket,
    "irrbb_nmd": core_deposits,
    "irrbb_behaviour": behaviour,
    "alm_lp": alm_lp,
}
