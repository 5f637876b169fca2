"""Interest rate risk in the banking book (银行账簿利率风险): the six prescribed shocks and the standard's parameters.

Source: BCBS 368 (April 2016), annex 2 and section IV, as revised by BCBS 578 (July 2024); the figures with their
sources, and which are to be confirmed, lie in `irrbb.json`. Decimals throughout; shocks in basis points.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from zhongtai.kernel.refusals import Missing
from zhongtai.kernel.roots import DIGITS

# Annex 2: the short shock decays over four years.
DECAY_YEARS = 4


class ShockNotPrescribed(Missing):
    """The version {version} of the standard prescribes no shock for {currency}: use another version or your own shock.

    {version}版标准未规定{currency}的利率冲击：请使用其他版本或自定义冲击。
    """

    version: str
    currency: str


class ShockScenario(StrEnum):
    """The six prescribed scenarios (annex 2)."""

    PARALLEL_UP = "PARALLEL_UP"
    PARALLEL_DOWN = "PARALLEL_DOWN"
    STEEPENER = "STEEPENER"
    FLATTENER = "FLATTENER"
    SHORT_UP = "SHORT_UP"
    SHORT_DOWN = "SHORT_DOWN"


@dataclass(frozen=True, slots=True)
class Shock:
    """The sizes prescribed for a currency, in basis points."""

    parallel: Decimal
    short: Decimal
    long: Decimal

    def at(self, scenario: ShockScenario, years: Decimal) -> Decimal:
        """The change of the rate of a term under a scenario, in basis points."""
        near = short_scalar(years)
        short, long = self.short * near, self.long * (1 - near)
        match scenario:
            case ShockScenario.PARALLEL_UP:
                return self.parallel
            case ShockScenario.PARALLEL_DOWN:
                return -self.parallel
            case ShockScenario.STEEPENER:
                return -Decimal("0.65") * short + Decimal("0.9") * long
            case ShockScenario.FLATTENER:
                return Decimal("0.8") * short - Decimal("0.6") * long
            case ShockScenario.SHORT_UP:
                return short
            case ShockScenario.SHORT_DOWN:
                return -short


def short_scalar(years: Decimal) -> Decimal:
    """How much of the short shock is left at a term: e^(−t/4). What is gone of it is the scalar of the long shock."""
    with localcontext(DIGITS):
        return (-years / DECAY_YEARS).exp()


def prescribed_shock(version: str, currency: str) -> Shock:
    """The shock of a currency by a version of the standard, "2016" or "2024". Raises `ShockNotPrescribed`."""
    for table in parameters()["shocks"]:
        if table["version"] == version and currency in table["currencies"]:
            return Shock(**{name: Decimal(size) for name, size in table["currencies"][currency].items()})
    raise ShockNotPrescribed(version=version, currency=currency)


@cache
def parameters() -> Mapping[str, Any]:
    """The parameters of the standard with their sources: shocks, buckets, core deposits, behaviour."""
    read: Mapping[str, Any] = json.loads(files("zhongtai.kernel").joinpath("irrbb.json").read_text(encoding="utf-8"))
    return read
