"""One case of a script: its balances and variables, what it expects, and the first thing our rule does otherwise."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.cases.numscript.scripts import Script, ScriptNotUnderstood, script
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.posting_flow.domain import FundsMissing, Moved, SentAmountMustNotBeNegative, evaluate
from zhongtai.operations.posting_term.domain import Amount
from zhongtai.operations.posting_text.domain import amount, flow, share

WORLD = "world"
_ERRORS: dict[str, type[Refusal]] = {
    "missingFunds": FundsMissing,
    "negativeAmount": SentAmountMustNotBeNegative,
}
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """How a case went; no difference is a pass."""

    file: str
    case: str
    difference: str = ""


class Accounts:
    """The balances and the metadata of a case; the world has no bound."""

    def __init__(self, balances: Iterable[Row], metadata: Mapping[str, Mapping[str, str]]) -> None:
        self.units = {(row["account"], *_coloured(row["asset"], row.get("color"))): row["amount"] for row in balances}
        self._metadata = metadata

    def balance(self, account: str, currency: str, colour: str) -> int:
        """The units there are."""
        return int(self.units.get((account, currency, colour), 0))

    def overdraft(self, account: str, currency: str) -> int | None:
        """None of any account, but of the world all that is asked."""
        return None if account == WORLD else 0

    def currencies(self, account: str) -> list[str]:
        """The assets an account has."""
        return [asset for owner, asset, _ in self.units if owner == account]

    def metadata(self, account: str, key: str) -> str | None:
        """What is kept with an account."""
        return self._metadata.get(account, {}).get(key)


def outcomes(files: Iterable[Row]) -> Iterator[Outcome]:
    """Every case of every file."""
    for file in files:
        for case in file["cases"]:
            yield Outcome(file["file"], case.get("it", "-"), difference(file, case))


def difference(file: Row, case: Row) -> str:
    """The first thing that a case expects and our rule does otherwise; "" where there is none."""
    defaults = file.get("defaults", {})
    accounts = Accounts(
        [*defaults.get("balances", []), *case.get("balances", [])],
        {**defaults.get("metadata", {}), **case.get("metadata", {})},
    )
    expected = {key.removeprefix("expect."): value for key, value in case.items() if key.startswith("expect.")}
    errors = [key for key, value in expected.items() if key.startswith("error") and value]
    try:
        read = script(file["script"])
        given = _given(read, {**defaults.get("variables", {}), **case.get("variables", {})})
        moved = evaluate(flow(read.flow), given.__getitem__, accounts)
    except Refusal as refusal:
        kinds = [_ERRORS.get(key.removeprefix("error."), Refusal) for key in errors]
        return "" if any(isinstance(refusal, kind) for kind in kinds) else f"refused: {refusal}"
    except (ScriptNotUnderstood, LookupError, ValueError) as problem:
        return f"{type(problem).__name__}: {problem}"
    if errors:
        return f"{errors[0]} expected, got {moved.postings}"
    found = _found(moved, accounts, expected)
    for key, value in expected.items():
        if not key.startswith("error") and found.get(key) != _told(key, value):
            return f"{key}: expected {value}, got {found.get(key)}"
    return ""


def _given(read: Script, variables: Mapping[str, str]) -> dict[str, Any]:
    """The variables of a case, each as its declared type."""
    types: dict[str, Any] = {"number": int, "portion": share, "monetary": amount}
    return {name: types.get(kind, str)(variables[name]) for name, kind in read.given.items()}


def _found(moved: Moved, accounts: Accounts, expected: Row) -> dict[str, Any]:
    """What our rule did, in the places where a case tells it."""
    movements: Counter[tuple[str, str, str, str]] = Counter()
    ends = Counter(accounts.units)
    for posting in moved.postings:
        movements[posting.source, posting.destination, posting.currency, posting.colour] += posting.units
        ends[posting.source, posting.currency, posting.colour] -= posting.units
        ends[posting.destination, posting.currency, posting.colour] += posting.units
    asked = _told("endBalances", expected.get("endBalances", expected.get("endBalances.include", [])))
    end_balances = {place: ends[place] for place in asked}
    return {
        "postings": [
            ((posting.source, posting.destination, posting.currency, posting.colour), posting.units)
            for posting in moved.postings
        ],
        "movements": movements,
        "endBalances": end_balances,
        "endBalances.include": end_balances,
        "txMetadata": {key: _text(value) for key, value in moved.notes.items()},
        "metadata": {
            account: {key: _text(value) for key, value in notes.items()}
            for account, notes in moved.account_notes.items()
        },
    }


def _told(key: str, value: Any) -> Any:
    """What a case expects, in the form of `_found`."""
    if key in ("postings", "movements"):
        rows = [
            ((row["source"], row["destination"], *_coloured(row["asset"], row.get("color"))), row["amount"])
            for row in value or []
        ]
        return rows if key == "postings" else Counter(dict(rows))
    if key in ("endBalances", "endBalances.include"):
        return {(row["account"], *_coloured(row["asset"], row.get("color"))): row["amount"] for row in value or []}
    return value


def _coloured(asset: str, colour: str | None) -> tuple[str, str]:
    """An asset and its colour, which older cases write into the asset: USD_RED/2."""
    written = re.fullmatch(r"([A-Z0-9]+)_([A-Z0-9_]+)(/[0-9]+)?", asset)
    return (written[1] + (written[3] or ""), written[2]) if written else (asset, colour or "")


def _text(value: Any) -> str:
    """A value as the metadata of a transaction tells it."""
    if isinstance(value, Amount):
        return f"{value.currency} {value.units}"
    return f"{value.numerator}/{value.denominator}" if isinstance(value, Fraction) else str(value)
