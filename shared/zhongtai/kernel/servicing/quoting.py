"""What the loan costs to pay off on a day."""

from datetime import date

from zhongtai.kernel.servicing.books import Books
from zhongtai.kernel.servicing.cumulative.recalculation import paid_off
from zhongtai.kernel.servicing.instalments import FEE, INTEREST, PENALTY, PRINCIPAL
from zhongtai.kernel.servicing.terms import PreClosure


def payoff_amount(books: Books, on: date) -> int:
    """The amount, in minor units, that pays everything off on the day: interest until then, or until the rest date."""
    work = books.workings
    rules = books.terms.recalculation
    if work.model is None and books.recalculates_plan and work.bears_interest:
        return paid_off(books.terms, books.told_for_plan(on, till=on))
    if work.model is None or rules is None or not work.follows_model:
        return sum(each.outstanding for each in work.instalments)
    till = on
    if rules.pre_closure is PreClosure.TILL_REST_DATE:
        running = work.instalment_at(on) or work.instalments[0]
        till = running.due
    model = work.model
    if till > books.reckoned_till and work.follows_model and books.terms.interest.on_past_due:
        model = model.copy()
        model.recalculate_overdue(till)
    owed = model.outstanding_till(till)
    amount = owed.principal + owed.interest
    for each in work.instalments:
        if each.down_payment:
            amount += each.owed(PRINCIPAL)
        elif each.additional:
            amount += each.owed(PRINCIPAL) + each.owed(INTEREST)
        amount += each.owed(FEE) + each.owed(PENALTY)
    return amount
