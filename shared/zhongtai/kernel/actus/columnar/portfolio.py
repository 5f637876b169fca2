"""Portfolios: contracts alike in what is no number and no date, with columns of what differs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time
from decimal import Decimal
from operator import attrgetter
from types import NoneType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from zhongtai.kernel.actus.checks import TermsContradict, check_terms
from zhongtai.kernel.actus.codes import ContractType, EventType, ReferenceRole
from zhongtai.kernel.actus.columnar.days import NEVER, Days
from zhongtai.kernel.actus.observed import Observed, ObservedEvent
from zhongtai.kernel.actus.terms import Reference, TermNotUnderstood, Terms, name_of
from zhongtai.kernel.refusals import Invalid

Numbers = NDArray[np.float64]

# Who is who, and what no function of any type reads.
_UNREAD = frozenset(
    {
        "contract_id",
        "creator_id",
        "counterparty_id",
        "seniority",
        "clearing_house",
        "unit",
        "contract_performance",
        "contract_deal_date",
        "market_value_observed",
        "non_performing_date",
        "option_exercise_end_date",
        "initial_margin",
        "maintenance_margin_lower_bound",
        "maintenance_margin_upper_bound",
        "variation_margin",
        "cycle_anchor_date_of_margining",
        "cycle_of_margining",
        "maximum_penalty_free_disbursement",
        "delinquency_rate",
        "delinquency_period",
        "grace_period",
        "prepayment_period",
        "credit_line_amount",
    }
)


def _fields_of(kind: type, *, arrays: bool) -> tuple[str, ...]:
    hints = get_type_hints(Terms)
    found = []
    for term in fields(Terms):
        told = [one for one in (get_args(hints[term.name]) or (hints[term.name],)) if one not in (NoneType, ...)]
        if told == [kind] and (get_origin(hints[term.name]) is tuple) is arrays and term.name not in _UNREAD:
            found.append(term.name)
    return tuple(found)


# Columns: a day or a number for each contract; arrays: a row of them for each. The rest contracts of a group share.
DATES, NUMBERS = _fields_of(datetime, arrays=False), _fields_of(Decimal, arrays=False)
DATE_ARRAYS, NUMBER_ARRAYS = _fields_of(datetime, arrays=True), _fields_of(Decimal, arrays=True)
COLUMNS = frozenset({*DATES, *NUMBERS, *DATE_ARRAYS, *NUMBER_ARRAYS})
_ACCRUING = frozenset(map(ContractType, ["PAM", "LAM", "NAM", "ANN", "LAX", "CLM", "UMP", "SWPPV"]))
# What is no part of others in columns: what is made of parts itself, and what is exercised.
_NO_PARTS = frozenset(map(ContractType, ["SWAPS", "CAPFL", "CEG", "CEC", "OPTNS", "FUTUR"]))
_GUARANTEES = frozenset({ContractType.CEG, ContractType.CEC})
# What is observed of a contract itself. A portfolio names as many of one type as an event's key has room for.
_SEEN = (EventType.AD, EventType.CE, EventType.PP, EventType.PR, EventType.PI, EventType.XD)
SEEN_MAX = 1000


class TermNotColumnar(Invalid):
    """Columns do not evaluate contracts of type {contract_type} with this {name}: evaluate them by `cash_flows`.

    列式引擎不支持{contract_type}类型合约的条款{name}：请使用`cash_flows`逐笔计算。
    """

    contract_type: str
    name: str


class Seen(NamedTuple):
    """Observed events of one type: days and values of the shape (contracts, events), `NEVER` where there are fewer."""

    days: Days
    values: Numbers


@dataclass(frozen=True)
class Group:
    """Contracts alike: a pattern of the terms they share, and columns, by the fields of `Terms`, of what differs.

    A column has a value for each contract, of an array term a row: int64 days since 1970-01-01 for a date, float64 for
    a number. `places` are the contracts' places in the portfolio. `seen` is what is observed of them by type of event;
    under XD, of a guarantee, the credit events that may exercise it. `parts` are the contracts of the contract
    structure in its order, None for what is only named; without `parts` those of the pattern belong to all.
    """

    pattern: Terms
    places: NDArray[np.int64]
    columns: Mapping[str, NDArray[Any]]
    seen: Mapping[EventType, Seen] = field(default_factory=dict)
    parts: tuple["Group | None", ...] = ()

    def __len__(self) -> int:
        return len(self.places)

    def told(self, name: str) -> bool:
        """Whether the term is defined; it is for all contracts of the group or for none."""
        return name in self.columns or getattr(self.pattern, name) is not None

    def days(self, name: str) -> Days:
        """The column of a date. Raises `TermMissing`."""
        if name in self.columns:
            return np.asarray(self.columns[name], dtype=np.int64)
        shared = day_number(self.pattern.need(getattr(self.pattern, name), name_of(name)))
        return np.broadcast_to(np.int64(shared), len(self))

    def numbers(self, name: str) -> Numbers:
        """The column of a number. Raises `TermMissing`."""
        if name in self.columns:
            return np.asarray(self.columns[name], dtype=np.float64)
        shared = float(self.pattern.need(getattr(self.pattern, name), name_of(name)))
        return np.broadcast_to(np.float64(shared), len(self))

    def day_arrays(self, name: str) -> Days:
        """The array of dates of each contract, of the shape (length, contracts)."""
        if name in self.columns:
            return np.asarray(self.columns[name], dtype=np.int64).T
        shared = np.array([day_number(moment) for moment in getattr(self.pattern, name)], dtype=np.int64)
        return np.broadcast_to(shared[:, np.newaxis], (len(shared), len(self)))

    def number_arrays(self, name: str) -> Numbers:
        """The array of numbers of each contract, of the shape (length, contracts)."""
        if name in self.columns:
            return np.asarray(self.columns[name], dtype=np.float64).T
        shared = np.array(getattr(self.pattern, name), dtype=np.float64)
        return np.broadcast_to(shared[:, np.newaxis], (len(shared), len(self)))

    def seen_of(self, kind: EventType) -> Seen:
        """What is observed of that type, of the shape (events, contracts)."""
        found = self.seen.get(kind)
        if found is None:
            return Seen(np.empty((0, len(self)), dtype=np.int64), np.empty((0, len(self))))
        return Seen(found.days.T, found.values.T)

    @property
    def structure(self) -> list[tuple[Reference, "Group | None"]]:
        """The parts of the contract structure, each with its contracts, None for what is only named."""
        parts = self.parts or tuple(
            None if told.contract is None else Group(told.contract, self.places, {})
            for told in self.pattern.contract_structure
        )
        return list(zip(self.pattern.contract_structure, parts, strict=True))

    def parts_of(self, role: ReferenceRole) -> list[tuple[Reference, "Group | None"]]:
        """The parts in that role. Raises `TermMissing` if there is none."""
        self.pattern.parts(role)
        return [(told, part) for told, part in self.structure if told.role is role]

    def with_terms(self, pattern: Terms, **columns: NDArray[Any] | None) -> "Group":
        """The group under another pattern, with other columns; a term given as None is told by the pattern alone."""
        kept = {name: column for name, column in self.columns.items() if name not in columns}
        given = {name: column for name, column in columns.items() if column is not None}
        return Group(pattern, self.places, kept | given, self.seen, self.parts)

    def taken(self, rows: NDArray[np.int64]) -> "Group":
        """Some contracts of the group, by their rows."""
        columns = {name: column[rows] for name, column in self.columns.items()}
        seen = {kind: Seen(told.days[rows], told.values[rows]) for kind, told in self.seen.items()}
        parts = tuple(None if part is None else part.taken(rows) for part in self.parts)
        return Group(self.pattern, self.places[rows], columns, seen, parts)

    def check(self) -> None:
        """Raises `TermNotColumnar`, or what `check_terms` raises for contracts whose terms cannot hold."""
        kind = self.pattern.contract_type
        if unknown := unknown_term(self.pattern):
            raise TermNotColumnar(contract_type=kind, name=name_of(unknown))
        for name, column in self.columns.items():
            if name not in COLUMNS:
                raise TermNotColumnar(contract_type=kind, name=name)
            if len(column) != len(self):
                raise TermNotUnderstood(
                    name=name_of(name), value=f"{len(column)} values", form="value of each contract"
                )
        check_terms(self.pattern)
        self._check_columns()
        for _, part in self.structure:
            if part is not None:
                part.check()

    def _check_columns(self) -> None:
        index = "scaling_index_at_contract_deal_date"
        if self.told(index) and (self.numbers(index) <= 0).any():
            value = str(self.numbers(index).min())
            raise TermNotUnderstood(name=name_of(index), value=value, form="number above zero")
        for first, second, rule in _ORDERS:
            read = self.days if first.endswith("date") else self.numbers
            if self.told(first) and self.told(second) and (read(first) > read(second)).any():
                contract = self.pattern.contract_id
                raise TermsContradict(contract=contract, first=name_of(first), second=name_of(second), rule=rule)
        for name in DATE_ARRAYS:
            days = self.day_arrays(name)
            if name in self.columns and (days[1:] <= days[:-1]).any():
                contract, told = self.pattern.contract_id, name_of(name)
                raise TermsContradict(contract=contract, first=told, second=told, rule="anchors ascend (section 3.2)")


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

    Those that columns do not know go to `others` with the name of the term, or with `observed events`.
    """
    alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
    others: dict[int, str] = {}
    sightings = _Sightings(observed or Observed())
    for place, terms in enumerate(contracts):
        if unknown := unknown_term(terms):
            others[place] = name_of(unknown)
        elif not sightings.are_columnar(terms):
            others[place] = "observed events"
        else:
            alike[_shape(terms)].append(place)
    groups = (_group([contracts[place] for place in places], places, sightings) for places in alike.values())
    return Portfolio(tuple(groups), others)


def unknown_term(terms: Terms) -> str:
    """The field of the first term that columns cannot take; empty if they take them all."""
    for name in DATES:
        moment = getattr(terms, name)
        if moment is not None and moment.time() != time():
            return name
    for name in DATE_ARRAYS:
        if any(moment.time() != time() for moment in getattr(terms, name)):
            return name
    if terms.day_count_convention is None and terms.contract_type in _ACCRUING:
        return "day_count_convention"
    for part in terms.contract_structure:
        if part.contract is not None and (part.contract.contract_type in _NO_PARTS or unknown_term(part.contract)):
            return "contract_structure"
    return ""


def day_number(moment: date) -> int:
    """A day, or that of a moment, as columns count it."""
    return moment.toordinal() - _EPOCH


def datetime_of(day: int) -> datetime:
    """The midnight of a day of a column."""
    return datetime.fromordinal(day + _EPOCH)


_EPOCH = date(1970, 1, 1).toordinal()


class _Sightings:
    """Observed events by the contract they name, read once for the whole portfolio."""

    def __init__(self, observed: Observed) -> None:
        self.by_name: dict[str, list[ObservedEvent]] = defaultdict(list)
        for event in sorted(observed.events, key=lambda event: event.time):
            self.by_name[event.contract_id].append(event)

    def of(self, terms: Terms, kind: EventType, *, is_part: bool) -> list[ObservedEvent]:
        """The events of that type of a contract, ascending; one that names no contract is of those that are no part."""
        if kind is EventType.XD and terms.contract_type in _GUARANTEES:
            return self.credit_events(terms)
        names = {terms.contract_id} if is_part else {"", terms.contract_id}
        found = [event for name in names for event in self.by_name.get(name, ()) if event.type is kind]
        return sorted(found, key=lambda event: event.time)

    def credit_events(self, terms: Terms) -> list[ObservedEvent]:
        """The credit events of the covered kinds and contracts."""
        covered = {part.contract_id for part in terms.contract_structure if part.role is ReferenceRole.COVE}
        events = (event for name in covered for event in self.by_name.get(name, ()))
        kinds = terms.credit_event_type_covered
        return [event for event in events if event.type is EventType.CE and event.performance in kinds]

    def are_columnar(self, terms: Terms, *, is_part: bool = False) -> bool:
        """Whether all are at midnights and there are not too many."""
        if not self.by_name:
            return True
        for kind in _SEEN:
            events = self.of(terms, kind, is_part=is_part)
            if len(events) > SEEN_MAX or any(event.time.time() != time() for event in events):
                return False
        parts = (part.contract for part in terms.contract_structure)
        return all(self.are_columnar(part, is_part=True) for part in parts if part is not None)

    def of_all(self, contracts: Sequence[Terms], *, is_part: bool) -> dict[EventType, Seen]:
        """What is seen of some contracts, by type."""
        if not self.by_name:
            return {}
        seen = {}
        for kind in _SEEN:
            rows = [self.of(terms, kind, is_part=is_part) for terms in contracts]
            if longest := max(map(len, rows)):
                days = np.full((len(rows), longest), NEVER)
                values = np.zeros((len(rows), longest))
                for row, events in enumerate(rows):
                    days[row, : len(events)] = [day_number(event.time) for event in events]
                    values[row, : len(events)] = [float(event.value) for event in events]
                seen[kind] = Seen(days, values)
        return seen


def _group(contracts: Sequence[Terms], places: Sequence[int], sightings: _Sightings, *, is_part: bool = False) -> Group:
    columns: dict[str, NDArray[Any]] = {}
    for name in COLUMNS:
        values = [getattr(terms, name) for terms in contracts]
        if values[0] is not None and values.count(values[0]) < len(values):
            columns[name] = _column(name, values)
    structures = zip(*(terms.contract_structure for terms in contracts), strict=True)
    parts = tuple(
        _group([part.contract for part in alike if part.contract], places, sightings, is_part=True)
        if alike[0].contract
        else None
        for alike in structures
    )
    seen = sightings.of_all(contracts, is_part=is_part)
    return Group(contracts[0], np.array(places, dtype=np.int64), columns, seen, parts)


def _column(name: str, values: Sequence[Any]) -> NDArray[Any]:
    if name in DATES:
        return np.array([day_number(value) for value in values], dtype=np.int64)
    if name in DATE_ARRAYS:
        return np.array([[day_number(moment) for moment in value] for value in values], dtype=np.int64)
    return np.array(values, dtype=np.float64)


def _shape(terms: Terms) -> tuple[object, ...]:
    """What contracts of one group share."""
    told = tuple(value is None for value in _OPTIONAL(terms))
    # The dividends of a stock may be observed under its own name.
    is_named = terms.contract_type is ContractType.STK and terms.market_object_code_of_dividends is None
    parts = (
        (part.role, part.type, part.code if part.contract is None else _shape(part.contract))
        for part in terms.contract_structure
    )
    return told, tuple(map(len, _ARRAYS(terms))), _SHARED(terms), terms.contract_id if is_named else "", *parts


_OPTIONAL = attrgetter(*DATES, *NUMBERS)
_ARRAYS = attrgetter(*DATE_ARRAYS, *NUMBER_ARRAYS)
_SHARED = attrgetter(
    *(term.name for term in fields(Terms) if term.name not in {*COLUMNS, *_UNREAD, "contract_structure"})
)
