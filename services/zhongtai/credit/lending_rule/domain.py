"""Which parameters of a product contradict each other (产品参数校验): holidays, taxes, late interest, conventions.

Each rule names both parameters and says why, as those of `convention_rule` do for the conventions of accounts.
"""

from decimal import Decimal

from zhongtai.credit.holiday_rule.domain import HolidayRule, InterestDays
from zhongtai.credit.late_interest.domain import LateInterest
from zhongtai.credit.servicing.domain import Servicing, ServicingConvention, agree
from zhongtai.credit.tax_rule.domain import TaxRule
from zhongtai.kernel.servicing.terms import InterestPeriod, Unit

RENMINBI = "CNY"
LATE_MULTIPLES = (Decimal("1.3"), Decimal("1.5"))


def lending_must_agree(
    servicing: Servicing | None,
    holidays: HolidayRule | None,
    taxes: TaxRule | None,
    late_interest: LateInterest | None,
    currency: str,
) -> None:
    """Refuses parameters of a product, beside its conventions, that contradict each other or these."""
    if holidays is not None:
        _holidays_must_agree(holidays, servicing)
    if taxes is not None:
        _taxes_must_agree(taxes, servicing)
    if late_interest is not None:
        agree(
            servicing is None,
            "late_interest",
            "servicing",
            "an account charges what is late by its own charges and conventions",
        )
        agree(
            currency != RENMINBI or LATE_MULTIPLES[0] <= late_interest.multiple <= LATE_MULTIPLES[1],
            "late_interest.multiple",
            "currency_code",
            "late interest is the rate of the contract raised by 30 to 50 % (银发〔2003〕251号)",
        )


def _holidays_must_agree(holidays: HolidayRule, servicing: Servicing | None) -> None:
    """Due dates off holidays, and what reckons by due dates."""
    by_agreed_days = holidays.interest is InterestDays.AGREED
    agree(
        servicing is not None or not by_agreed_days,
        "holidays.interest",
        "servicing",
        "a loan without an account accrues from due date to due date",
    )
    if servicing is None:
        return
    repayment, tranches = servicing.repayment, servicing.tranches
    agree(
        servicing.convention is ServicingConvention.PROGRESSIVE,
        "holidays",
        "servicing.convention",
        "the cumulative convention finds each due date from the one before",
    )
    agree(
        repayment.unit in (Unit.MONTHS, Unit.YEARS),
        "holidays",
        "servicing.repayment.unit",
        "instalments closer than a month may fall on one business day",
    )
    agree(
        by_agreed_days or servicing.interest.period is InterestPeriod.DAILY,
        "holidays.interest",
        "servicing.interest.period",
        "interest that runs to the day a due date goes to is measured by days",
    )
    agree(
        tranches is None or not tranches.full_term,
        "holidays",
        "servicing.tranches.full_term",
        "a tranche of its own term has due dates of its own",
    )


def _taxes_must_agree(taxes: TaxRule, servicing: Servicing | None) -> None:
    """What taxes are of, and what can be told without them."""
    value_added = bool(taxes.value_added_rate)
    agree(
        servicing is not None or not value_added,
        "taxes.value_added_rate",
        "servicing",
        "the close posts the interest of loans without an account whole, without its tax",
    )
    agree(
        value_added or not taxes.exclusive,
        "taxes.exclusive",
        "taxes.value_added_rate",
        "there is a tax that rates are told without",
    )
    agree(
        not taxes.exclusive or servicing is None or servicing.interest.floating is None,
        "taxes.exclusive",
        "servicing.interest.floating",
        "a floating rate is the quote with its spread, as the customer owes it",
    )
