"""The matching of many lines with many items at once, by columns. Pure, and the same for any order of what it is given.

Each rule takes what the rules before it have left. Lines and items are tried in the order of their value dates and ids;
of dates only a window may be apart, for which taking the earliest that fits pairs as many as can be paired (the greedy
matching of unit intervals).
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np

from zhongtai.operations.matching_rule.domain import ItemKey, LineKey, MatchingRule, MatchShape

# How many items of about the same amount one line is compared with.
CANDIDATES_MAX = 100


@dataclass(frozen=True, slots=True)
class Columns:
    """Open lines, or open items: each column holds one thing of all of them. Days are ordinals, amounts minor units."""

    ids: Sequence[str]
    days: Sequence[int]
    amounts: Sequence[int]
    references: Sequence[str]
    end_to_end_ids: Sequence[str]
    texts: Sequence[str] = ()

    def in_order(self) -> list[int]:
        """The places of all, by day and id."""
        if not self.ids:
            return []
        return [int(place) for place in np.lexsort((np.array(self.ids), np.array(self.days)))]

    def sum(self, places: Sequence[int]) -> int:
        """What some come to; nearly always it is one."""
        return self.amounts[places[0]] if len(places) == 1 else sum(self.amounts[place] for place in places)


class Found(NamedTuple):
    """One match: the rule, and the places of its lines and items."""

    rule: MatchingRule
    lines: tuple[int, ...]
    items: tuple[int, ...]


def match(rules: Sequence[MatchingRule], lines: Columns, items: Columns) -> list[Found]:
    """Every match, in the order of the rules."""
    open_lines, open_items = lines.in_order(), items.in_order()
    found: list[Found] = []
    for rule in rules:
        line_keys, item_keys = _line_keys(rule, lines, open_lines), _item_keys(rule, items, open_items)
        part = list(_by_shape(rule, _Sides(lines, items, line_keys, item_keys)))
        taken_lines = {place for one in part for place in one.lines}
        taken_items = {place for one in part for place in one.items}
        open_lines = [place for place in open_lines if place not in taken_lines]
        open_items = [place for place in open_items if place not in taken_items]
        found += part
    return found


@dataclass(frozen=True, slots=True)
class _Groups:
    """Places by key, in the order of days and ids. Nearly every key has one: only of others there is a list."""

    first: dict[str, int]
    several: dict[str, list[int]]

    @classmethod
    def of(cls, keyed: Iterable[tuple[str, int]]) -> "_Groups":
        """The places by their keys; what has no key is left out."""
        first: dict[str, int] = {}
        several: dict[str, list[int]] = {}
        for key, place in keyed:
            if key and first.setdefault(key, place) != place:
                several.setdefault(key, [first[key]]).append(place)
        return cls(first, several)

    def places(self, key: str) -> list[int]:
        """All of a key."""
        return self.several.get(key) or [self.first[key]]


@dataclass(frozen=True, slots=True)
class _Sides:
    """Both sides for one rule."""

    lines: Columns
    items: Columns
    of_lines: _Groups
    of_items: _Groups

    def single(self) -> Iterator[tuple[int, int]]:
        """The line and the item of each key that has one of both."""
        items, several, other = self.of_items.first, self.of_lines.several, self.of_items.several
        for key, line in self.of_lines.first.items():
            if key in items and key not in several and key not in other:
                yield line, items[key]

    def repeated(self) -> Iterator[tuple[list[int], list[int]]]:
        """The lines and items of each key that is on both sides and has several of one."""
        for key in self.of_lines.first:
            if key in self.of_items.first and (key in self.of_lines.several or key in self.of_items.several):
                yield self.of_lines.places(key), self.of_items.places(key)

    def common(self) -> Iterator[tuple[list[int], list[int]]]:
        """The lines and items of each key that is on both sides."""
        yield from (([line], [item]) for line, item in self.single())
        yield from self.repeated()


def _by_shape(rule: MatchingRule, sides: _Sides) -> Iterator[Found]:
    match rule.shape:
        case MatchShape.ONE_TO_ONE if rule.tolerance_minor:
            return _near(rule, sides)
        case MatchShape.ONE_TO_ONE:
            return _exact(rule, sides)
        case MatchShape.ALONE:
            return _alone(rule, sides)
        case _:
            return _together(rule, sides)


def _exact(rule: MatchingRule, sides: _Sides) -> Iterator[Found]:
    """Pairs of one amount: both sides are walked along in the order of their days."""
    lines, items, window = sides.lines, sides.items, rule.window_days
    for line, item in sides.single():
        if lines.amounts[line] == items.amounts[item] and abs(lines.days[line] - items.days[item]) <= window:
            yield Found(rule, (line,), (item,))
    for of_lines, of_items in sides.repeated():
        by_amount: dict[int, list[int]] = defaultdict(list)
        for place in of_items:
            by_amount[items.amounts[place]].append(place)
        walked: dict[int, int] = defaultdict(int)
        for line in of_lines:
            amount, day = lines.amounts[line], lines.days[line]
            same = by_amount.get(amount, [])
            at = walked[amount]
            while at < len(same) and items.days[same[at]] < day - window:
                at += 1
            if at < len(same) and items.days[same[at]] <= day + window:
                yield Found(rule, (line,), (same[at],))
                at += 1
            walked[amount] = at


def _near(rule: MatchingRule, sides: _Sides) -> Iterator[Found]:
    """Pairs of amounts on the same side of zero: each line takes the nearest amount, then the nearest day."""
    for of_lines, of_items in sides.common():
        ordered = sorted(
            (sides.items.amounts[place], sides.items.days[place], rank) for rank, place in enumerate(of_items)
        )
        for line in of_lines:
            amount, day = sides.lines.amounts[line], sides.lines.days[line]
            best: tuple[int, int, int, int] | None = None
            for at in islice(_outward(ordered, amount, day, rule.tolerance_minor), CANDIDATES_MAX):
                other, other_day, _ = ordered[at]
                apart, days = abs(other - amount), abs(other_day - day)
                if best is not None and apart > best[0]:
                    break
                if (other < 0) is (amount < 0) and days <= rule.window_days:
                    found = (apart, days, ordered[at][2], at)
                    best = found if best is None else min(best, found)
            if best is not None:
                _, _, rank = ordered.pop(best[3])
                yield Found(rule, (line,), (of_items[rank],))


def _outward(ordered: Sequence[tuple[int, int, int]], amount: int, day: int, tolerance: int) -> Iterator[int]:
    """The places of amounts within a tolerance, the nearest first."""
    above = bisect_left(ordered, (amount, day, 0))
    below = above - 1
    while True:
        up = ordered[above][0] - amount if above < len(ordered) else tolerance + 1
        down = amount - ordered[below][0] if below >= 0 else tolerance + 1
        if min(up, down) > tolerance:
            return
        if up <= down:
            yield above
            above += 1
        else:
            yield below
            below -= 1


def _together(rule: MatchingRule, sides: _Sides) -> Iterator[Found]:
    """All of a key against one of it, where there is one only."""
    for of_lines, of_items in sides.common():
        one, many = (of_lines, of_items) if rule.shape is MatchShape.ONE_TO_MANY else (of_items, of_lines)
        if len(one) != 1 or len(many) < 2:
            continue
        days = [sides.lines.days[place] for place in of_lines] + [sides.items.days[place] for place in of_items]
        apart = abs(sides.lines.sum(of_lines) - sides.items.sum(of_items))
        if max(days) - min(days) <= rule.window_days and apart <= rule.tolerance_minor:
            yield Found(rule, tuple(of_lines), tuple(of_items))


def _alone(rule: MatchingRule, sides: _Sides) -> Iterator[Found]:
    """Lines for which the ledger has nothing."""
    for key in sides.of_lines.first:
        for place in sides.of_lines.places(key):
            if 0 < abs(sides.lines.amounts[place]) <= rule.tolerance_minor:
                yield Found(rule, (place,), ())


def _line_keys(rule: MatchingRule, lines: Columns, places: Sequence[int]) -> _Groups:
    match rule.line_key:
        case LineKey.NOTHING:
            return _all(places)
        case LineKey.TEXT:
            return _Groups.of((rule.found_in(lines.texts[place]), place) for place in places)
        case LineKey.VALUE_DATE:
            return _Groups.of((str(lines.days[place]), place) for place in places)
        case LineKey.REFERENCE:
            return _Groups.of((lines.references[place], place) for place in places)
        case LineKey.END_TO_END_ID:
            return _Groups.of((lines.end_to_end_ids[place], place) for place in places)


def _item_keys(rule: MatchingRule, items: Columns, places: Sequence[int]) -> _Groups:
    match rule.item_key:
        case ItemKey.NOTHING:
            return _all(places)
        case ItemKey.VALUE_DATE:
            return _Groups.of((str(items.days[place]), place) for place in places)
        case ItemKey.REFERENCE:
            return _Groups.of((items.references[place], place) for place in places)
        case ItemKey.END_TO_END_ID:
            return _Groups.of((items.end_to_end_ids[place], place) for place in places)


def _all(places: Sequence[int]) -> _Groups:
    """The places in one group, of no key."""
    return _Groups({"": places[0]}, {"": list(places)} if len(places) > 1 else {}) if places else _Groups({}, {})


@dataclass(frozen=True, slots=True)
class Near:
    """A member and its amount."""

    minor_units: int
    member_id: str


@dataclass(frozen=True, slots=True)
class ByAmount:
    """The members of a side in the order of their amounts."""

    amounts: Sequence[int]
    ids: Sequence[str]

    @classmethod
    def of(cls, columns: Columns) -> "ByAmount":
        """Those of some columns."""
        ordered = sorted(zip(columns.amounts, columns.ids, strict=True))
        return cls([amount for amount, _ in ordered], [member_id for _, member_id in ordered])

    def nearest(self, amount: int) -> Near | None:
        """The member whose amount comes nearest, of several the first by its id; None where there is none."""
        above = bisect_left(self.amounts, amount)
        below = bisect_left(self.amounts, self.amounts[above - 1]) if above else len(self.ids)
        around = [Near(self.amounts[place], self.ids[place]) for place in (below, above) if place < len(self.ids)]
        return min(around, key=lambda near: (abs(near.minor_units - amount), near.member_id), default=None)
