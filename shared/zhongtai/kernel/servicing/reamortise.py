"""Re-amortisation (重新摊还): what is past due is spread over the instalments to come.

Those that are past keep what was paid of them.
"""

from zhongtai.kernel.servicing.entries import Entry
from zhongtai.kernel.servicing.instalments import FEE, PRINCIPAL, Instalment, parts
from zhongtai.kernel.servicing.interest.factors import divided
from zhongtai.kernel.servicing.interest.reage import re_amortise as re_amortise_model
from zhongtai.kernel.servicing.interest.reage import re_amortise_equal_interest
from zhongtai.kernel.servicing.operations import ReAmortize, ReAmortizeInterest
from zhongtai.kernel.servicing.refusals import OperationUnsupported
from zhongtai.kernel.servicing.workings import Workings


def re_amortise(work: Workings, entry: Entry) -> None:
    """Spreads what is past due; the entry tells how much of what, and is reverted where nothing was."""
    cause = entry.cause
    assert isinstance(cause, ReAmortize), "a re-amortisation is booked by its operation"
    on = entry.dated
    past = [each for each in work.instalments if each.due <= on]
    ahead = [each for each in work.instalments if each.due > on and each.regular and not each.re_aged]
    entry.clear()
    if not work.bears_interest:
        _without_interest(work, entry, past, ahead)
        return
    if not work.recalculates:
        raise OperationUnsupported(operation="re-amortise", because="its interest is not recalculated")
    if cause.interest is ReAmortizeInterest.WAIVE_INTEREST:
        raise OperationUnsupported(operation="re-amortise", because="interest is not waived by it")
    split = cause.interest is ReAmortizeInterest.EQUAL_AMORTIZATION_INTEREST_SPLIT
    model = work.interest_model
    fees = 0
    if split:
        found = [model.find(each.start, each.due) for each in past]
        principal = sum(period.outstanding_principal for period in found if period is not None)
        for each in past:
            fees += each.owed(FEE)
            each.charged[FEE] -= each.owed(FEE)
    else:
        principal = sum(each.owed(PRINCIPAL) for each in past)
    interest = model.outstanding_interest_till(past[-1].due)
    entry.set_components(parts(principal, interest))
    if not principal and not interest:
        entry.reverted = True
        return
    (re_amortise_equal_interest if split else re_amortise_model)(model, on)
    work.follow_model(on)
    _spread_fees(fees, ahead)


def _spread_fees(fees: int, instalments: list[Instalment]) -> None:
    """Shares overdue fees equally, the rest on the last instalment."""
    if not fees or not instalments:
        return
    share = divided(fees, len(instalments))
    for instalment in instalments[:-1]:
        instalment.charged[FEE] += share
    instalments[-1].charged[FEE] += fees - share * (len(instalments) - 1)


def _without_interest(work: Workings, entry: Entry, past: list[Instalment], ahead: list[Instalment]) -> None:
    on = entry.dated
    overdue = sum(each.owed(PRINCIPAL) for each in past)
    entry.set_components(parts(overdue if ahead else 0))
    if not entry.amount:
        entry.reverted = True
        return
    for each in past:
        each.charged[PRINCIPAL] -= each.owed(PRINCIPAL)
        each.settle(on)
    share = divided(overdue, len(ahead))
    multiple = work.terms.repayment.multiples_of
    if multiple:
        share = divided(share, multiple) * multiple
    for each in ahead[:-1]:
        each.charged[PRINCIPAL] += share
        each.settle(on)
    ahead[-1].charged[PRINCIPAL] += overdue - share * (len(ahead) - 1)
    ahead[-1].settle(on)
