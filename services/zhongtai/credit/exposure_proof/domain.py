"""The proof of exposure (敞口核对): limits, loans and the ledger tell the same, and each difference is a break.

Always true: a difference has one open break however often it is found, and a break ends only when the figures agree
again. Proving a second time where nothing has changed changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Missing

# 贷款, the account of the general ledger that holds what customers owe on loans.
LOANS_ACCOUNT_CODE = "1303"
# A fault that touches everything is one fault: it does not open a work order for each of a million limits.
BREAKS_AT_ONCE = 1_000
# Nobody who waits for the writer waits for more breaks than these.
WRITTEN_AT_ONCE = 100


class ExposureProofNotFound(Missing):
    """Exposure was not proven on {business_date}: prove it first.

    {business_date}尚未核对敞口：请先执行核对。
    """

    business_date: date


class BreakKind(StrEnum):
    """What does not agree."""

    LIMIT = "LIMIT"
    LEDGER = "LEDGER"
    NODE = "NODE"


class BreakStatus(StrEnum):
    """How a break stands."""

    OPEN = "OPEN"
    RESOLVED = "RESOLVED"


@dataclass(frozen=True, slots=True)
class LedgerExposure:
    """What the general ledger has of a loan in one currency, as far as its entries have arrived."""

    loan_id: str
    currency_code: str
    balance: int

    def posted(self, minor_units: int) -> "LedgerExposure":
        """The balance after a debit (above zero) or a credit (below)."""
        return replace(self, balance=self.balance + minor_units)


@dataclass(frozen=True, slots=True)
class Difference:
    """Two figures of one thing in one currency that should be the same, and are not."""

    kind: BreakKind
    subject: str
    counted: Money
    owed: Money

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from others."""
        return self.kind, self.subject, self.counted.currency


@dataclass(frozen=True, slots=True)
class ExposureTotal:
    """What was compared in one currency."""

    used: Money
    outstanding: Money
    ledger: Money


@dataclass(frozen=True, slots=True)
class ExposureProof:
    """The proof of a business date, as it was run last."""

    business_date: date
    limits: int
    loans: int
    nodes: int
    open_breaks: int
    differences_left: int
    totals: tuple[ExposureTotal, ...]

    @property
    def proven(self) -> bool:
        """True where nothing differs."""
        return not self.open_breaks and not self.differences_left


@dataclass(frozen=True, slots=True)
class ExposureBreakFound:
    """A difference was found."""

    break_id: str
    kind: BreakKind
    subject: str
    counted: Money
    owed: Money
    found_on: date


@dataclass(frozen=True, slots=True)
class ExposureBreakResolved:
    """A difference is gone."""

    break_id: str
    resolved_on: date


@dataclass(frozen=True, slots=True)
class ExposureBreak:
    """A difference that was found, with the figures of the last time it was seen."""

    break_id: str
    kind: BreakKind
    subject: str
    counted: Money
    owed: Money
    status: BreakStatus
    found_on: date
    seen_on: date
    resolved_on: date | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """The key of its difference."""
        return self.kind, self.subject, self.counted.currency

    def seen(self, difference: Difference, on: date) -> "ExposureBreak":
        """The break, found again."""
        return replace(self, counted=difference.counted, owed=difference.owed, seen_on=on)

    def resolve(self, on: date) -> "ExposureBreak":
        """The break, gone."""
        return replace(self, status=BreakStatus.RESOLVED, resolved_on=on)


@dataclass(frozen=True, slots=True)
class Findings:
    """What a comparison made of the breaks that were open and of the differences it found."""

    found: tuple[ExposureBreak, ...] = ()
    seen: tuple[ExposureBreak, ...] = ()
    resolved: tuple[ExposureBreak, ...] = ()
    left: int = 0

    @property
    def facts(self) -> tuple[ExposureBreakFound | ExposureBreakResolved, ...]:
        """What is told of them."""
        return (
            *(ExposureBreakFound(x.break_id, x.kind, x.subject, x.counted, x.owed, x.found_on) for x in self.found),
            *(ExposureBreakResolved(x.break_id, x.resolved_on) for x in self.resolved if x.resolved_on is not None),
        )

    def pieces(self) -> Iterator["Findings"]:
        """The same in pieces that are short to write."""
        for first in range(0, max(len(self.found), len(self.seen), len(self.resolved)), WRITTEN_AT_ONCE):
            part = slice(first, first + WRITTEN_AT_ONCE)
            yield Findings(self.found[part], self.seen[part], self.resolved[part])

    def fresh(self, already_open: Iterable[ExposureBreak]) -> "Findings":
        """The same where other breaks are open by now: none is opened beside another, none is touched that ended."""
        known = {one.key: one.break_id for one in already_open}
        return replace(
            self,
            found=tuple(one for one in self.found if one.key not in known),
            seen=tuple(one for one in self.seen if known.get(one.key) == one.break_id),
            resolved=tuple(one for one in self.resolved if known.get(one.key) == one.break_id),
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything compared as of one moment: the proof, and what it makes of the breaks."""

    proof: ExposureProof
    findings: Findings


def findings(
    differences: Iterable[Difference], already_open: Iterable[ExposureBreak], *, on: date, new_id: Callable[[], str]
) -> Findings:
    """Sets the differences of a day against the breaks that are open: new ones, those seen again, those gone."""
    known = {one.key: one for one in already_open}
    found: list[ExposureBreak] = []
    seen: list[ExposureBreak] = []
    left = 0
    for difference in differences:
        earlier = known.pop(difference.key, None)
        if earlier is not None:
            seen.append(earlier.seen(difference, on))
        elif len(found) < BREAKS_AT_ONCE:
            figures = (difference.kind, difference.subject, difference.counted, difference.owed)
            found.append(ExposureBreak(new_id(), *figures, BreakStatus.OPEN, on, on))
        else:
            left += 1
    return Findings(tuple(found), tuple(seen), tuple(one.resolve(on) for one in known.values()), left)
