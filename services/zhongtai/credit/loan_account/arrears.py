"""How late an account is on a day, by the arrears convention of its product."""

from datetime import date

from zhongtai.credit.loan_account.domain import ArrearsClass, DelinquencyPause, LoanArrears
from zhongtai.kernel.money import Money
from zhongtai.kernel.servicing.account import Account
from zhongtai.kernel.servicing.arrears import Lateness, Pause, lateness, lateness_by_instalment, overdue
from zhongtai.kernel.servicing.books import Status


def arrears_of(account: Account, on: date) -> LoanArrears:
    """How late the account is on a day; nothing is late of one that is not active."""
    terms, schedule, transactions = account.terms, account.schedule(), account.transactions()
    paused = [Pause(*days) for days in account.delinquency_pauses]
    active = account.status is Status.ACTIVE
    late = lateness(schedule, transactions, terms.arrears, on, paused) if active else Lateness()
    by_class = lateness_by_instalment(schedule, transactions, terms.arrears, on, paused) if active else {}
    return LoanArrears(
        range=late.range or "",
        past_due_since=late.past_due_on,
        past_due_days=late.past_due_days,
        delinquent_since=late.delinquent_on,
        delinquent_days=late.delinquent_days,
        amount=Money(terms.currency, late.amount),
        overdue=Money(terms.currency, overdue(schedule, on)),
        by_instalment=tuple(ArrearsClass(name, Money(terms.currency, part)) for name, part in by_class.items()),
        pauses=tuple(DelinquencyPause(one.start, one.end) for one in paused),
    )
