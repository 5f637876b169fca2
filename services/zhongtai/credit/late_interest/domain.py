"""Late interest (罚息): what an instalment bears that is not paid when it is due, from that day until it is paid.

The rate of the contract times a multiple, on overdue principal, and on overdue interest too where the product says so
(复利); late interest itself bears none. Source: 《中国人民银行关于人民币贷款利率有关问题的通知》(银发〔2003〕251号),
article 3: the contract's rate raised by 30 to 50 %, interest unpaid at the same rate. Days are counted as the loan's.
Always true: what was reckoned through a day is never reckoned again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from zhongtai.credit.loan.domain import Loan, LoanSummary
from zhongtai.kernel.money import Money, rounded
from zhongtai.kernel.refusals import Unmet


class LoanMustNotBeServiced(Unmet):
    """The loan {loan_id} is kept by its account: what it charges for being late stands among its charges.

    贷款{loan_id}由贷款账户管理：逾期费用见账户费用。
    """

    loan_id: str


@dataclass(frozen=True, slots=True)
class LateInterest:
    """By how much the rate of the contract is multiplied, and whether overdue interest bears it too."""

    multiple: Decimal
    on_interest: bool


@dataclass(frozen=True, slots=True)
class LateAccount:
    """What of late interest is owed of a loan, reckoned through a day (that day not counted)."""

    loan_id: str
    reckoned_through: date
    owed: Money

    def pay(self, paid: Money) -> "LateAccount":
        """The account with that much paid of it."""
        assert paid <= self.owed, "no more is paid of late interest than is owed"
        return replace(self, owed=self.owed - paid)


@dataclass(frozen=True, slots=True)
class LateInterestPart:
    """What an overdue instalment bore from a day to another, that one not counted, at a rate of a year."""

    number: int
    begin: date
    end: date
    bearing: Money
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What is owed of late interest on a day: what stood of it, and what was borne since."""

    account: LateAccount
    stood: Money
    parts: tuple[LateInterestPart, ...]


def reckon(loan: Loan, rule: LateInterest, standing: LateAccount | None, on: date) -> Reckoned:
    """What is owed of late interest on a day; what was borne since is summed exactly and rounded once, half to even.

    A loan is reckoned before each payment, so what is unpaid now was unpaid since.
    """
    since = date.min if standing is None else standing.reckoned_through
    stood = loan.principal.nothing if standing is None else standing.owed
    parts = tuple(_parts(loan, rule, since, on))
    borne = sum((_borne(loan, part) for part in parts), Fraction(0))
    owed = stood + Money(stood.currency, rounded(borne.numerator, borne.denominator))
    return Reckoned(LateAccount(loan.loan_id, max(since, on), owed), stood, parts)


def _parts(loan: Loan, rule: LateInterest, since: date, on: date) -> Iterable[LateInterestPart]:
    for one in loan.instalments:
        begin = max(one.due_date, since)
        if begin < on and one.unpaid:
            bearing = one.unpaid if rule.on_interest else one.principal_unpaid
            yield LateInterestPart(one.number, begin, on, bearing, loan.nominal_interest_rate * rule.multiple)


def _borne(loan: Loan, part: LateInterestPart) -> Fraction:
    """What a part bore, exactly, in minor units."""
    return part.bearing.minor_units * Fraction(part.rate) * loan.day_count.year_fraction(part.begin, part.end)


def nothing(loan: Loan, on: date) -> Reckoned:
    """What is owed where nothing is late, or nothing is charged."""
    return Reckoned(LateAccount(loan.loan_id, on, loan.principal.nothing), loan.principal.nothing, ())


def must_not_be_serviced(loan: LoanSummary) -> None:
    """Refuses a loan that is kept by its account."""
    if loan.serviced:
        raise LoanMustNotBeServiced(loan_id=loan.loan_id)
