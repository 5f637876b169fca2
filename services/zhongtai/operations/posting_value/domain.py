"""What the values of a posting rule come to (记账规则取值), on the balances that the steps so far left."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.refusals import Invalid, Missing
from zhongtai.operations.posting_term.domain import (
    DIGITS_MAX,
    UNITS_MAX,
    Amount,
    Applied,
    Balances,
    Given,
    Kind,
    Known,
    Read,
    Value,
    Verb,
)
from zhongtai.operations.posting_text.domain import amount as amount_in
from zhongtai.operations.posting_text.domain import share as share_in

# An account, a currency, a colour ("" for none).
Place = tuple[str, str, str]


class ValueMustFit(Invalid):
    """The rule needs {expected} where it finds {found}: mend the rule, or what it reads.

    记账规则需要{expected}，实际为{found}：请修改规则或其读取的内容。
    """

    expected: str
    found: str


class MetadataNotFound(Missing):
    """Nothing is kept with the account {account} under {key}: add it there, or choose another rule.

    账户{account}没有名为{key}的信息：请先补充，或改用其他规则。
    """

    account: str
    key: str


class Values:
    """The values of one evaluation: what was named, and what accounts have after the steps so far.

    `read` gives a field of what happened by its path, `balances` what accounts had before.
    """

    def __init__(self, read: Callable[[str], Any], balances: Balances) -> None:
        self.balances = balances
        self.named: dict[str, Known] = {}
        self.moved: dict[Place, int] = {}
        self._had: dict[Place, int] = {}
        self._read = read

    def balance(self, place: Place) -> int:
        """The units that are free."""
        if place not in self._had:
            self._had[place] = self.balances.balance(*place)
        return self._had[place] + self.moved.get(place, 0)

    def move(self, place: Place, units: int) -> None:
        """Adds units to a balance, or takes them off."""
        self.moved[place] = self.moved.get(place, 0) + units

    def known(self, term: Value) -> Known:
        """What a value comes to."""
        match term:
            case Given(value):
                return value
            case Read(name):
                return self.named[name] if name in self.named else _known(self._read(name), name)
            case Applied(verb, values):
                return self._applied(verb, values)

    def text(self, term: Value) -> str:
        """A value that must be a text: an account, a currency, a colour, a key."""
        known = self.known(term)
        if not isinstance(known, str):
            raise ValueMustFit(expected="a text", found=str(known))
        return known

    def _number(self, term: Value) -> int:
        known = self.known(term)
        if not isinstance(known, int):
            raise ValueMustFit(expected="a number", found=str(known))
        return known

    def amount(self, term: Value) -> Amount:
        """A value that must be an amount."""
        known = self.known(term)
        if not isinstance(known, Amount):
            raise ValueMustFit(expected="an amount", found=str(known))
        return known

    def cap(self, term: Value, currency: str) -> int:
        """A cap: below zero it is none at all."""
        return max(0, self.amount(term).in_currency(currency))

    def share(self, term: Value | None) -> Fraction | None:
        """A value that must be a share; None is the remainder."""
        if term is None:
            return None
        known = self.known(term)
        share = share_in(known) if isinstance(known, str) else known
        if not isinstance(share, Fraction):
            raise ValueMustFit(expected="a share such as 12.5% or 1/3", found=str(known))
        return share

    def _applied(self, verb: Verb, values: tuple[Value, ...]) -> Known:
        match verb:
            case Verb.AMOUNT:
                return Amount(self.text(values[0]), self._number(values[1]))
            case Verb.BALANCE_OF | Verb.OVERDRAFT_OF:
                currency = self.text(values[1])
                balance = self.balance((self.text(values[0]), currency, ""))
                return Amount(currency, balance if verb is Verb.BALANCE_OF else max(0, -balance))
            case Verb.CURRENCY_OF:
                return self.amount(values[0]).currency
            case Verb.UNITS_OF:
                return self.amount(values[0]).units
            case Verb.JOINED:
                return "".join(_joinable(self.known(value)) for value in values)
            case Verb.METADATA_OF:
                return self._metadata(self.text(values[0]), self.text(values[1]), Kind(self.text(values[2])))
            case Verb.RATIO:
                below = self._number(values[1])
                if not below:
                    raise ValueMustFit(expected="a number other than zero to divide by", found="0")
                return Fraction(self._number(values[0]), below)
            case Verb.NEGATIVE:
                return _sum(_nothing_of(known := self.known(values[0])), known, -1)
            case Verb.PLUS | Verb.MINUS:
                return _sum(self.known(values[0]), self.known(values[1]), 1 if verb is Verb.PLUS else -1)

    def _metadata(self, account: str, key: str, kind: Kind) -> Known:
        text = self.balances.metadata(account, key)
        if text is None:
            raise MetadataNotFound(account=account, key=key)
        known: Known | None = text
        match kind:
            case Kind.NUMBER:
                known = int(text) if text.removeprefix("-").isdecimal() and len(text) <= DIGITS_MAX else None
            case Kind.SHARE:
                known = share_in(text)
            case Kind.AMOUNT:
                known = amount_in(text)
        if known is None:
            raise ValueMustFit(expected=f"what can be read as {kind}", found=text)
        return known


def _known(value: Any, name: str) -> Known:
    """A field of what happened as a value."""
    if isinstance(value, Money):
        return Amount(value.currency, value.minor_units)
    if isinstance(value, int | str | Fraction | Amount):
        return value
    raise ValueMustFit(expected=f"an amount, a number, a share or a text in {name}", found=str(value))


def _joinable(known: Known) -> str:
    if isinstance(known, int | str):
        return str(known)
    raise ValueMustFit(expected="a text or a number", found=str(known))


def _nothing_of(known: Known) -> Known:
    return Amount(known.currency, 0) if isinstance(known, Amount) else 0


def _sum(left: Known, right: Known, sign: int) -> Known:
    """Two numbers or two amounts of one currency, the second one added or taken off."""
    if isinstance(left, Amount) and isinstance(right, Amount):
        if left.currency != right.currency:
            raise CurrencyMustMatch(left=left.currency, right=right.currency)
        return Amount(left.currency, _bounded(left.units + sign * right.units))
    if isinstance(left, int) and isinstance(right, int):
        return _bounded(left + sign * right)
    raise ValueMustFit(expected="two numbers or two amounts", found=f"{left} and {right}")


def _bounded(units: int) -> int:
    if abs(units) > UNITS_MAX:
        raise ValueMustFit(expected=f"at most {DIGITS_MAX} digits", found=f"{units:.0e}")
    return units
