"""The conventions a loan may follow, by name: every choice its terms can make."""

from enum import StrEnum


class Convention(StrEnum):
    """Which of the two engines keeps the schedule."""

    PROGRESSIVE = "fineract-progressive"
    CUMULATIVE = "fineract-cumulative"


class Unit(StrEnum):
    """What a length of time is counted in."""

    DAYS = "DAYS"
    WEEKS = "WEEKS"
    MONTHS = "MONTHS"
    YEARS = "YEARS"
    WHOLE_TERM = "WHOLE_TERM"


class Amortization(StrEnum):
    """How the principal comes back."""

    EQUAL_INSTALMENTS = "EQUAL_INSTALMENTS"
    EQUAL_PRINCIPAL = "EQUAL_PRINCIPAL"
    INTEREST_ONLY_THEN_EQUAL_INSTALMENTS = "INTEREST_ONLY_THEN_EQUAL_INSTALMENTS"
    BULLET = "BULLET"
    BALLOON = "BALLOON"
    STEPS = "STEPS"
    CUSTOM = "CUSTOM"


class InterestMethod(StrEnum):
    """What the rate bears on: the balance still owed, or the principal first lent."""

    DECLINING_BALANCE = "DECLINING_BALANCE"
    FLAT = "FLAT"


class InterestPeriod(StrEnum):
    """What an interest period is measured by: its days, or its count of repayment units."""

    DAILY = "DAILY"
    SAME_AS_REPAYMENT_PERIOD = "SAME_AS_REPAYMENT_PERIOD"


class DaysInMonth(StrEnum):
    """How many days a month of the day count holds."""

    ACTUAL = "ACTUAL"
    THIRTY = "THIRTY"


class DaysInYear(StrEnum):
    """How many days a year of the day count holds."""

    ACTUAL = "ACTUAL"
    D360 = "D360"
    D364 = "D364"
    D365 = "D365"


class LeapYear(StrEnum):
    """With an actual year: when 366 days count."""

    FULL_LEAP_YEAR = "FULL_LEAP_YEAR"
    FEB_29_PERIOD_ONLY = "FEB_29_PERIOD_ONLY"


class Recalculation(StrEnum):
    """What an early principal does to the instalments that follow (progressive: only the first two)."""

    ADJUST_LAST_UNPAID_PERIOD = "ADJUST_LAST_UNPAID_PERIOD"
    REDUCE_EMI_AMOUNT = "REDUCE_EMI_AMOUNT"
    REDUCE_NUMBER_OF_INSTALLMENTS = "REDUCE_NUMBER_OF_INSTALLMENTS"
    RESCHEDULE_NEXT_REPAYMENTS = "RESCHEDULE_NEXT_REPAYMENTS"


class Rest(StrEnum):
    """How often the balance that bears interest is looked at again."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    SAME_AS_REPAYMENT = "SAME_AS_REPAYMENT"


class PreClosure(StrEnum):
    """Until when interest counts in a pay-off quote: that day, or the next rest date."""

    TILL_PRE_CLOSURE_DATE = "TILL_PRE_CLOSURE_DATE"
    TILL_REST_DATE = "TILL_REST_DATE"


class Compounding(StrEnum):
    """What is added to the balance that bears interest when it is not paid (cumulative only)."""

    NONE = "NONE"
    INTEREST = "INTEREST"
    FEE = "FEE"
    INTEREST_AND_FEE = "INTEREST_AND_FEE"


class Component(StrEnum):
    """What an instalment is made of."""

    PRINCIPAL = "PRINCIPAL"
    INTEREST = "INTEREST"
    FEE = "FEE"
    PENALTY = "PENALTY"


class Dueness(StrEnum):
    """Where an instalment stands on the day of a payment."""

    PAST_DUE = "PAST_DUE"
    DUE = "DUE"
    IN_ADVANCE = "IN_ADVANCE"


class Direction(StrEnum):
    """Whether a payment clears one component over all instalments first, or one instalment over all components."""

    HORIZONTAL = "HORIZONTAL"
    VERTICAL = "VERTICAL"


class FutureRule(StrEnum):
    """Which instalment a payment in advance meets first."""

    NEXT_INSTALLMENT = "NEXT_INSTALLMENT"
    LAST_INSTALLMENT = "LAST_INSTALLMENT"
    REAMORTIZATION = "REAMORTIZATION"
    NEXT_LAST_INSTALLMENT = "NEXT_LAST_INSTALLMENT"


class ChargeOffBehaviour(StrEnum):
    """What a charge-off does to interest and due dates to come."""

    REGULAR = "REGULAR"
    ZERO_INTEREST = "ZERO_INTEREST"
    ACCELERATE_MATURITY = "ACCELERATE_MATURITY"


class RepaymentStart(StrEnum):
    """Where the count of due dates begins."""

    DISBURSEMENT_DATE = "DISBURSEMENT_DATE"
    SUBMITTED_ON_DATE = "SUBMITTED_ON_DATE"


class Accounting(StrEnum):
    """By which basis the account is posted."""

    NONE = "NONE"
    CASH = "CASH"
    ACCRUAL_PERIODIC = "ACCRUAL_PERIODIC"


class IncomeKind(StrEnum):
    """As what a capitalised income or a buy-down fee is earned."""

    INTEREST = "INTEREST"
    FEE = "FEE"


class ChargeTime(StrEnum):
    """When a charge falls due."""

    DISBURSEMENT = "DISBURSEMENT"
    TRANCHE_DISBURSEMENT = "TRANCHE_DISBURSEMENT"
    SPECIFIED_DUE_DATE = "SPECIFIED_DUE_DATE"
    INSTALMENT = "INSTALMENT"
    OVERDUE = "OVERDUE"


class ChargeBasis(StrEnum):
    """What a charge is reckoned from."""

    FLAT = "FLAT"
    PERCENT_OF_AMOUNT = "PERCENT_OF_AMOUNT"
    PERCENT_OF_AMOUNT_AND_INTEREST = "PERCENT_OF_AMOUNT_AND_INTEREST"
    PERCENT_OF_INTEREST = "PERCENT_OF_INTEREST"
    PERCENT_OF_DISBURSEMENT = "PERCENT_OF_DISBURSEMENT"


class ChargeAccrual(StrEnum):
    """On which day a charge is earned: its due date, or the day it was raised."""

    DUE_DATE = "due-date"
    SUBMITTED_DATE = "submitted-date"


class RepricingRule(StrEnum):
    """On which days a floating rate takes the quote in force (重定价日)."""

    EVERY_MONTHS = "EVERY_MONTHS"
    NEXT_PERIOD = "NEXT_PERIOD"
    NEW_YEAR = "NEW_YEAR"
    FIXED_DAY = "FIXED_DAY"
