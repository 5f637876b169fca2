"""The words of a posting rule (记账规则用语): values, where money comes from, where it goes, and the steps of a flow.

A value is given, is read by its name from what happened, or is a verb applied to other values. A source gives money
and a destination takes it; both are accounts, or accounts put together: in order, one of several, by shares. What the
words do is told in `posting_flow`, how they are written as JSON in `posting_text`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

from zhongtai.kernel.money import CurrencyMustMatch

# No amount of any bank has more digits; without a bound a rule could build an integer that fills the memory.
DIGITS_MAX = 40
UNITS_MAX = 10**DIGITS_MAX


@dataclass(frozen=True, slots=True)
class Amount:
    """Whole units of a currency or of anything else that is counted: unlike Money, any name, any size in bounds."""

    currency: str
    units: int

    def in_currency(self, currency: str) -> int:
        """The units, where the amount is of that currency; refuses another one."""
        if self.currency != currency:
            raise CurrencyMustMatch(left=currency, right=self.currency)
        return self.units


# What a value comes to: a number, a text (an account or a currency is one, too), an exact share, an amount.
Known = int | str | Fraction | Amount


class Verb(StrEnum):
    """What may be done with values."""

    AMOUNT = "AMOUNT"
    BALANCE_OF = "BALANCE_OF"
    CURRENCY_OF = "CURRENCY_OF"
    JOINED = "JOINED"
    METADATA_OF = "METADATA_OF"
    MINUS = "MINUS"
    NEGATIVE = "NEGATIVE"
    OVERDRAFT_OF = "OVERDRAFT_OF"
    PLUS = "PLUS"
    RATIO = "RATIO"
    UNITS_OF = "UNITS_OF"


class Kind(StrEnum):
    """What a text that is kept with an account is read as."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"
    SHARE = "SHARE"
    AMOUNT = "AMOUNT"


@dataclass(frozen=True, slots=True)
class Given:
    """A value that stands in the rule itself."""

    value: Known


@dataclass(frozen=True, slots=True)
class Read:
    """A value that the rule named before, or a field of what happened by its path."""

    name: str


@dataclass(frozen=True, slots=True)
class Applied:
    """A value worked out of others."""

    verb: Verb
    values: tuple["Value", ...]


Value = Given | Read | Applied


@dataclass(frozen=True, slots=True)
class FromAccount:
    """An account gives what it has, and what it may be overdrawn by: its own overdraft, the rule's, or unbounded.

    A coloured source gives units of that colour only. One that is scaled `through` another account first changes
    there what it has of the same currency in other denominations.
    """

    account: Value
    overdraft: Value | None = None
    unbounded: bool = False
    colour: Value | None = None
    through: Value | None = None


@dataclass(frozen=True, slots=True)
class FromCapped:
    """A source gives no more than a cap."""

    cap: Value
    source: "Source"


@dataclass(frozen=True, slots=True)
class FromInOrder:
    """Each source gives what the ones before it could not."""

    sources: tuple["Source", ...]


@dataclass(frozen=True, slots=True)
class FromOneOf:
    """The first source that can give the whole gives it; where none can, the last gives what it has."""

    sources: tuple["Source", ...]


@dataclass(frozen=True, slots=True)
class FromShares:
    """Each source gives its share, all of it; a share of None is what the others leave."""

    parts: tuple[tuple[Value | None, "Source"], ...]


Source = FromAccount | FromCapped | FromInOrder | FromOneOf | FromShares


@dataclass(frozen=True, slots=True)
class ToAccount:
    """An account takes all it is given."""

    account: Value


@dataclass(frozen=True, slots=True)
class Kept:
    """What is given stays where it came from."""


@dataclass(frozen=True, slots=True)
class ToInOrder:
    """Each destination takes as much as its cap, and the last one the rest."""

    capped: tuple[tuple[Value, "Destination"], ...]
    rest: "Destination"


@dataclass(frozen=True, slots=True)
class ToOneOf:
    """The first destination whose cap is enough takes all of it; where none is, the last one."""

    capped: tuple[tuple[Value, "Destination"], ...]
    rest: "Destination"


@dataclass(frozen=True, slots=True)
class ToShares:
    """Each destination takes its share; a share of None is what the others leave."""

    parts: tuple[tuple[Value | None, "Destination"], ...]


Destination = ToAccount | Kept | ToInOrder | ToOneOf | ToShares


@dataclass(frozen=True, slots=True)
class Send:
    """Moves exactly this amount, or nothing at all."""

    amount: Value
    source: Source
    destination: Destination


@dataclass(frozen=True, slots=True)
class SendAll:
    """Moves all that the source has of a currency."""

    currency: Value
    source: Source
    destination: Destination


@dataclass(frozen=True, slots=True)
class SetAside:
    """Leaves an amount (None: all) of what an account has of a currency untouched by the steps that follow."""

    account: Value
    amount: Value | None
    currency: Value | None


@dataclass(frozen=True, slots=True)
class Note:
    """Notes a value beside the posting, or beside an account."""

    key: Value
    value: Value
    account: Value | None = None


Step = Send | SendAll | SetAside | Note


@dataclass(frozen=True, slots=True)
class Flow:
    """What a rule does: values it names first, in their order, then its steps, each on what the one before left."""

    named: tuple[tuple[str, Value], ...] = ()
    steps: tuple[Step, ...] = ()


class Balances(Protocol):
    """What a flow asks about accounts, each a name: a code of the chart or an account id."""

    def balance(self, account: str, currency: str, colour: str) -> int:
        """The units that are free: held ones taken off, below zero where the account owes."""
        ...

    def overdraft(self, account: str, currency: str) -> int | None:
        """The units it may go below zero without the rule saying so; None where there is no bound."""
        ...

    def currencies(self, account: str) -> Iterable[str]:
        """The currencies and denominations it has."""
        ...

    def metadata(self, account: str, key: str) -> str | None:
        """What is kept with the account under a key, as text; None where there is nothing."""
        ...
