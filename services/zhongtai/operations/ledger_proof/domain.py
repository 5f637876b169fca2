"""The proofs of a day (账务核对): what must agree at its end, each with its breaks down to the entry.

Always true: a proof holds exactly where it has no break; proving reads, and changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from zhongtai.kernel.money import Money

# So many breaks of one proof are told one by one; a fault that touches everything is one fault.
BREAKS_MAX = 200


class ProofKind(StrEnum):
    """What is proven."""

    TRIAL_BALANCE = "TRIAL_BALANCE"
    SUB_LEDGER = "SUB_LEDGER"
    SUSPENSE = "SUSPENSE"
    CLEARING = "CLEARING"
    PAYMENTS_IN_TRANSIT = "PAYMENTS_IN_TRANSIT"
    EXPOSURE = "EXPOSURE"
    RECONCILIATION = "RECONCILIATION"


@dataclass(frozen=True, slots=True)
class ProofBreak:
    """One thing that does not agree: whose figure it is, what it is and should be, the entry it comes from if known."""

    subject: str
    entry_id: str
    expected: Money
    found: Money


@dataclass(frozen=True, slots=True)
class LedgerProof:
    """One proof: so many things were compared, these differ, and so many more."""

    kind: ProofKind
    compared: int
    breaks: tuple[ProofBreak, ...]
    breaks_left: int = 0

    @property
    def holds(self) -> bool:
        """True where nothing differs."""
        return not self.breaks and not self.breaks_left


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in minor units, and the last entry that it comes from, where that is known."""

    minor_units: int
    entry_id: str = ""


@dataclass(frozen=True, slots=True)
class OpenExposureBreak:
    """A difference between limits, loans and the ledger that credit has found and not seen resolved."""

    break_id: str
    subject: str
    counted: Money
    owed: Money


Figures = Mapping[tuple[str, str], Figure]
_NOTHING = Figure(0)


def compared(kind: ProofKind, expected: Figures, found: Figures) -> LedgerProof:
    """Holds figures against each other by subject and currency; what is on one side only is nothing on the other."""
    breaks = []
    for subject, currency in sorted({*expected, *found}):
        due, is_there = expected.get((subject, currency), _NOTHING), found.get((subject, currency), _NOTHING)
        if due.minor_units != is_there.minor_units:
            entry_id = is_there.entry_id or due.entry_id
            amounts = Money(currency, due.minor_units), Money(currency, is_there.minor_units)
            breaks.append(ProofBreak(subject, entry_id, *amounts))
    return told(kind, len({*expected, *found}), breaks)


def unpaired(figures: Figures) -> dict[tuple[str, str], Figure]:
    """The figures that have no opposite one of their amount; of more on one side the newest entries are left."""
    sides: dict[tuple[str, int], dict[bool, list[tuple[str, str]]]] = {}
    for place, figure in sorted(figures.items(), key=lambda one: one[1].entry_id):
        both = sides.setdefault((place[1], abs(figure.minor_units)), {True: [], False: []})
        both[figure.minor_units > 0].append(place)
    left = [
        place
        for both in sides.values()
        for side in (True, False)
        for place in both[side][min(len(both[True]), len(both[False])) :]
    ]
    return {place: figures[place] for place in left}


def told(kind: ProofKind, compared_count: int, breaks: Sequence[ProofBreak]) -> LedgerProof:
    """A proof with as many of its breaks as are told."""
    return LedgerProof(kind, compared_count, tuple(breaks[:BREAKS_MAX]), max(0, len(breaks) - BREAKS_MAX))
