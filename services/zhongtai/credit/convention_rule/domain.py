"""Which conventions contradict each other (服务约定校验): each rule names both parameters and says why.

The names are paths in the contract's `Servicing`. What stands here is checked when a version of a product is published,
so that no loan is ever opened under conventions nobody can follow.
"""

from itertools import pairwise

from zhongtai.credit.floating_rate.domain import HUNDRED, FloatingRate
from zhongtai.credit.servicing.domain import (
    DEFAULT,
    WATERFALL,
    InterestConvention,
    RepaymentConvention,
    Servicing,
    ServicingConvention,
    agree,
    minor_units,
)
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.schedule import Amortisation
from zhongtai.kernel.servicing.terms import (
    Amortization,
    Compounding,
    DaysInMonth,
    DaysInYear,
    InterestMethod,
    LeapYear,
    RepricingRule,
    Unit,
)

# What the product states for its schedule, by what it states for servicing; a plan that is not here has no other name.
_AMORTISATIONS = {
    Amortization.EQUAL_INSTALMENTS: Amortisation.EQUAL_INSTALMENT,
    Amortization.EQUAL_PRINCIPAL: Amortisation.EQUAL_PRINCIPAL,
    Amortization.BULLET: Amortisation.BULLET,
}
_DAY_COUNTS = {
    (DaysInMonth.THIRTY, DaysInYear.D360): DayCount.THIRTY_E_360,
    (DaysInMonth.ACTUAL, DaysInYear.D360): DayCount.ACT_360,
    (DaysInMonth.ACTUAL, DaysInYear.D365): DayCount.ACT_365,
    (DaysInMonth.ACTUAL, DaysInYear.ACTUAL): DayCount.ACT_ACT,
}

MONTHS_OF_YEAR = 12
_CUMULATIVE_PLANS = frozenset({Amortization.EQUAL_INSTALMENTS, Amortization.EQUAL_PRINCIPAL})


def must_agree(servicing: Servicing, currency: str, amortisation: Amortisation, day_count: DayCount) -> None:
    """Refuses conventions that contradict each other, naming both and the rule; amounts in another currency too."""
    interest = servicing.interest
    agree(
        _AMORTISATIONS.get(servicing.repayment.amortization, amortisation) is amortisation,
        "amortisation",
        "servicing.repayment.amortization",
        "the principal of a loan comes back one way",
    )
    agree(
        _DAY_COUNTS.get((interest.days_in_month, interest.days_in_year), day_count) is day_count,
        "day_count",
        "servicing.interest.days_in_year",
        "the days of a loan are counted one way",
    )
    agree(
        servicing.repayment.amortization in _CUMULATIVE_PLANS
        or servicing.convention is ServicingConvention.PROGRESSIVE,
        "repayment.amortization",
        "convention",
        "the cumulative convention plans equal instalments or equal principal",
    )
    _plan_must_agree(servicing.repayment)
    _payments_must_agree(servicing)
    _interest_must_agree(servicing)
    _income_must_agree(servicing)
    _line_must_agree(servicing)
    for charge in servicing.charges:
        charge.charge(currency)
    over, arrears, tranches = servicing.over_applied, servicing.arrears, servicing.tranches
    minor_units(servicing.repayment.balloon, currency)
    minor_units(over.amount if over else None, currency)
    minor_units(arrears.tolerance if arrears else None, currency)
    minor_units(tranches.outstanding_limit if tranches else None, currency)


def _line_must_agree(servicing: Servicing) -> None:
    """A revolving line and what is foreseen or kept of its drawdowns."""
    tranches = servicing.tranches
    if tranches is None or not tranches.revolving:
        return
    agree(
        tranches.expected_forbidden,
        "tranches.revolving",
        "tranches.expected_forbidden",
        "drawdowns of a line are not foreseen in the contract",
    )
    agree(
        servicing.convention is ServicingConvention.PROGRESSIVE,
        "tranches.revolving",
        "convention",
        "the cumulative convention plans what was lent, not what is drawn again",
    )
    agree(
        servicing.recalculation is not None,
        "tranches.revolving",
        "recalculation",
        "interest of a line follows what is drawn day by day",
    )
    agree(
        servicing.over_applied is None,
        "tranches.revolving",
        "over_applied",
        "a line is not overdrawn",
    )


def _plan_must_agree(plan: RepaymentConvention) -> None:
    """How the principal comes back."""
    kind = plan.amortization
    agree(plan.unit is not Unit.WHOLE_TERM, "repayment.unit", "repayment.every", "a whole term is no distance of dates")
    agree(
        bool(plan.balloon) == (kind is Amortization.BALLOON),
        "repayment.balloon",
        "repayment.amortization",
        "a balloon states the principal left to the last instalment, and nothing else does",
    )
    agree(
        bool(plan.steps) == (kind is Amortization.STEPS),
        "repayment.steps",
        "repayment.amortization",
        "an instalment that steps states its steps, and nothing else does",
    )
    agree(
        all(one.first <= plan.instalments for one in plan.steps),
        "repayment.steps",
        "repayment.instalments",
        "a step begins with an instalment there is",
    )
    interest_first = kind is Amortization.INTEREST_ONLY_THEN_EQUAL_INSTALMENTS
    agree(
        bool(plan.interest_only) == interest_first,
        "repayment.interest_only",
        "repayment.amortization",
        "instalments of interest alone are counted where the plan begins with them, and only there",
    )
    for name in ("grace_principal", "grace_interest_payment", "interest_free", "interest_only"):
        agree(
            getattr(plan, name) < plan.instalments,
            f"repayment.{name}",
            "repayment.instalments",
            "one instalment at least lies behind the grace",
        )


def _payments_must_agree(servicing: Servicing) -> None:
    """How payments are shared out, and what of a disbursement falls due at once."""
    allocation, progressive = servicing.allocation, servicing.convention is ServicingConvention.PROGRESSIVE
    named = [one.transaction_type for one in allocation.waterfalls]
    by_waterfall = allocation.strategy == WATERFALL
    agree(
        by_waterfall or not progressive,
        "allocation.strategy",
        "convention",
        "the progressive convention shares out by waterfalls",
    )
    agree(
        by_waterfall == bool(named),
        "allocation.waterfalls",
        "allocation.strategy",
        "waterfalls are stated where payments go by them, and only there",
    )
    agree(
        not named or (DEFAULT in named and len(set(named)) == len(named)),
        "allocation.waterfalls",
        "allocation.strategy",
        "each type of transaction has one waterfall, and the others the default one",
    )
    for one in allocation.waterfalls:
        agree(
            len(set(one.order)) == len(one.order),
            f"allocation.waterfalls.{one.transaction_type}.order",
            "allocation.strategy",
            "each step stands once in a waterfall",
        )
    agree(
        len(set(allocation.chargeback)) == len(allocation.chargeback),
        "allocation.chargeback",
        "allocation.strategy",
        "each part stands once in the order of charge-backs",
    )
    agree(
        servicing.down_payment is None or 0 < servicing.down_payment.percent < HUNDRED,
        "down_payment.percent",
        "repayment.instalments",
        "a down payment is a part of the loan, not none or all of it",
    )


def _interest_must_agree(servicing: Servicing) -> None:
    """How interest is reckoned and recalculated."""
    interest, recalculation = servicing.interest, servicing.recalculation
    progressive = servicing.convention is ServicingConvention.PROGRESSIVE
    agree(
        interest.leap_year is LeapYear.FULL_LEAP_YEAR or interest.days_in_year is DaysInYear.ACTUAL,
        "interest.leap_year",
        "interest.days_in_year",
        "a leap year matters where the days of a year are actual",
    )
    if interest.floating is not None:
        _floating_must_agree(interest.floating, interest, progressive=progressive)
    agree(
        servicing.repayment.interest_free == 0 or not progressive,
        "repayment.interest_free",
        "convention",
        "periods free of interest are kept by the cumulative convention",
    )
    if recalculation is None:
        return
    agree(
        not progressive or recalculation.compounding is Compounding.NONE,
        "recalculation.compounding",
        "convention",
        "the progressive convention takes no interest on interest",
    )
    agree(
        (recalculation.compounding is Compounding.NONE) or recalculation.compounding_rest is not None,
        "recalculation.compounding_rest",
        "recalculation.compounding",
        "what compounds states how often",
    )


def _floating_must_agree(floating: FloatingRate, interest: InterestConvention, *, progressive: bool) -> None:
    """What a rate follows, on which days, and what can follow it."""
    agree(
        interest.rate_unit is Unit.YEARS,
        "interest.floating",
        "interest.rate_unit",
        "quotes are rates of a year",
    )
    agree(
        progressive,
        "interest.floating",
        "convention",
        "the cumulative convention changes a rate with whole instalments alone, a quote counts from its day on",
    )
    agree(
        interest.method is InterestMethod.DECLINING_BALANCE,
        "interest.floating",
        "interest.method",
        "flat interest is settled once for the whole term",
    )
    agree(
        not floating.reprice_on_new_year or floating.repricing is RepricingRule.NEW_YEAR,
        "interest.floating.rule",
        "interest.floating.reprice_on_new_year",
        "the days of re-pricing are told one way",
    )
    agree(
        (floating.fixed_day is not None) == (floating.repricing is RepricingRule.FIXED_DAY),
        "interest.floating.fixed_day",
        "interest.floating.rule",
        "a fixed day of the year is stated where the rule asks for one, and only there",
    )
    yearly = floating.repricing in (RepricingRule.NEW_YEAR, RepricingRule.FIXED_DAY)
    agree(
        not yearly or floating.reprice_every_months % MONTHS_OF_YEAR == 0,
        "interest.floating.reprice_every_months",
        "interest.floating.rule",
        "a day of the year comes back after whole years",
    )
    agree(
        floating.cap is None or floating.floor is None or floating.floor <= floating.cap,
        "interest.floating.floor",
        "interest.floating.cap",
        "a floor is not above its cap",
    )


def _income_must_agree(servicing: Servicing) -> None:
    """What is earned, and when more than was applied for may be lent."""
    progressive = servicing.convention is ServicingConvention.PROGRESSIVE
    deferred = servicing.capitalized_income is not None or servicing.buy_down_fee is not None
    agree(
        progressive or not deferred,
        "capitalized_income" if servicing.capitalized_income else "buy_down_fee",
        "convention",
        "income is deferred by the progressive convention",
    )
    over = servicing.over_applied
    agree(
        over is None or (over.percent is None) != (over.amount is None),
        "over_applied.percent",
        "over_applied.amount",
        "one of the two is stated",
    )
    names = [charge.name for charge in servicing.charges]
    agree(len(set(names)) == len(names), "charges", "charges", "each charge has a name of its own")
    reasons = [one.reason for one in servicing.charge_off_reasons]
    agree(
        len(set(reasons)) == len(reasons),
        "charge_off_reasons",
        "charge_off_reasons",
        "each reason has one expense",
    )
    ranges = servicing.arrears.ranges if servicing.arrears else ()
    for before, after in pairwise(ranges):
        agree(
            before.last is not None and before.last < after.first,
            f"arrears.ranges.{before.name}",
            f"arrears.ranges.{after.name}",
            "the classes of arrears follow each other without overlap",
        )
