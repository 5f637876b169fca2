"""Cash flows by the ACTUS standard: annuities in columns, some of them by the scalar reference, and other types.

Counted per second of CPU, as both only compute; every loan has its own days, amount and rate, and 36 monthly payments.
"""

import time
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import numpy as np

from tests.load.figure import Figure
from zhongtai.kernel.actus.codes import (
    ContractRole,
    ContractType,
    DayCountConvention,
    IncreaseDecrease,
    ReferenceRole,
    ReferenceType,
)
from zhongtai.kernel.actus.columnar.days import at
from zhongtai.kernel.actus.columnar.engine import parts
from zhongtai.kernel.actus.columnar.portfolio import Group, datetime_of, day_number
from zhongtai.kernel.actus.engine import cash_flows
from zhongtai.kernel.actus.observed import Observed
from zhongtai.kernel.actus.schedules import Cycle
from zhongtai.kernel.actus.terms import Reference, Terms

CONTRACTS = 100_000
MONTHS = 36
BY_REFERENCE = 50
MARKETS = {"LPR": tuple((datetime(2026 + year, 1, 1), Decimal(35 - year) / 1000) for year in range(4))}  # noqa: DTZ001

_MONTHLY = Cycle.of("P1ML0")
_PATTERN = Terms(
    contract_id="bench",
    contract_type=ContractType.ANN,
    currency="CNY",
    status_date=datetime(2025, 12, 31),  # noqa: DTZ001 - ACTUS knows no time zones
    day_count_convention=DayCountConvention.A365,
    cycle_of_interest_payment=_MONTHLY,
    cycle_of_principal_redemption=_MONTHLY,
)


def portfolio() -> Group:
    """Loans paid out in January 2026, between a thousand and a hundred thousand, at 3 to 18 percent."""
    chance = np.random.default_rng(2026)
    exchange = day_number(datetime(2026, 1, 1)) + chance.integers(0, 28, CONTRACTS)  # noqa: DTZ001
    first, last = (at(exchange, _MONTHLY, np.int64(month), _PATTERN.end_of_month_convention) for month in (1, MONTHS))
    columns = {
        "initial_exchange_date": exchange,
        "maturity_date": last,
        "cycle_anchor_date_of_interest_payment": first,
        "cycle_anchor_date_of_principal_redemption": first,
        "notional_principal": chance.integers(100_000, 10_000_000, CONTRACTS) / 100,
        "nominal_interest_rate": chance.integers(300, 1800, CONTRACTS) / 10_000,
    }
    return Group(_PATTERN, np.arange(CONTRACTS), columns)


def others(loans: Group) -> list[Group]:
    """As many loans again in equal parts of other types: at maturity and linear with resets, steps, calls, swaps."""
    part = len(loans) // 5
    rows = np.arange(part)
    resets: dict[str, object] = {
        "cycle_of_rate_reset": Cycle.of("P3ML0"),
        "market_object_code_of_rate_reset": "LPR",
        "life_cap": Decimal("0.2"),
        "contract_role": ContractRole.RPA,
    }
    steps: dict[str, object] = {
        "array_cycle_anchor_date_of_principal_redemption": (datetime(2026, 3, 1), datetime(2027, 3, 1)),  # noqa: DTZ001
        "array_cycle_of_principal_redemption": (_MONTHLY,),
        "array_next_principal_redemption_payment": (Decimal(10), Decimal(20)),
        "array_increase_decrease": (IncreaseDecrease.DEC, IncreaseDecrease.DEC),
    }
    level = {"next_principal_redemption_payment": Decimal(10)}
    kinds: dict[ContractType, dict[str, object]] = {
        ContractType.PAM: resets,
        ContractType.LAM: resets | level,
        ContractType.LAX: steps,
        ContractType.CLM: {},
    }
    groups = {
        kind: loans.taken(rows).with_terms(replace(_PATTERN, contract_type=kind, **terms))  # type: ignore[arg-type]
        for kind, terms in kinds.items()
    }
    legs = (groups[ContractType.PAM], loans.taken(rows))
    structure = tuple(
        Reference(role=role, type=ReferenceType.CNT, contract=leg.pattern)
        for role, leg in zip((ReferenceRole.FIL, ReferenceRole.SEL), legs, strict=True)
    )
    swap = replace(_PATTERN, contract_type=ContractType.SWAPS, contract_structure=structure)
    return [*groups.values(), Group(swap, rows, {}, parts=legs)]


def contract(group: Group, row: int) -> Terms:
    """One of the loans as the reference reads it."""
    read = {
        field: Decimal(str(column[row])) if column.dtype == np.float64 else datetime_of(int(column[row]))
        for field, column in group.columns.items()
    }
    return replace(group.pattern, **read)  # type: ignore[arg-type]


def run(runs: int) -> list[Figure]:
    """Measures both so many times."""
    columns = Figure(
        f"ACTUS, events of {CONTRACTS:,} annuities of {MONTHS} months in columns", "/s CPU", [], "no bound"
    )
    contracts = Figure("ACTUS, annuities in columns", "/s CPU", [], "≥ 300,000")
    reference = Figure("ACTUS, events of annuities by the scalar reference", "/s CPU", [], "the baseline")
    many = Figure(f"ACTUS, events of {CONTRACTS:,} PAM, LAM, LAX, CLM and SWAPS in columns", "/s CPU", [], "no bound")
    group = portfolio()
    # What is built once, tables of months and the heap, is no part of the figures.
    assert sum(len(part) for part in parts([group.taken(np.arange(8000))]))
    for _ in range(runs):
        begun = time.process_time()
        events = sum(len(part) for part in parts([group]))
        passed = time.process_time() - begun
        columns.values.append(events / passed)
        contracts.values.append(CONTRACTS / passed)
        begun = time.process_time()
        events = sum(len(part) for part in parts(others(group), MARKETS))
        many.values.append(events / (time.process_time() - begun))
        terms = [contract(group, row) for row in range(BY_REFERENCE)]
        begun = time.process_time()
        told = sum(len(cash_flows(one, Observed())) for one in terms)
        reference.values.append(told / (time.process_time() - begun))
    return [columns, contracts, many, reference]


if __name__ == "__main__":
    for figure in run(1):
        print(figure)
