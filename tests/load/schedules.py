"""Repayment schedules, exact to the cent: a million annuities in columns, some one by one, quotes over gRPC."""

import asyncio
import tempfile
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import uvloop

from tests.load.commands import CALL
from tests.load.figure import Figure, percentile
from tests.load.serving import caller_of, serving
from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.credit.v1.loan_pb2 import QuoteLoanRequest
from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.schedule import Amortisation, repayment_schedule
from zhongtai.kernel.schedule_columns import Schedules, equal_instalments
from zhongtai.runtime.client import Calls
from zhongtai.runtime.seeds import seeds

LOANS = 1_000_000
MONTHS = 36
ONE_BY_ONE = 300
QUOTES = 500
START = date(2026, 1, 5)
RATES = [Decimal(basis_points) / 10_000 for basis_points in range(300, 1_800)]


def run(runs: int) -> list[Figure]:
    """Measures everything so many times."""
    columns = Figure(f"annuities {LOANS:,} × {MONTHS} to the cent, in columns", "s", [], "≤ 0.6")
    first = Figure("the same into memory never used before", "s", [], "no bound")
    each = Figure("schedules of annuities in columns", "/s", [], "no bound")
    scalar = Figure("the same one by one", "/s", [], "the baseline")
    quotes = Figure(f"quote of {MONTHS} instalments over gRPC, p50 of {QUOTES}", "ms", [], "no bound")
    chance = np.random.default_rng(2026)
    principal, rate_of = chance.integers(100_000, 20_000_000, LOANS), chance.integers(0, len(RATES), LOANS)
    room = Schedules.of(MONTHS, LOANS)
    _in_columns(principal, rate_of, room)
    for _ in range(runs):
        columns.values.append(_in_columns(principal, rate_of, room))
        each.values.append(LOANS / columns.values[-1])
        first.values.append(_in_columns(principal, rate_of, None))
        begun = time.perf_counter()
        for place in range(ONE_BY_ONE):
            _one(int(principal[place]), RATES[rate_of[place]])
        scalar.values.append(ONE_BY_ONE / (time.perf_counter() - begun))
        with tempfile.TemporaryDirectory() as name, serving("credit", Path(name)) as address:
            quotes.values.append(uvloop.run(_quotes(address, Path(name))))
    return [columns, first, each, scalar, quotes]


def _in_columns(principal: np.ndarray, rate_of: np.ndarray, out: Schedules | None) -> float:
    begun = time.perf_counter()
    equal_instalments(
        principal, RATES, rate_of, term_months=MONTHS, start=START, day_count=DayCount.THIRTY_E_360, out=out
    )
    return time.perf_counter() - begun


def _one(principal: int, rate: Decimal) -> None:
    repayment_schedule(
        principal=Money("CNY", principal),
        nominal_interest_rate=rate,
        term_months=MONTHS,
        start=START,
        day_count=DayCount.THIRTY_E_360,
        amortisation=Amortisation.EQUAL_INSTALMENT,
    )


async def _quotes(address: str, folder: Path) -> float:
    calls: Calls = caller_of("credit", address, folder)
    try:
        for seed in seeds("credit"):
            await calls.call(seed, CALL)
        waits = []
        for number in range(QUOTES):
            # No amount is asked for twice: a quote is kept by its terms.
            amount = MoneyMessage(currency_code="CNY", minor_units=1_000_000 + number)
            request = QuoteLoanRequest(product_id="consumer_instalment", amount=amount, term_months=MONTHS)
            begun = time.perf_counter()
            await calls.call(request, CALL)
            waits.append(1000 * (time.perf_counter() - begun))
            await asyncio.sleep(0)
        return percentile(waits, 0.5)
    finally:
        await calls.close()


if __name__ == "__main__":
    for figure in run(1):
        print(figure)
