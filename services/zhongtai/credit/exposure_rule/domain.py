"""Large exposures (大额风险暴露): how much of the bank's capital one customer, or one group, may owe.

Always true: a version of the rules and the capital of a day never change once they were published.

Source: 《商业银行大额风险暴露管理办法》 (银保监会令2018年第1号, in force 2018-07-01). The shares were read in
the press on the decree (Xinhua, 2018-05-05), the articles were not seen: each cap says so by `confirm`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from zhongtai.kernel.currencies import EXPONENTS
from zhongtai.kernel.money import Money, exact, rounded
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet

RULES_ID = "large_exposure"


class ExposureRulesNotFound(Missing):
    """No rules on large exposures are valid on {on}: publish a version.

    {on}没有生效的大额风险暴露规则：请先发布。
    """

    on: date


class CapitalBaseNotFound(Missing):
    """No capital was published as of {on} or before: publish it.

    截至{on}尚未发布资本净额：请先发布。
    """

    on: date


class ExposureRulesVersionTaken(Taken):
    """Version {version} was published with other content: publish the change as a new version.

    版本{version}已以不同内容发布：请将变更作为新版本发布。
    """

    version: int


class ExposureRulesVersionMustFollowLatest(Unmet):
    """The next version is {expected}, not {version}: publish it under that number.

    下一版本号为{expected}，而非{version}：请使用该版本号发布。
    """

    version: int
    expected: int


class CapMustStandOnce(Invalid):
    """The cap {cap_id} stands twice: give each cap a name of its own.

    上限{cap_id}重复：请为每项上限使用不同名称。
    """

    cap_id: str


class CommitmentMustStandOnce(Invalid):
    """{commitment} has two factors: give one.

    承诺类型{commitment}的转换系数重复：请只填写一个。
    """

    commitment: str


class CommitmentFactorNotFound(Unmet):
    """The rules on large exposures have no factor for {commitment}: publish a version with one.

    大额风险暴露规则未规定{commitment}的信用转换系数：请发布含该系数的版本。
    """

    commitment: str


class CapitalBaseTaken(Taken):
    """The capital as of {as_of} was published with other figures: publish the correction as of a later day.

    {as_of}的资本净额已以不同数值发布：请以更晚日期发布更正。
    """

    as_of: date


class CapitalMustBePositive(Invalid):
    """{capital} is no capital to take a share of: give figures above zero.

    {capital}不能作为资本净额：请填写大于零的数值。
    """

    capital: Money


class ExchangeRateMustStandOnce(Invalid):
    """{currency} has two rates, or is the capital's own: give one rate for each other currency.

    {currency}汇率重复或为本币：请为每一其他币种填写一个汇率。
    """

    currency: str


class ExchangeRateMustBePositive(Invalid):
    """The rate {rate} of {currency} is not above zero: give what one unit is worth.

    {currency}的汇率{rate}须大于零：请填写每单位折算值。
    """

    currency: str
    rate: Decimal


class ExchangeRateNotFound(Unmet):
    """The capital as of {as_of} has no rate for {currency}: publish the capital with one.

    {as_of}的资本净额未附{currency}汇率：请补充后发布。
    """

    currency: str
    as_of: date


class ConcentrationCapExceeded(Unmet):
    """{who} would owe {exposure}, above the cap {cap_id} of {ceiling} ({article}): lend less.

    {who}将达{exposure}，超过{article}上限{ceiling}（{cap_id}）：请减少金额。
    """

    who: str
    cap_id: str
    article: str
    exposure: Money
    ceiling: Money


class Obligor(StrEnum):
    """What kind of customer owes."""

    NON_BANK = "NON_BANK"
    INTERBANK = "INTERBANK"


class CapBreadth(StrEnum):
    """Who is counted together."""

    SINGLE = "SINGLE"
    GROUP = "GROUP"


class CapMeasured(StrEnum):
    """What of it is counted."""

    LOANS = "LOANS"
    EXPOSURE = "EXPOSURE"


class CapitalKind(StrEnum):
    """What a cap is a share of."""

    NET_CAPITAL = "NET_CAPITAL"
    TIER_1 = "TIER_1"


@dataclass(frozen=True, slots=True)
class ExposureCap:
    """A share of capital that nobody of a kind may owe more than; `confirm` where its article was not seen."""

    cap_id: str
    obligor: Obligor
    breadth: CapBreadth
    measured: CapMeasured
    capital: CapitalKind
    share: Decimal
    article: str
    confirm: bool


class Commitment(StrEnum):
    """What the bank has promised and nobody owes yet."""

    UNUSED_LIMIT = "UNUSED_LIMIT"
    SHORT_LOAN = "SHORT_LOAN"
    LONG_LOAN = "LONG_LOAN"
    CREDIT_SUBSTITUTE = "CREDIT_SUBSTITUTE"
    TRANSACTION = "TRANSACTION"
    TRADE = "TRADE"


@dataclass(frozen=True, slots=True)
class CommitmentFactor:
    """The share of a commitment that counts as exposure (信用转换系数); `confirm` where its article was not seen."""

    commitment: Commitment
    factor: Decimal
    article: str
    confirm: bool


@dataclass(frozen=True, slots=True)
class ExposureRules:
    """One version of the caps, and what counts of commitments."""

    version: int
    valid_from: date
    caps: tuple[ExposureCap, ...]
    source: str
    factors: tuple[CommitmentFactor, ...] = ()

    def must_agree(self) -> None:
        """Refuses two caps of one name, and two factors of one commitment."""
        names = [cap.cap_id for cap in self.caps]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise CapMustStandOnce(cap_id=name)
        known = [one.commitment for one in self.factors]
        for place, commitment in enumerate(known):
            if commitment in known[:place]:
                raise CommitmentMustStandOnce(commitment=commitment)

    def factor(self, commitment: Commitment) -> Decimal | None:
        """The share of a commitment that counts; None where the rules say nothing of it."""
        return next((one.factor for one in self.factors if one.commitment is commitment), None)

    def converted(self, commitment: Commitment, amount: Money) -> Money:
        """What a commitment that somebody reports counts; raises `CommitmentFactorNotFound`."""
        factor = self.factor(commitment)
        if factor is None:
            raise CommitmentFactorNotFound(commitment=commitment)
        return amount.times(factor)


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """What one unit of a currency is worth in the currency of the capital."""

    currency_code: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class CapitalBase:
    """The bank's capital as of a day, and what other currencies are worth in its currency."""

    as_of: date
    net_capital: Money
    tier_1: Money
    rates: tuple[ExchangeRate, ...] = ()

    def must_agree(self) -> None:
        """Refuses capital that is none, in two currencies, or with a rate that cannot be meant."""
        _ = self.net_capital + self.tier_1
        for capital in (self.net_capital, self.tier_1):
            if capital.minor_units <= 0:
                raise CapitalMustBePositive(capital=capital)
        known = {self.tier_1.currency}
        for one in self.rates:
            if one.currency_code in known:
                raise ExchangeRateMustStandOnce(currency=one.currency_code)
            known.add(Money(one.currency_code, 0).currency)
            if one.rate <= 0:
                raise ExchangeRateMustBePositive(currency=one.currency_code, rate=one.rate)

    def worth(self, amounts: Iterable[Money]) -> Money:
        """What amounts in any currencies come to in the capital's: exact, rounded once to its minor unit."""
        rates = {one.currency_code: exact(one.rate) for one in self.rates} | {self.tier_1.currency: Fraction(1)}
        total = Fraction(0)
        for amount in amounts:
            if not amount:
                continue
            if amount.currency not in rates:
                raise ExchangeRateNotFound(currency=amount.currency, as_of=self.as_of)
            total += Fraction(amount.minor_units, 10 ** EXPONENTS[amount.currency]) * rates[amount.currency]
        minor = total * 10 ** EXPONENTS[self.tier_1.currency]
        return Money(self.tier_1.currency, rounded(minor.numerator, minor.denominator))

    def ceiling(self, cap: ExposureCap) -> Money:
        """The cap as an amount."""
        capital = self.net_capital if cap.capital is CapitalKind.NET_CAPITAL else self.tier_1
        return capital.times(cap.share)


@dataclass(frozen=True, slots=True)
class Owed:
    """What one customer, or one group, owes in all currencies: in loans, and in whatever else was reported.

    `unused` is what was granted to them and is neither held nor used: nobody owes it, a share of it counts.
    """

    who: str
    obligor: Obligor
    breadth: CapBreadth
    loans: tuple[Money, ...]
    other: tuple[Money, ...]
    unused: tuple[Money, ...] = ()


@dataclass(frozen=True, slots=True)
class Concentration:
    """What somebody owes beside one cap, both in the currency of the capital."""

    cap_id: str
    article: str
    confirm: bool
    exposure: Money
    ceiling: Money
    room: Money


@dataclass(frozen=True, slots=True)
class ExposureRulesPublished:
    """A version of the caps was published."""

    rules_id: str
    rules: ExposureRules


@dataclass(frozen=True, slots=True)
class CapitalBasePublished:
    """The capital of a day was published."""

    rules_id: str
    capital: CapitalBase


@dataclass(frozen=True, slots=True)
class Measure:
    """The caps and the capital that count on a day."""

    rules: ExposureRules
    capital: CapitalBase

    def concentrations(self, owed: Owed) -> tuple[Concentration, ...]:
        """What somebody owes beside every cap that is for them."""
        found = []
        factor = self.rules.factor(Commitment.UNUSED_LIMIT)
        promised = tuple(one.times(factor) for one in owed.unused) if factor is not None else ()
        for cap in self.rules.caps:
            if (cap.obligor, cap.breadth) != (owed.obligor, owed.breadth):
                continue
            counted = owed.loans if cap.measured is CapMeasured.LOANS else owed.loans + owed.other + promised
            exposure, ceiling = self.capital.worth(counted), self.capital.ceiling(cap)
            found.append(Concentration(cap.cap_id, cap.article, cap.confirm, exposure, ceiling, ceiling - exposure))
        return tuple(found)

    def must_hold(self, owed: Owed) -> None:
        """Refuses what would take somebody above a cap; exactly the cap is allowed (不得超过)."""
        for one in self.concentrations(owed):
            if one.exposure > one.ceiling:
                raise ConcentrationCapExceeded(
                    who=owed.who,
                    cap_id=one.cap_id,
                    article=one.article,
                    exposure=one.exposure,
                    ceiling=one.ceiling,
                )


def publish_rules(
    rules: ExposureRules, *, published: ExposureRules | None, latest_version: int
) -> ExposureRulesPublished | None:
    """The fact of a new version; None where this very version is published already."""
    rules.must_agree()
    if published is not None:
        if published != rules:
            raise ExposureRulesVersionTaken(version=rules.version)
        return None
    if rules.version != latest_version + 1:
        raise ExposureRulesVersionMustFollowLatest(version=rules.version, expected=latest_version + 1)
    return ExposureRulesPublished(RULES_ID, rules)


def publish_capital(capital: CapitalBase, *, published: CapitalBase | None) -> CapitalBasePublished | None:
    """The fact of the capital of a day; None where it was published so already."""
    capital.must_agree()
    if published is not None:
        if published != capital:
            raise CapitalBaseTaken(as_of=capital.as_of)
        return None
    return CapitalBasePublished(RULES_ID, capital)
