"""What a night makes of all contracts of a partition at once, in columns of whole numbers.

Shapes: every column is (n,) of 64 bits, one place for each contract. What one contract gets is what `domain` tells of
its interest, and what `provisioning` tells of its category, stage and allowance; property tests hold rows and columns
together. Products of columns stay below 2⁶²: what could leave it is worked out one by one, by the rules of `domain`.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from zhongtai.credit.loan_day import domain
from zhongtai.credit.loan_day.domain import night_rates
from zhongtai.credit.loan_day.engine import provisioning
from zhongtai.credit.loan_day.engine.columns import (
    BEHIND,
    COLUMNS,
    NO_ROW,
    TERMS,
    Columns,
    Flags,
    Integers,
    News,
    Periods,
    Terms,
    Told,
    total,
)
from zhongtai.credit.loan_day.engine.provisioning import Night, Standing

_STANDING = ("outstanding", "oldest_due", "flags", "category_at_least", "upgradable_from")
_COVER = ("collateral", "guarantee", "undrawn", "initial_loss")
_INTEREST = ("number", "ends_on", "accruing", "accrued", "remainder", "recognised")


def grown(columns: Columns, terms: Terms, news: News) -> tuple[Columns, Terms]:
    """Columns with the places that are new, and terms as they are agreed now."""
    old = len(columns.ends_on)
    new = max(int(news.at.max()) + 1 - old, 0) if len(news.at) else 0

    def longer(values: Integers) -> Integers:
        return np.concatenate([values, np.zeros(new, np.int64)])

    agreed = {name: longer(getattr(terms, name)) for name in TERMS}
    for name, values in agreed.items():
        values[news.at] = getattr(news, name)
    return Columns(**{name: longer(getattr(columns, name)) for name in COLUMNS}), Terms(**agreed)


def rolling(night: Night, before: Columns, news: News) -> NDArray[np.intp]:
    """The places whose period ended and is not told anew."""
    ended = (before.ends_on > BEHIND) & (before.ends_on <= night.day)
    ended[news.at[news.told != Told.NOTHING]] = False
    return np.flatnonzero(ended)


def closed(night: Night, before: Columns, terms: Terms, news: News, periods: Periods) -> Columns:
    """The rows of the day from those of the day before, `grown` by the news; `periods` are those `rolling`."""
    interest = _interest(night, before, terms, news, periods)
    standing = {name: getattr(before, name).copy() for name in (*_STANDING, *_COVER)}
    for name, values in standing.items():
        values[news.at] = getattr(news, name)
    after = replace(before, **interest, **standing, accrual=interest["recognised"] - before.recognised)
    owed = after.is_owed
    late = owed & (after.oldest_due > 0) & (after.oldest_due < night.day)
    days = np.where(late, night.day - after.oldest_due, 0)
    standings = Standing(night, before, after, terms, days)
    after = replace(after, category=np.where(owed, provisioning.categories(standings), 0))
    stage, clean_since = provisioning.stages(replace(standings, after=after))
    after = replace(after, stage=np.where(owed, stage, 1), clean_since=np.where(owed, clean_since, 0))
    allowance = provisioning.allowances(replace(standings, after=after), news.at)
    change = allowance - before.allowance
    change[news.at] -= news.moved
    # Only the day on which a contract ended has a row that says so, and a day that takes something back of one.
    has_row = owed | before.is_owed
    has_row[news.at[news.moved != 0]] = True
    ends_on = np.where(has_row, after.ends_on, NO_ROW)
    known = {name: np.where(owed, values, 0) for name, values in standing.items()}
    return replace(after, **known, ends_on=ends_on, allowance=allowance, allowance_change=change)


def reclassified(before: Columns, after: Columns) -> Flags:
    """Which contracts moved to another category or stage."""
    moved = (before.category != after.category) | (before.stage != after.stage)
    found: Flags = before.is_owed & after.is_owed & moved
    return found


def totals(before: Columns, after: Columns) -> dict[str, int]:
    """The sums of a partition's rows, by the fields of `PartitionFigures`."""
    accrual, change = after.accrual, after.allowance_change
    return {
        "loans": int((after.ends_on != NO_ROW).sum()),
        "outstanding_minor": total(after.outstanding),
        "interest_accrued_minor": total(accrual[accrual > 0]),
        "interest_reversed_minor": -total(accrual[accrual < 0]),
        "allowance_minor": total(after.allowance),
        "allowance_raised_minor": total(change[change > 0]),
        "allowance_released_minor": -total(change[change < 0]),
        "reclassified": int(reclassified(before, after).sum()),
    }


def _interest(night: Night, before: Columns, terms: Terms, news: News, periods: Periods) -> dict[str, Integers]:
    """The columns of the interest: periods that ended are made their instalments', then the night is added."""
    found = {name: getattr(before, name).copy() for name in _INTEREST}
    at = periods.at
    found["recognised"][at] += periods.interest - found["accrued"][at]
    found["accrued"][at] = found["remainder"][at] = 0
    found["ends_on"][at], found["accruing"][at] = periods.ends_on, periods.accruing
    found["number"][at] += periods.ends_on != BEHIND
    _add_night(night, found, terms, before.is_owed)
    for told, names in {
        Told.OPENED: _INTEREST,
        Told.ENDED: tuple(name for name in _INTEREST if name != "number"),
        Told.ELSEWHERE: tuple(name for name in _INTEREST if name != "recognised"),
        Told.ELSEWHERE_ENDED: ("ends_on", "accruing", "accrued", "remainder"),
    }.items():
        chosen = news.told == told
        for name in names:
            found[name][news.at[chosen]] = getattr(news, name)[chosen]
        if "recognised" not in names:
            found["recognised"][news.at[chosen]] = before.recognised[news.at[chosen]]
    return found


def _add_night(night: Night, found: dict[str, Integers], terms: Terms, running: Flags) -> None:
    """Adds the night to the columns in place; what could leave 64 bits is worked out one by one."""
    rates = [night_rates(profile, night.on) for _, profile in night.profiles]
    row = night.rows(terms)
    widest = np.array([it.widest for it in rates], np.int64)[row]
    narrow = running & (found["accruing"] <= widest)
    # Parts of a profile that is too fine do not matter here: its contracts are worked out below.
    nightly = np.array([it.nightly if it.widest >= 0 else 0 for it in rates], np.int64)[row]
    unit = np.array([it.unit if it.widest >= 0 else 1 for it in rates], np.int64)[row]
    parts = np.where(narrow, found["remainder"] + np.where(narrow, found["accruing"], 0) * nightly, 0)
    doubled = 2 * parts + unit
    added = doubled // (2 * unit)
    added -= (doubled == added * 2 * unit) & ((found["accrued"] + added) % 2 == 1)
    added = np.where(narrow, added, 0)
    found["accrued"] += added
    found["recognised"] += added
    found["remainder"] = np.where(narrow, parts - added * unit, found["remainder"])
    for at in np.flatnonzero(running & ~narrow).tolist():
        one = rates[int(row[at])]
        before = domain.Accrual(0, None, *(int(found[name][at]) for name in _INTEREST[2:]))
        after = domain.carried(before, one)
        found["accrued"][at], found["remainder"][at] = after.accrued_minor, after.remainder
        found["recognised"][at] = after.recognised_minor
