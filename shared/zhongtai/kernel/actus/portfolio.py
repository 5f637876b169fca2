"""Portfolios: contracts alike in what is no number and no date, with columns of what differs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhongtai.kernel.actus.checks import TermsContradict
from zhongtai.kernel.actus.codes import ContractType, EventType
from zhongtai.kernel.actus.column_days import Days
from zhongtai.kernel.actus.observed import Observed
from zhongtai.kernel.actus.terms import TermNotUnderstood, Terms, name_of
from zhongtai.kernel.refusals import Invalid

Numbers = NDArray[np.float64]

COLUMNAR = frozenset({ContractType.PAM, ContractType.LAM, ContractType.NAM, ContractType.ANN})

DATES = (
    "status_date",
    "initial_exchange_date",
    "maturity_date",
    "amortization_date",
    "purchase_date",
    "termination_date",
    "capitalization_end_date",
    "cycle_anchor_date_of_fee",
    "cycle_anchor_date_of_interest_calculation_base",
    "cycle_anchor_date_of_interest_payment",
    "cycle_anchor_date_of_principal_redemption",
    "cycle_anchor_date_of_rate_reset",
    "cycle_anchor_date_of_scaling_index",
)
NUMBERS = (
    "accrued_interest",
    "fee_accrued",
    "fee_rate",
    "interest_calculation_base_amount",
    "interest_scaling_multiplier",
    "life_cap",
    "life_floor",
    "next_principal_redemption_payment",
    "next_reset_rate",
    "nominal_interest_rate",
    "notional_principal",
    "notional_scaling_multiplier",
    "period_cap",
    "period_floor",
    "premium_discount_at_ied",
    "price_at_purchase_date",
    "price_at_termination_date",
    "rate_multiplier",
    "rate_spread",
    "scaling_index_at_contract_deal_date",
)
# What all contracts of a group have the same value of.
SHARED = (
    "contract_type",
    "contract_role",
    "currency",
    "business_day_convention",
    "calendar",
    "day_count_convention",
    "end_of_month_convention",
    "cycle_of_fee",
    "cycle_of_interest_calculation_base",
    "cycle_of_interest_payment",
    "cycle_of_principal_redemption",
    "cycle_of_rate_reset",
    "cycle_of_scaling_index",
    "fee_basis",
    "interest_calculation_base",
    "market_object_code_of_rate_reset",
    "market_object_code_of_scaling_index",
    "scaling_effect",
)
# Who is who, and what changes no payment of these types.
_UNREAD = (
    "contract_id",
    "creator_id",
    "counterparty_id",
    "seniority",
    "contract_deal_date",
    "contract_performance",
    "market_value_observed",
)
# Every other term must be as it is when nobody tells it.
_UNTOLD = tuple(
    (field.name, field.default)
    for field in fields(Terms)
    if field.name not in (*DATES, *NUMBERS, *SHARED, *_UNREAD, "settlement_currency")
)


class TermNotColumnar(Invalid):
    """Columns do not evaluate contracts of type {contract_type} with this {name}: evaluate them by `cash_flows`.

    列式引擎不支持{contract_type}类型合约的条款{name}：请使用`cash_flows`逐笔计算。
    """

    contract_type: str
    name: str


@dataclass(frozen=True)
class Group:
    """Contracts alike: a pattern of the terms they share, and columns, by the fields of `Terms`, of what differs.

    A column has a value for each contract: int64 days since 1970-01-01 for a date, float64 for a number. `places` are
    the contracts' places in the portfolio.
    """

    pattern: Terms
    places: NDArray[np.int64]
    columns: Mapping[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self.places)

    def told(self, field: str) -> bool:
        """Whether the term is defined; it is for all contracts of the group or for none."""
        return field in self.columns or getattr(self.pattern, field) is not None

    def days(self, field: str) -> Days:
        """The column of a date. Raises `TermMissing`."""
        if field in self.columns:
            return np.asarray(self.columns[field], dtype=np.int64)
        shared = day_number(self.pattern.need(getattr(self.pattern, field), name_of(field)))
        return np.broadcast_to(np.int64(shared), len(self))

    def numbers(self, field: str) -> Numbers:
        """The column of a number. Raises `TermMissing`."""
        if field in self.columns:
            return np.asarray(self.columns[field], dtype=np.float64)
        shared = float(self.pattern.need(getattr(self.pattern, field), name_of(field)))
        return np.broadcast_to(np.float64(shared), len(self))

    def taken(self, rows: NDArray[np.int64]) -> "Group":
        """Some contracts of the group, by their rows."""
        columns = {field: column[rows] for field, column in self.columns.items()}
        return Group(self.pattern, self.places[rows], columns)

    def check(self) -> None:
        """Raises `TermNotColumnar`, or what `check_terms` raises for contracts whose terms cannot hold."""
        if unknown := unknown_term(self.pattern):
            raise TermNotColumnar(contract_type=self.pattern.contract_type, name=name_of(unknown))
        for field in self.columns:
            if field not in (*DATES, *NUMBERS):
                raise TermNotColumnar(contract_type=self.pattern.contract_type, name=field)
        index = "scaling_index_at_contract_deal_date"
        if self.told(index) and (self.numbers(index) <= 0).any():
            value = str(self.numbers(index).min())
            raise TermNotUnderstood(name=name_of(index), value=value, form="number above zero")
        for first, second, rule in _ORDERS:
            read = self.days if first.endswith("date") else self.numbers
            if self.told(first) and self.told(second) and (read(first) > read(second)).any():
                contract = self.pattern.contract_id
                raise TermsContradict(contract=contract, first=name_of(first), second=name_of(second), rule=rule)


_ORDERS = (
    ("initial_exchange_date", "maturity_date", "the first is never after the second (dictionary v1.4)"),
    ("purchase_date", "termination_date", "the first is never after the second (dictionary v1.4)"),
    ("life_floor", "life_cap", "a floor is not above its cap (STF_RR_PAM, section 7.1)"),
    ("period_floor", "period_cap", "a floor is not above its cap (STF_RR_PAM, section 7.1)"),
)


@dataclass(frozen=True)
class Portfolio:
    """Groups of contracts, and the places of those that columns cannot take, each with the term that is why."""

    groups: tuple[Group, ...]
    others: Mapping[int, str]


def portfolio_of(contracts: Sequence[Terms], observed: Observed | None = None) -> Portfolio:
    """Groups contracts that are alike.

    Those that columns do not know go to `others` with the name of the term, as do those that observed events name.
    """
    alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
    others: dict[int, str] = {}
    for place, terms in enumerate(contracts):
        if unknown := unknown_term(terms):
            others[place] = name_of(unknown)
        elif observed is not None and observed.events_of(terms.contract_id, EventType.PP, EventType.AD, EventType.CE):
            others[place] = "observed events"
        else:
            alike[_shape(terms)].append(place)
    groups = (_group([contracts[place] for place in places], places) for places in alike.values())
    return Portfolio(tuple(groups), others)


def unknown_term(terms: Terms) -> str:
    """The field of the first term that columns cannot take; empty if they take them all."""
    if terms.contract_type not in COLUMNAR:
        return "contract_type"
    if terms.day_count_convention is None:
        return "day_count_convention"
    if terms.settlement_currency not in (None, terms.currency):
        return "settlement_currency"
    for field, untold in _UNTOLD:
        if getattr(terms, field) != untold:
            return field
    for field in DATES:
        moment = getattr(terms, field)
        if moment is not None and moment.time() != time():
            return field
    return ""


def day_number(moment: date) -> int:
    """A day, or that of a moment, as columns count it."""
    return moment.toordinal() - _EPOCH


def datetime_of(day: int) -> datetime:
    """The midnight of a day of a column."""
    return datetime.fromordinal(day + _EPOCH)


_EPOCH = date(1970, 1, 1).toordinal()


def _group(contracts: Sequence[Terms], places: Sequence[int]) -> Group:
    columns: dict[str, NDArray[Any]] = {}
    for field in (*DATES, *NUMBERS):
        values = [getattr(terms, field) for terms in contracts]
        if values[0] is None or values.count(values[0]) == len(values):
            continue
        if field in DATES:
            columns[field] = np.array([day_number(value) for value in values], dtype=np.int64)
        else:
            columns[field] = np.array(values, dtype=np.float64)
    return Group(contracts[0], np.array(places, dtype=np.int64), columns)


def _shape(terms: Terms) -> tuple[object, ...]:
    """What contracts of one group share."""
    told = tuple(getattr(terms, field) is not None for field in (*DATES, *NUMBERS))
    return (*told, *(getattr(terms, field) for field in SHARED))
