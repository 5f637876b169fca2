"""Money: an integer of minor units and an ISO 4217 currency.

Amounts are exact. Only two verbs divide, and both say what becomes of the remainder: `times` rounds it,
`allocate` hands it out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Self

from zhongtai.kernel.currencies import EXPONENTS
from zhongtai.kernel.refusals import Invalid

# Nine quadrillion yuan: above any amount of a bank, below the 64-bit column and message field that carry it.
MINOR_UNITS_MAX = 900_000_000_000_000_000

# A factor beyond these powers of ten is a mistake; making it exact would build an integer of as many digits.
FACTOR_DIGITS_MAX = 40

_WRITTEN = re.compile(r"([A-Z]{3}) (-?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]+))?")
_WRITTEN_CHARACTERS_MAX = 40


class CurrencyUnknown(Invalid):
    """{currency} is not an active ISO 4217 currency: use a code such as CNY.

    {currency}不是有效的ISO 4217币种：请使用CNY等代码。
    """

    currency: str


class CurrencyMustMatch(Invalid):
    """{left} and {right} are different currencies: use one currency.

    {left}与{right}币种不同：请使用同一币种。
    """

    left: str
    right: str


class AmountOutOfBounds(Invalid):
    """The amount exceeds {maximum_minor_units} minor units: use a smaller amount.

    金额超过{maximum_minor_units}个最小货币单位：请减小金额。
    """

    maximum_minor_units: int


class AmountMustBeWellFormed(Invalid):
    """The text {text} is not an amount: write the currency and the figure, such as CNY 1,234.56.

    “{text}”不是有效金额：请写明币种与数额，例如CNY 1,234.56。
    """

    text: str


class FactorMustBeFinite(Invalid):
    """{factor} cannot multiply an amount: use a finite number of ordinary size.

    {factor}不能用于计算金额：请使用大小合理的有限数。
    """

    factor: str


class WeightsMustBePositive(Invalid):
    """An amount is shared by weights of zero or more, at least one above zero: mend the weights.

    分摊权重须不小于零且至少一个大于零：请修改权重。
    """


class Rounding(StrEnum):
    """What becomes of half a minor unit; the values are the names in `decimal`."""

    HALF_EVEN = ROUND_HALF_EVEN
    HALF_UP = ROUND_HALF_UP


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount: `minor_units` of the currency's smallest unit (fen for CNY).

    However it is made, it raises `CurrencyUnknown`, or `AmountOutOfBounds` beyond `MINOR_UNITS_MAX` either
    side of zero; so a sum cannot overflow what carries it.
    """

    currency: str
    minor_units: int

    def __post_init__(self) -> None:
        assert type(self.minor_units) is int, "money is counted in whole minor units"
        if self.currency not in EXPONENTS:
            raise CurrencyUnknown(currency=self.currency)
        if not -MINOR_UNITS_MAX <= self.minor_units <= MINOR_UNITS_MAX:
            raise AmountOutOfBounds(maximum_minor_units=MINOR_UNITS_MAX)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads "CNY 1,234.56": separators optional, no more decimals than the currency has.

        Raises `AmountMustBeWellFormed`, `CurrencyUnknown` or `AmountOutOfBounds`.
        """
        written = _WRITTEN.fullmatch(text) if len(text) <= _WRITTEN_CHARACTERS_MAX else None
        if written is None:
            raise AmountMustBeWellFormed(text=text[:_WRITTEN_CHARACTERS_MAX])
        currency, sign, whole, decimals = written.groups(default="")
        if currency not in EXPONENTS:
            raise CurrencyUnknown(currency=currency)
        if len(decimals) > EXPONENTS[currency]:
            raise AmountMustBeWellFormed(text=text)
        return cls(currency, int(sign + whole.replace(",", "") + decimals.ljust(EXPONENTS[currency], "0")))

    @property
    def nothing(self) -> "Money":
        """No amount, of the same currency: where a sum begins."""
        return Money(self.currency, 0)

    def __str__(self) -> str:
        exponent = EXPONENTS[self.currency]
        whole, part = divmod(abs(self.minor_units), 10**exponent)
        sign = "-" if self.minor_units < 0 else ""
        decimals = f".{part:0{exponent}d}" if exponent else ""
        return f"{self.currency} {sign}{whole:,}{decimals}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.currency, self.minor_units + self._same(other))

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.currency, self.minor_units - self._same(other))

    def __neg__(self) -> "Money":
        return Money(self.currency, -self.minor_units)

    def __abs__(self) -> "Money":
        return Money(self.currency, abs(self.minor_units))

    def __lt__(self, other: "Money") -> bool:
        return self.minor_units < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor_units <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor_units > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor_units >= self._same(other)

    def __bool__(self) -> bool:
        return self.minor_units != 0

    def times(self, factor: Decimal | Fraction | int, rounding: Rounding = Rounding.HALF_EVEN) -> "Money":
        """The amount times an exact factor, rounded once to the minor unit."""
        product = self.minor_units * exact(factor)
        return Money(self.currency, rounded(product.numerator, product.denominator, rounding))

    def allocate(self, weights: Sequence[Decimal | Fraction | int]) -> tuple["Money", ...]:
        """Shares the amount by weights, one share for each, losing no minor unit.

        Largest remainder (Hamilton): every share is rounded towards zero, then the minor units left over go
        one each to the shares that lost most, the earlier first on a tie. Raises `WeightsMustBePositive`.
        """
        shares_of = [exact(weight) for weight in weights]
        whole = sum(shares_of)
        if not whole > 0 or any(weight < 0 for weight in shares_of):
            raise WeightsMustBePositive()
        amount = abs(self.minor_units)
        quotas = [amount * weight / whole for weight in shares_of]
        shares = [int(quota) for quota in quotas]
        by_loss = sorted(range(len(quotas)), key=lambda place: (shares[place] - quotas[place], place))
        for place in by_loss[: amount - sum(shares)]:
            shares[place] += 1
        sign = -1 if self.minor_units < 0 else 1
        return tuple(Money(self.currency, sign * share) for share in shares)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMustMatch(left=self.currency, right=other.currency)
        return other.minor_units


def exact(factor: Decimal | Fraction | int) -> Fraction:
    """The factor as a fraction, or `FactorMustBeFinite`. A float is a defect: it lost what was meant."""
    assert not isinstance(factor, float), "rates and weights are exact"
    if isinstance(factor, Decimal) and not (
        factor.is_finite() and abs(int(factor.as_tuple().exponent)) <= FACTOR_DIGITS_MAX
    ):
        raise FactorMustBeFinite(factor=str(factor)[:FACTOR_DIGITS_MAX])
    return Fraction(factor)


def rounded(numerator: int, denominator: int, rounding: Rounding = Rounding.HALF_EVEN) -> int:
    """The quotient as the nearest integer; `denominator` is above zero.

    HALF_UP takes a half away from zero, as `decimal` does.
    """
    quotient, remainder = divmod(abs(numerator), denominator)
    half = 2 * remainder - denominator
    if half > 0 or (half == 0 and (rounding is Rounding.HALF_UP or quotient % 2)):
        quotient += 1
    return -quotient if numerator < 0 else quotient
