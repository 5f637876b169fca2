"""A risk-based price (风险定价): what a loan must cost so that the return on its capital (RAROC) meets the hurdle.

Always true: the return at the price is the hurdle, to more than nine decimals. Everything is a year's and a share of
the exposure:

    rate = transfer price + expected loss + cost − fee + capital × hurdle ÷ (1 − tax)
    RAROC = (rate + fee − transfer price − expected loss − cost) × (1 − tax) ÷ capital

Source: C. Matten, Managing Bank Capital (2000), on RAROC; capital by the internal ratings-based approach, `kernel.irb`.
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext

from zhongtai.kernel.irb import MATURITY_YEARS, Risk, RiskClass, capital_requirement
from zhongtai.kernel.refusals import Invalid, Unmet
from zhongtai.kernel.roots import DIGITS

ONE = Decimal(1)
PLACES = Decimal("1e-20")


class CapitalMustBePositive(Unmet):
    """What takes no capital has no return on it: give the capital, or a probability of default between 0 and 1.

    不占用资本的业务无法计算资本回报率：请填写资本，或填写介于0与1之间的违约概率。
    """


class TaxMustLeaveReturn(Invalid):
    """A tax of {tax_rate} leaves nothing to return: give a rate below 1.

    税率{tax_rate}不留任何回报：请填写小于1的税率。
    """

    tax_rate: Decimal


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """What a price is made of; `capital` None means by the function of the class."""

    transfer_rate: Decimal
    probability_of_default: Decimal
    loss_given_default: Decimal
    cost_rate: Decimal
    fee_rate: Decimal
    tax_rate: Decimal
    capital: Decimal | None
    turnover: Decimal | None
    risk_class: RiskClass | None = None
    maturity_years: Decimal = MATURITY_YEARS
    capital_factor: Decimal = ONE

    @property
    def capital_needed(self) -> Decimal:
        """The capital as a share of the exposure. Raises `ProbabilityMustBeWithinBounds`."""
        if self.capital is not None:
            return self.capital
        assert self.risk_class is not None, "the contract asks for the capital or the class"
        risk = Risk(
            self.risk_class,
            self.probability_of_default,
            self.loss_given_default,
            maturity_years=self.maturity_years,
            turnover=self.turnover,
        )
        return capital_requirement(risk) * self.capital_factor

    @property
    def before_capital(self) -> Decimal:
        """What the rate must cover before any return: funds, expected loss and cost, less the fee."""
        return self.transfer_rate + self.expected_loss + self.cost_rate - self.fee_rate

    @property
    def expected_loss(self) -> Decimal:
        """Probability of default × loss given default."""
        return self.probability_of_default * self.loss_given_default

    @property
    def kept(self) -> Decimal:
        """What tax leaves of a return, above zero."""
        if self.tax_rate >= ONE:
            raise TaxMustLeaveReturn(tax_rate=self.tax_rate)
        return ONE - self.tax_rate


@dataclass(frozen=True, slots=True)
class PriceParts:
    """The parts of a price, and the capital it takes."""

    transfer_rate: Decimal
    expected_loss: Decimal
    capital_charge: Decimal
    cost_rate: Decimal
    fee_rate: Decimal
    capital: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """The rate at which the return on capital is the hurdle, with its parts."""

    rate: Decimal
    parts: PriceParts


@dataclass(frozen=True, slots=True)
class CapitalReturn:
    """What a rate earns on its capital, after tax."""

    return_on_capital: Decimal
    capital: Decimal


def price(terms: PriceTerms, hurdle_rate: Decimal) -> Price:
    """The rate at which the return on capital is the hurdle, to twenty decimals. Raises `TaxMustLeaveReturn`."""
    capital = terms.capital_needed
    with localcontext(DIGITS):
        charge = (capital * hurdle_rate / terms.kept).quantize(PLACES)
        rate = terms.before_capital + charge
    parts = PriceParts(
        transfer_rate=terms.transfer_rate,
        expected_loss=terms.expected_loss,
        capital_charge=charge,
        cost_rate=terms.cost_rate,
        fee_rate=terms.fee_rate,
        capital=capital,
    )
    return Price(rate, parts)


def return_at(terms: PriceTerms, rate: Decimal) -> CapitalReturn:
    """The return on capital after tax that a rate earns. Raises `CapitalMustBePositive`, `TaxMustLeaveReturn`."""
    capital = terms.capital_needed
    if not capital > 0:
        raise CapitalMustBePositive()
    with localcontext(DIGITS):
        earned = (rate - terms.before_capital) * terms.kept / capital
        return CapitalReturn(earned.quantize(PLACES), capital)
