"""Random contracts of every type, a few alike at a time, with what is observed of them: for properties of engines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from zhongtai.kernel.actus.codes import (
    BusinessDayConvention,
    Calendar,
    Code,
    ContractPerformance,
    ContractRole,
    ContractType,
    DayCountConvention,
    DeliverySettlement,
    EndOfMonthConvention,
    EventType,
    FeeBasis,
    FixedVariable,
    GuaranteedExposure,
    IncreaseDecrease,
    InterestCalculationBase,
    OptionExerciseType,
    OptionType,
    PenaltyType,
    PrepaymentEffect,
    ReferenceRole,
    ReferenceType,
    ScalingEffect,
)
from zhongtai.kernel.actus.observed import Observed, ObservedEvent
from zhongtai.kernel.actus.schedules import Cycle, Period
from zhongtai.kernel.actus.terms import Reference, Terms

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - ACTUS knows no time zones
MARKETS = {
    "RATE": tuple(
        (EPOCH + timedelta(days=97 * step, hours=step % 3), Decimal(3 + step * 7 % 11) / 100) for step in range(300)
    ),
    "INDEX": tuple((EPOCH + timedelta(days=61 * step), Decimal(100 + step)) for step in range(480)),
    "PRICE": tuple((EPOCH + timedelta(days=41 * step), Decimal(80 + step * 13 % 37)) for step in range(700)),
    "CNY/USD": tuple((EPOCH + timedelta(days=53 * step), Decimal(14 + step % 3) / 100) for step in range(560)),
    "USD/CNY": tuple((EPOCH + timedelta(days=53 * step), Decimal(7 + step % 3)) for step in range(560)),
}

Strategies = dict[str, st.SearchStrategy[object]]

days = st.integers(10_000, 14_000).map(lambda day: EPOCH + timedelta(days=day))
month_ends = st.sampled_from(["2004-01-31", "2004-02-29", "2005-02-28", "2006-11-30"]).map(datetime.fromisoformat)
cycles = st.sampled_from(["P1ML0", "P1ML1", "P3ML0", "P2ML1", "P1QL1", "P1YL0", "P5WL1", "P40DL0"]).map(Cycle.of)
periods = st.sampled_from(["P0D", "P5D", "P1M", "P3W"]).map(Period.of)
rates = st.decimals("-0.02", "0.2", places=4)
amounts = st.decimals("100", "100000", places=2)


def optional(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """A term that is told or not."""
    return st.none() | values


def codes(kind: type[Code]) -> st.SearchStrategy[object]:
    """Any code of a kind."""
    return st.sampled_from(list(kind))


@dataclass(frozen=True)
class Drawn:
    """Contracts alike, and what is observed of them."""

    contracts: Sequence[Terms]
    events: tuple[ObservedEvent, ...] = ()

    @property
    def observed(self) -> Observed:
        """The markets and the events."""
        return Observed(MARKETS, self.events)


CONVENTIONS: Strategies = {
    "business_day_convention": codes(BusinessDayConvention),
    "calendar": codes(Calendar),
    "end_of_month_convention": codes(EndOfMonthConvention),
    "settlement_currency": st.sampled_from([None, None, "CNY", "USD"]),
}
PRINCIPAL: Strategies = {
    "contract_role": st.sampled_from([ContractRole.RPA, ContractRole.RPL]),
    "day_count_convention": codes(DayCountConvention),
    "cycle_of_interest_payment": optional(cycles),
    "cycle_of_principal_redemption": cycles,
    "interest_calculation_base": codes(InterestCalculationBase),
    "interest_calculation_base_amount": optional(amounts),
    "cycle_of_interest_calculation_base": cycles,
    "x_day_notice": optional(periods),
    "delivery_settlement": codes(DeliverySettlement),
}
RESETS: Strategies = {
    "cycle_of_rate_reset": cycles,
    "market_object_code_of_rate_reset": st.just("RATE"),
    "rate_spread": rates,
    "next_reset_rate": optional(rates),
    "period_floor": optional(st.just(Decimal("-0.02"))),
    "period_cap": optional(st.just(Decimal("0.01"))),
    "life_floor": optional(st.just(Decimal("0.04"))),
    "life_cap": optional(st.just(Decimal("0.1"))),
}
FEES: Strategies = {
    "fee_basis": codes(FeeBasis),
    "fee_rate": rates,
    "cycle_of_fee": cycles,
    "fee_accrued": optional(rates),
}
INDEX: Strategies = {
    "scaling_effect": codes(ScalingEffect),
    "market_object_code_of_scaling_index": st.just("INDEX"),
    "scaling_index_at_contract_deal_date": st.just(Decimal(90)),
    "cycle_of_scaling_index": cycles,
    "interest_scaling_multiplier": rates,
}
PREPAYMENTS: Strategies = {
    "prepayment_effect": codes(PrepaymentEffect),
    "penalty_type": codes(PenaltyType),
    "penalty_rate": rates,
    "market_object_code_of_rate_reset": st.just("RATE"),
    "cycle_of_optionality": optional(cycles),
}
_ANCHORS = (
    "cycle_anchor_date_of_interest_payment",
    "cycle_anchor_date_of_principal_redemption",
    "cycle_anchor_date_of_rate_reset",
    "cycle_anchor_date_of_fee",
    "cycle_anchor_date_of_interest_calculation_base",
    "cycle_anchor_date_of_scaling_index",
)
_OWN = ("anchor", "purchase", "termination", "capitalized", "level", "maturity", "accrued", "amortization", "rate")
_LEVELLED = {ContractType.LAM, ContractType.NAM, ContractType.ANN}
_OPEN = {ContractType.CLM, ContractType.UMP, ContractType.LAX}


@st.composite
def alike(draw: st.DrawFn, kind: ContractType, many: int | None = None, name: str = "c") -> Drawn:
    """A few contracts of one shape with different dates and numbers."""
    many = many or draw(st.integers(1, 4))
    return draw(_DRAWN.get(kind, _with_principal)(kind, many, name))


@st.composite
def horizons(draw: st.DrawFn, drawn: Drawn) -> datetime | None:
    """A t^max for those contracts; most that have no end of their own have one."""
    first = min(terms.status_date for terms in drawn.contracts)
    is_open = drawn.contracts[0].contract_type in _OPEN
    far = st.sampled_from([700, 1500, 300, 100, 0]).map(lambda days_later: first + timedelta(days=days_later))
    return draw(far if is_open else optional(far))  # type: ignore[return-value]


@st.composite
def _with_principal(draw: st.DrawFn, kind: ContractType, many: int, name: str) -> Drawn:
    shape: dict[str, object] = draw(st.fixed_dictionaries(CONVENTIONS | PRINCIPAL))
    for together in (RESETS, FEES, INDEX, PREPAYMENTS):
        shape |= draw(st.fixed_dictionaries(together)) if draw(st.booleans()) else {}
    has = {choice: draw(st.booleans()) for choice in _OWN} | {"rate": draw(_MOSTLY)}
    shape["contract_type"] = kind
    array_lengths = [draw(st.integers(0 if kind is ContractType.LAX else 1, 3)) for _ in range(3)]
    array_cycles = {
        field: tuple(draw(st.lists(cycles, min_size=length, max_size=length)))[: draw(st.sampled_from([0, 1, length]))]
        for field, length in zip(_ARRAY_CYCLES, array_lengths, strict=True)
    }
    contracts = []
    for number in range(many):
        terms = _one_with_principal(draw, shape, has, f"{name}{number}")
        if kind is ContractType.LAX:
            arrays: dict[str, Any] = {**array_cycles, **_arrays(draw, terms, array_lengths)}
            terms = replace(terms, **arrays)
        contracts.append(terms)
    if kind is ContractType.LAX:
        contracts = _same_ways(draw, contracts, array_lengths)
    return Drawn(
        contracts, _events_of(draw, contracts, EventType.AD, EventType.CE, EventType.PP, *_MOVES.get(kind, ()))
    )


_ARRAY_CYCLES = (
    "array_cycle_of_interest_payment",
    "array_cycle_of_principal_redemption",
    "array_cycle_of_rate_reset",
)
_MOSTLY = st.sampled_from([True, True, True, False])
_MOVES = {ContractType.CLM: (EventType.XD,), ContractType.UMP: (EventType.PR, EventType.PI)}


def _one_with_principal(draw: st.DrawFn, shape: dict[str, object], has: dict[str, bool], name: str) -> Terms:
    kind = shape["contract_type"]
    exchange = draw(days | month_ends)
    maturity = exchange + timedelta(days=draw(st.integers(60, 1200)))

    def within() -> datetime:
        return exchange + timedelta(days=draw(st.integers(0, 900)))

    anchors = [anchor for anchor in _ANCHORS if has["anchor"] or anchor == _ANCHORS[1]]
    own: dict[str, object] = {anchor: exchange + timedelta(days=draw(st.integers(-20, 100))) for anchor in anchors}
    notional = draw(amounts)
    choices: dict[str, dict[str, object]] = {
        "purchase": {"purchase_date": within(), "price_at_purchase_date": notional},
        "termination": {"termination_date": within() + timedelta(days=901), "price_at_termination_date": notional},
        "capitalized": {"capitalization_end_date": within()},
        "accrued": {"accrued_interest": draw(amounts) / 100},
        "amortization": {"amortization_date": maturity + timedelta(days=draw(st.integers(0, 400)))},
        "rate": {"nominal_interest_rate": draw(rates)},
    }
    for choice, terms in choices.items():
        own |= terms if has[choice] else {}
    if kind is ContractType.SWPPV:
        own |= {"nominal_interest_rate": draw(rates), "nominal_interest_rate2": draw(rates)}
    if kind in _LEVELLED and (has["level"] or kind is ContractType.NAM or not has["maturity"]):
        own["next_principal_redemption_payment"] = round(notional / draw(st.integers(3, 40)), 2)
    if has["maturity"] or kind not in _LEVELLED | _OPEN:
        own["maturity_date"] = maturity
    status = exchange + timedelta(days=draw(st.sampled_from([-3, -1, 0, 1, 200, 500])))
    common = {"contract_id": name, "currency": "CNY", "status_date": status, "initial_exchange_date": exchange}
    common |= {"notional_principal": notional, "premium_discount_at_ied": draw(rates)}
    return Terms(**(common | shape | own))  # type: ignore[arg-type]


def _arrays(draw: st.DrawFn, terms: Terms, lengths: Sequence[int]) -> dict[str, object]:
    """The arrays of a LAX: anchors ascend from about the exchange on."""
    exchange = terms.initial_exchange_date
    assert exchange is not None

    def anchors(length: int) -> tuple[datetime, ...]:
        steps = draw(st.lists(st.integers(1, 300), min_size=length, max_size=length))
        return tuple(exchange + timedelta(days=sum(steps[: place + 1]) - 20) for place in range(length))

    of_interest, of_principal, of_rate = lengths
    notional = terms.notional_principal or Decimal(0)
    parts = draw(st.lists(st.integers(3, 30), min_size=of_principal, max_size=of_principal))
    return {
        "array_cycle_anchor_date_of_interest_payment": anchors(of_interest),
        "array_cycle_anchor_date_of_principal_redemption": anchors(of_principal),
        "array_cycle_anchor_date_of_rate_reset": anchors(of_rate),
        "array_next_principal_redemption_payment": tuple(round(notional / part, 2) for part in parts),
        "array_rate": tuple(draw(st.lists(rates, min_size=of_rate, max_size=of_rate))),
        "market_object_code_of_rate_reset": "RATE",
    }


def _same_ways(draw: st.DrawFn, contracts: Sequence[Terms], lengths: Sequence[int]) -> list[Terms]:
    """Whether parts raise or repay and fix or reset, which contracts alike share; the last part repays."""
    before = max(lengths[1] - 1, 0)
    ways = draw(st.lists(st.sampled_from(list(IncreaseDecrease)), min_size=before, max_size=before))
    ways += [IncreaseDecrease.DEC] * (lengths[1] - before)
    fixings = draw(st.lists(st.sampled_from(list(FixedVariable)), min_size=lengths[2], max_size=lengths[2]))
    told = {"array_increase_decrease": tuple(ways), "array_fixed_variable": tuple(fixings)}
    return [replace(terms, **told) for terms in contracts]  # type: ignore[arg-type]


def _events_of(draw: st.DrawFn, contracts: Sequence[Terms], *kinds: EventType) -> tuple[ObservedEvent, ...]:
    """Observed events of the contracts, most of them within three years of the status date."""
    events = []
    for terms in contracts:
        for _ in range(draw(st.sampled_from([0, 1, 1, 3]))):
            time = terms.status_date + timedelta(days=draw(st.integers(-30, 1000)))
            performance = draw(st.sampled_from([ContractPerformance.DF, ContractPerformance.DQ]))
            kind, value = draw(st.sampled_from(kinds)), draw(st.decimals("-500", "500", places=2))
            events.append(ObservedEvent(time, kind, value, terms.contract_id, performance))
    return tuple(events)


TRADED: Strategies = CONVENTIONS | {
    "contract_role": st.sampled_from([ContractRole.BUY, ContractRole.SEL]),
    "settlement_period": periods,
    "delivery_settlement": codes(DeliverySettlement),
    "cycle_of_dividend": optional(cycles),
    "market_object_code_of_dividends": st.just("PRICE"),
    "currency2": st.just("USD"),
    "option_type": codes(OptionType),
    "option_exercise_type": codes(OptionExerciseType),
}


@st.composite
def _traded(draw: st.DrawFn, kind: ContractType, many: int, name: str) -> Drawn:
    """Contracts without principal: CSH, STK, COM, FXOUT, OPTNS, FUTUR."""
    shape = draw(st.fixed_dictionaries(TRADED)) | {"contract_type": kind}
    if kind in {ContractType.OPTNS, ContractType.FUTUR}:
        underlying = Reference(role=ReferenceRole.UDL, type=ReferenceType.MOC, code="PRICE")
        shape["contract_structure"] = (underlying,)
    has = {choice: draw(st.booleans()) for choice in ("bought", "sold", "exercised", "dividend", "ex", "anchor")}
    contracts = []
    for number in range(many):
        status = draw(days)

        def at(low: int, high: int, status: datetime = status) -> datetime:
            return status + timedelta(days=draw(st.integers(low, high)))

        choices: dict[str, dict[str, object]] = {
            "bought": {"purchase_date": at(-40, 300), "price_at_purchase_date": draw(amounts)},
            "sold": {"termination_date": at(300, 900), "price_at_termination_date": draw(amounts)},
            "exercised": {"exercise_date": at(-10, 500), "exercise_amount": draw(amounts)},
            "dividend": {"next_dividend_payment_amount": draw(amounts)},
            "ex": {"ex_dividend_date": at(-100, 200)},
            "anchor": {"cycle_anchor_date_of_dividend": at(-40, 300)},
        }
        own: dict[str, object] = {"contract_id": f"{name}{number}", "currency": "CNY", "status_date": status}
        own |= {"maturity_date": at(1, 900), "notional_principal": draw(amounts), "notional_principal2": draw(amounts)}
        own |= {"option_strike1": draw(_STRIKES), "option_strike2": draw(_STRIKES), "futures_price": draw(_STRIKES)}
        own["quantity"] = Decimal(draw(st.integers(1, 20)))
        for choice, terms in choices.items():
            own |= terms if has[choice] else {}
        contracts.append(Terms(**(shape | own)))  # type: ignore[arg-type]
    return Drawn(contracts, _events_of(draw, contracts, EventType.AD, EventType.CE, EventType.XD))


_STRIKES = st.integers(75, 120).map(Decimal)


def _structured(outer: Drawn, parts: Sequence[tuple[ReferenceRole, Drawn]]) -> Drawn:
    """The contracts with theirs of each part."""
    contracts = []
    for place, terms in enumerate(outer.contracts):
        structure = tuple(
            Reference(role=role, type=ReferenceType.CNT, contract=drawn.contracts[place]) for role, drawn in parts
        )
        start = min(part.contract.status_date for part in structure if part.contract is not None)
        contracts.append(replace(terms, contract_structure=structure, status_date=start))
    return Drawn(contracts, (*outer.events, *(event for _, drawn in parts for event in drawn.events)))


_WITH_PRINCIPAL = st.sampled_from(
    [ContractType.PAM, ContractType.LAM, ContractType.ANN, ContractType.CLM, ContractType.LAX, ContractType.SWPPV]
)


@st.composite
def _swaps(draw: st.DrawFn, kind: ContractType, many: int, name: str) -> Drawn:
    outer = draw(_traded(kind, many, name))
    legs = [draw(alike(draw(_WITH_PRINCIPAL), many, f"{name}-{leg}-")) for leg in ("first", "second")]
    if draw(st.booleans()):
        # Legs of the same days, which have events to settle net.
        legs[1] = Drawn([replace(terms, contract_id=f"{terms.contract_id}-two") for terms in legs[0].contracts])
    return _structured(outer, [(ReferenceRole.FIL, legs[0]), (ReferenceRole.SEL, legs[1])])


@st.composite
def _capfl(draw: st.DrawFn, kind: ContractType, many: int, name: str) -> Drawn:
    outer = draw(_traded(kind, many, name))
    told = {"life_cap": draw(st.just(Decimal("0.08"))), "life_floor": draw(optional(st.just(Decimal("0.05"))))}
    outer = Drawn([replace(terms, **told) for terms in outer.contracts], outer.events)  # type: ignore[arg-type]
    return _structured(outer, [(ReferenceRole.UDL, draw(alike(draw(_WITH_PRINCIPAL), many, f"{name}-of-")))])


@st.composite
def _guarantees(draw: st.DrawFn, kind: ContractType, many: int, name: str) -> Drawn:
    outer = draw(_traded(kind, many, name))
    told = {
        "guaranteed_exposure": draw(codes(GuaranteedExposure)),
        "coverage_of_credit_enhancement": draw(st.sampled_from([Decimal(1), Decimal("0.7")])),
        "cycle_of_fee": draw(optional(cycles)),
        "day_count_convention": draw(optional(codes(DayCountConvention))),
    }
    if kind is ContractType.CEG and draw(st.booleans()):
        told |= draw(st.fixed_dictionaries(FEES)) | {"cycle_of_fee": draw(cycles)}
    has_maturity, has_amount, has_anchor = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    contracts = []
    for terms in outer.contracts:
        own = told | ({} if has_maturity else {"maturity_date": None})
        own |= {"cycle_anchor_date_of_fee": draw(days)} if has_anchor else {}
        own |= {} if has_amount and kind is ContractType.CEG else {"notional_principal": None}
        contracts.append(replace(terms, **own))  # type: ignore[arg-type]
    covered = [draw(alike(draw(_WITH_PRINCIPAL), many, f"{name}-{place}-")) for place in range(draw(st.integers(1, 2)))]
    parts = [(ReferenceRole.COVE, _priced(drawn)) for drawn in covered]
    if kind is ContractType.CEC:
        parts.append((ReferenceRole.COVI, _priced(draw(_traded(ContractType.COM, many, f"{name}-covering-")))))
    return _structured(Drawn(contracts, outer.events), parts)


def _priced(drawn: Drawn) -> Drawn:
    """The contracts with a market that values them."""
    return Drawn([replace(terms, market_object_code="PRICE") for terms in drawn.contracts], drawn.events)


_DRAWN: dict[ContractType, Callable[[ContractType, int, str], st.SearchStrategy[Drawn]]] = {
    **dict.fromkeys(map(ContractType, ["CSH", "STK", "COM", "FXOUT", "OPTNS", "FUTUR"]), _traded),
    ContractType.SWAPS: _swaps,
    ContractType.CAPFL: _capfl,
    ContractType.CEG: _guarantees,
    ContractType.CEC: _guarantees,
}
