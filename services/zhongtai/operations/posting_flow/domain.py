"""What a posting rule moves (资金流): from the words of a rule and the balances of accounts to exact postings.

A send first takes money from its source, account by account, into one queue, then hands the queue to its destination
from the front; so what came first goes where the rule says first. Money that is taken is off the account at once, so
no account gives twice what it has. Shares are rounded down, and the units that are left go to the first shares, one
to each. A share of nothing gets nothing; a posting of nothing is not made.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from zhongtai.kernel.refusals import Invalid, Unmet
from zhongtai.operations.posting_term.domain import (
    DIGITS_MAX,
    Balances,
    Destination,
    Flow,
    FromAccount,
    FromCapped,
    FromInOrder,
    FromOneOf,
    FromShares,
    Kept,
    Known,
    Note,
    Send,
    SendAll,
    SetAside,
    Source,
    Step,
    ToAccount,
    ToInOrder,
    ToOneOf,
    ToShares,
)
from zhongtai.operations.posting_text.domain import shares_must_be_one
from zhongtai.operations.posting_value.domain import Values

POSTINGS_MAX = 1_000


class FundsMissing(Unmet):
    """The sources of the rule have {available} of the {needed} {currency} units it sends: send less, or pay in first.

    记账规则的资金来源仅有{available}，需{needed}（{currency}最小单位）：请减少金额，或先存入资金。
    """

    currency: str
    needed: int
    available: int


class SentAmountMustNotBeNegative(Invalid):
    """The rule would move {units} {currency} units: let the amount be zero or more.

    记账规则拟划转{units}（{currency}最小单位）：金额不得为负。
    """

    currency: str
    units: int


class SendAllMustBeBounded(Invalid):
    """All of what {source} has is without bound: state an amount, or a cap.

    {source}可用金额无上限，不能全部划转：请写明金额或上限。
    """

    source: str


class PostingsExhausted(Invalid):
    """The rule makes more than {maximum} postings: split it.

    记账规则产生的分录超过{maximum}笔：请拆分规则。
    """

    maximum: int


@dataclass(frozen=True, slots=True)
class Posting:
    """Units that go from one account to another."""

    source: str
    destination: str
    currency: str
    units: int
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a flow comes to: postings in their order, notes by key, notes of accounts, the values it named."""

    postings: tuple[Posting, ...]
    notes: dict[str, Known]
    account_notes: dict[str, dict[str, Known]]
    named: dict[str, Known]


@dataclass(frozen=True, slots=True)
class _Taken:
    """Units in the queue, and where they came from."""

    account: str
    colour: str
    units: int


def evaluate(flow: Flow, read: Callable[[str], Any], balances: Balances) -> Moved:
    """What a flow moves: `read` gives a field of what happened by its path, `balances` what accounts have.

    Raises one of the refusals above, `CurrencyMustMatch`, `SharesMustBeOne`, or what `read` and `balances` raise.
    """
    values = Values(read, balances)
    for name, term in flow.named:
        values.named[name] = values.known(term)
    run = _Run(values)
    for step in flow.steps:
        run.step(step)
    return Moved(tuple(run.postings), run.notes, run.account_notes, values.named)


def allot(shares: Sequence[Fraction | None], units: int) -> list[int]:
    """Shares of whole units; None is the remainder. Each is rounded down, what is left goes to the first, one each."""
    given = [each for each in shares if each is not None]
    shares_must_be_one(given, len(given) < len(shares))
    rest = 1 - sum(given, start=Fraction(0))
    exact = [rest if each is None else each for each in shares]
    parts = [int(each * units) for each in exact]
    left = units - sum(parts)
    for position, each in enumerate(exact):
        if left and each:
            parts[position] += 1
            left -= 1
    assert not left, "fewer units are left than there are shares above zero"
    return parts


class _Run:
    """One evaluation: its values, and the queue of the send under way."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.queue: list[_Taken] = []
        self.postings: list[Posting] = []
        self.notes: dict[str, Known] = {}
        self.account_notes: dict[str, dict[str, Known]] = {}

    def step(self, step: Step) -> None:
        """One step of a flow."""
        match step:
            case Send():
                amount = self.values.amount(step.amount)
                if amount.units < 0:
                    raise SentAmountMustNotBeNegative(currency=amount.currency, units=amount.units)
                self._take_all(step.source, amount.currency, amount.units)
                self._give(step.destination, amount.currency, amount.units)
            case SendAll():
                currency = self.values.text(step.currency)
                taken = self._take(step.source, currency, None)
                self._give(step.destination, currency, taken)
            case SetAside():
                self._set_aside(step)
            case Note(account=None):
                self.notes[self.values.text(step.key)] = self.values.known(step.value)
            case Note(account=account) if account is not None:
                notes = self.account_notes.setdefault(self.values.text(account), {})
                notes[self.values.text(step.key)] = self.values.known(step.value)
        assert not self.queue, "a step gives all that it took"

    # Where money comes from

    def _take_all(self, source: Source, currency: str, needed: int) -> None:
        taken = self._take(source, currency, needed)
        if taken < needed:
            raise FundsMissing(currency=currency, needed=needed, available=taken)

    def _take(self, source: Source, currency: str, needed: int | None) -> int:
        """Takes up to what is needed (None: all there is) into the queue, and tells how much that was."""
        match source:
            case FromAccount():
                return self._take_from_account(source, currency, needed)
            case FromCapped(cap, inner):
                most = self.values.cap(cap, currency)
                return self._take(inner, currency, most if needed is None else min(most, needed))
            case FromInOrder(sources):
                taken = 0
                for each in sources:
                    taken += self._take(each, currency, None if needed is None else needed - taken)
                return taken
            case FromOneOf(sources):
                return self._take_from_one(sources, currency, needed)
            case FromShares(parts):
                if needed is None:
                    raise SendAllMustBeBounded(source="shares")
                units = allot([self.values.share(share) for share, _ in parts], needed)
                for part, (_, each) in zip(units, parts, strict=True):
                    self._take_all(each, currency, part)
                return needed

    def _take_from_one(self, sources: tuple[Source, ...], currency: str, needed: int | None) -> int:
        if needed is None:
            return self._take(sources[0], currency, None)
        for source in sources[:-1]:
            before = (dict(self.values.moved), list(self.queue), list(self.postings))
            try:
                taken = self._take(source, currency, needed)
            except FundsMissing:
                taken = -1
            if taken == needed:
                return taken
            self.values.moved, self.queue, self.postings = before
        return self._take(sources[-1], currency, needed)

    def _take_from_account(self, source: FromAccount, currency: str, needed: int | None) -> int:
        account = self.values.text(source.account)
        colour = self.values.text(source.colour) if source.colour else ""
        if source.through:
            self._scale(account, self.values.text(source.through), currency, needed)
        overdraft = None if source.unbounded else self.values.balances.overdraft(account, currency)
        if overdraft is not None and source.overdraft:
            overdraft = self.values.cap(source.overdraft, currency)
        if overdraft is None:
            if needed is None:
                raise SendAllMustBeBounded(source=account)
            taken = needed
        else:
            available = max(0, self.values.balance((account, currency, colour)) + overdraft)
            taken = available if needed is None else min(needed, available)
        self.values.move((account, currency, colour), -taken)
        _add(self.queue, _Taken(account, colour, taken))
        return taken

    def _scale(self, account: str, through: str, currency: str, needed: int | None) -> None:
        """Changes, through another account, other denominations of the currency into as much of this one as lacks.

        The finest go first. A coarser one is changed in whole units, so that something may be left over; a finer one
        by as many units as make a whole one.
        """
        name, scale = _denomination(currency)
        lacking = None if needed is None else needed - max(0, self.values.balance((account, currency, "")))
        others = {
            *self.values.balances.currencies(account),
            *(kept[1] for kept in self.values.moved if kept[0] == account),
        }
        changed = 0
        for finer, other in sorted(((_denomination(each)[1], each) for each in others), reverse=True):
            if _denomination(other)[0] != name or other == currency or abs(scale - finer) > DIGITS_MAX:
                continue
            if lacking is not None and changed >= lacking:
                break
            most = None if lacking is None else lacking - changed
            units, gives = _exchange(max(0, self.values.balance((account, other, ""))), scale - finer, most)
            self._post(account, through, other, units)
            changed += gives
        self._post(through, account, currency, changed)

    def _post(self, source: str, destination: str, currency: str, units: int) -> None:
        self.values.move((source, currency, ""), -units)
        self._book(_Taken(source, "", units), destination, currency)

    # Where money goes

    def _give(self, destination: Destination, currency: str, units: int) -> None:
        """Hands so many units from the front of the queue to a destination."""
        match destination:
            case Kept():
                for taken in self._from_queue(units):
                    self.values.move((taken.account, currency, taken.colour), taken.units)
            case ToAccount(account):
                name = self.values.text(account)
                for taken in self._from_queue(units):
                    self._book(taken, name, currency)
            case ToInOrder(capped, rest):
                for cap, each in capped:
                    part = min(self.values.cap(cap, currency), units)
                    self._give(each, currency, part)
                    units -= part
                self._give(rest, currency, units)
            case ToOneOf(capped, rest):
                enough = (each for cap, each in capped if self.values.cap(cap, currency) >= units)
                self._give(next(enough, rest), currency, units)
            case ToShares(parts):
                shares = allot([self.values.share(share) for share, _ in parts], units)
                for part, (_, each) in zip(shares, parts, strict=True):
                    self._give(each, currency, part)

    def _from_queue(self, units: int) -> list[_Taken]:
        given: list[_Taken] = []
        while units:
            first = self.queue.pop(0)
            part = min(first.units, units)
            if part < first.units:
                self.queue.insert(0, _Taken(first.account, first.colour, first.units - part))
            given.append(_Taken(first.account, first.colour, part))
            units -= part
        return given

    def _book(self, taken: _Taken, destination: str, currency: str) -> None:
        """The posting of units that are off their account."""
        if not taken.units:
            return
        if len(self.postings) == POSTINGS_MAX:
            raise PostingsExhausted(maximum=POSTINGS_MAX)
        self.values.move((destination, currency, taken.colour), taken.units)
        self.postings.append(Posting(taken.account, destination, currency, taken.units, taken.colour))

    # Balances

    def _set_aside(self, step: SetAside) -> None:
        amount = self.values.amount(step.amount) if step.amount else None
        if amount and amount.units < 0:
            raise SentAmountMustNotBeNegative(currency=amount.currency, units=amount.units)
        currency = amount.currency if amount else self.values.text(step.currency) if step.currency else ""
        place = (self.values.text(step.account), currency, "")
        free = max(0, self.values.balance(place))
        self.values.move(place, -min(free, amount.units) if amount else -free)


def _add(queue: list[_Taken], taken: _Taken) -> None:
    """Adds to the end of the queue; units from where the last ones came from join them."""
    if not taken.units:
        return
    if queue and (queue[-1].account, queue[-1].colour) == (taken.account, taken.colour):
        taken = _Taken(taken.account, taken.colour, queue.pop().units + taken.units)
    queue.append(taken)


def _exchange(available: int, finer_digits: int, wanted: int | None) -> tuple[int, int]:
    """How many units of a denomination are changed into how many of one with so many digits more (or fewer)."""
    factor = 10 ** abs(finer_digits)
    if finer_digits >= 0:
        units = available if wanted is None else min(available, -(-wanted // factor))
        return units, units * factor
    gives = available // factor if wanted is None else min(available // factor, wanted)
    return gives * factor, gives


def _denomination(currency: str) -> tuple[str, int]:
    """The name of a currency and the digits after its point: EUR/2 counts hundredths of what EUR counts."""
    name, _, digits = currency.partition("/")
    return name, int(digits) if digits.isdecimal() else 0
