"""Which conventions contradict each other (服务约定校验): each rule names both parameters and says why.

The names are paths in the contract's `Servicing`. What stands here is checked when a version of a product is published,
so that no loan is ever opened under conventions nobody can follow.
"""

from itertools import pairwise

from zhongtai.credit.servicing.domain import (
    DEFAULT,
    HUNDRED,
    WATERFALL,
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
    LeapYear,
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
    for charge in servicing.charges:
        charge.charge(currency)
    over, arrears, tranches = servicing.over_applied, servicing.arrears, servicing.tranches
    minor_units(servicing.repayment.balloon, currency)
    minor_units(over.amount if over else None, currency)
    minor_units(arrears.tolerance if arrears else None, currency)
    minor_units(tranches.outstanding_limit if tranches else None, currency)


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
    agree(
        interest.floating is None or interest.rate_unit is Unit.YEARS,
        "interest.floating",
        "interest.rate_unit",
        "the quotes of the loan prime rate are rates of a year",
    )
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
