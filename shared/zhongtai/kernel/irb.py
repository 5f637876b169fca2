"""Risk weights of the internal ratings-based approach (内部评级法): capital for the unexpected loss.

Source: Basel II (BCBS 128), paragraphs 272, 273, 328 to 330; the Basel Framework, CRE31, keeps the functions. The
factor 1.06 of BCBS 128, paragraph 14, is the caller's. In and out are decimals; in between, statistics are floats.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import exp, log

from zhongtai.kernel.refusals import Invalid
from zhongtai.kernel.vasicek import default_rate

CONFIDENCE = 0.999
TWELVE_AND_A_HALF = 12.5
PLACES = Decimal("1e-12")
MATURITY_YEARS = Decimal("2.5")
# Turnover of small and medium companies, in millions of euro: paragraph 273.
TURNOVER_LEAST, TURNOVER_MOST = 5, 50


class ProbabilityMustBeWithinBounds(Invalid):
    """The {name} {value} is not within {low} and {high}: give it as a share, 0.02 for 2 %.

    {name}{value}不在{low}至{high}之间：请以小数填写，0.02表示2%。
    """

    name: str
    value: Decimal
    low: str
    high: str


class RiskClass(StrEnum):
    """Which function of correlation holds (风险暴露类别)."""

    CORPORATE = "CORPORATE"
    """公司、主权、金融机构: paragraph 272; with a turnover below EUR 50 million, paragraph 273."""
    FINANCIAL = "FINANCIAL"
    """大型或不受监管的金融机构: correlation × 1.25, CRE31.5."""
    MORTGAGE = "MORTGAGE"
    """个人住房抵押贷款: paragraph 328."""
    QUALIFYING_REVOLVING = "QUALIFYING_REVOLVING"
    """合格循环零售: paragraph 329."""
    OTHER_RETAIL = "OTHER_RETAIL"
    """其他零售: paragraph 330."""


@dataclass(frozen=True, slots=True)
class Risk:
    """What decides the capital of an exposure.

    `probability_of_default` within 0 and 1; `loss_given_default` a share; maturity in years, of no effect for retail;
    `turnover` of the company in millions of euro, None where the size adjustment does not apply.
    """

    risk_class: RiskClass
    probability_of_default: Decimal
    loss_given_default: Decimal
    maturity_years: Decimal = MATURITY_YEARS
    turnover: Decimal | None = None


def capital_requirement(risk: Risk) -> Decimal:
    """Capital K as a share of the exposure, to twelve decimals, beyond the expected loss.

    A borrower in default (probability 1) has no unexpected loss here: paragraph 272 leaves it to the best estimate of
    the loss. Raises `ProbabilityMustBeWithinBounds`.
    """
    _must_be_share("probability_of_default", risk.probability_of_default)
    _must_be_share("loss_given_default", risk.loss_given_default)
    probability, loss = float(risk.probability_of_default), float(risk.loss_given_default)
    if not 0 < probability < 1:
        return Decimal(0)
    stressed = default_rate(probability, correlation(risk), CONFIDENCE)
    return Decimal(loss * (stressed - probability) * maturity_adjustment(risk)).quantize(PLACES)


def risk_weight(risk: Risk) -> Decimal:
    """The risk weight as a share of the exposure: 12.5 × K; 1 is 100 %."""
    return (capital_requirement(risk) * Decimal(TWELVE_AND_A_HALF)).quantize(PLACES)


def correlation(risk: Risk) -> float:
    """How much defaults depend on the one factor, by class, probability and size."""
    probability = float(risk.probability_of_default)
    match risk.risk_class:
        case RiskClass.MORTGAGE:
            return 0.15
        case RiskClass.QUALIFYING_REVOLVING:
            return 0.04
        case RiskClass.OTHER_RETAIL:
            return _between(0.03, 0.16, 35, probability)
        case RiskClass.CORPORATE | RiskClass.FINANCIAL:
            whole = _between(0.12, 0.24, 50, probability)
            if risk.turnover is not None:
                turnover = min(max(float(risk.turnover), TURNOVER_LEAST), TURNOVER_MOST)
                whole -= 0.04 * (1 - (turnover - TURNOVER_LEAST) / (TURNOVER_MOST - TURNOVER_LEAST))
            return whole * 1.25 if risk.risk_class is RiskClass.FINANCIAL else whole


def maturity_adjustment(risk: Risk) -> float:
    """(1 + (M − 2.5) b) / (1 − 1.5 b) with b = (0.11852 − 0.05478 ln PD)²; 1 for retail. M is 1 to 5 years (320)."""
    if risk.risk_class not in (RiskClass.CORPORATE, RiskClass.FINANCIAL):
        return 1
    slope: float = (0.11852 - 0.05478 * log(float(risk.probability_of_default))) ** 2
    maturity = min(max(float(risk.maturity_years), 1), 5)
    return (1 + (maturity - 2.5) * slope) / (1 - 1.5 * slope)


def _between(low: float, high: float, pace: int, probability: float) -> float:
    """From `high` for the best borrower to `low` for the worst, exponentially."""
    weight = (1 - exp(-pace * probability)) / (1 - exp(-pace))
    return low * weight + high * (1 - weight)


def _must_be_share(name: str, value: Decimal) -> None:
    if not 0 <= value <= 1:
        raise ProbabilityMustBeWithinBounds(name=name, value=value, low="0", high="1")
