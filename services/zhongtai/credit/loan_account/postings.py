"""What an operation posts: the legs of the rule of each transaction it booked, and the mirror for each it reverted.

The rules are data of the servicing engine (`zhongtai.kernel.servicing.postings`); the legs name roles, and the ledger
knows which of its accounts plays each.
"""

from collections.abc import Sequence
from dataclasses import replace

from zhongtai.credit.loan_account.domain import Changes, Leg, LoanTransaction, Posting, Tables
from zhongtai.credit.servicing.domain import ChargeOffReason
from zhongtai.kernel.money import Money
from zhongtai.kernel.servicing.postings import Line, Role, booked_by_write_off, journal
from zhongtai.kernel.servicing.taxes import taxed
from zhongtai.kernel.servicing.terms import Terms
from zhongtai.kernel.servicing.transactions import Portions, Transaction, TransactionType

# A role is posted under its own name.
_ROLES = {role: role.value for role in Role}


def postings_of(terms: Terms, shown: Tables, made: Changes, expense: Role | None) -> tuple[Posting, ...]:
    """What is posted for what was booked, and taken back for what was reverted, by role.

    What an operation books and reverts at once is not posted: it never stood. `expense` bears a charge-off, where its
    reason says so.
    """
    gives_up = any(one.kind == TransactionType.WRITE_OFF.name for one in shown.transactions)
    written_off = booked_by_write_off([_booked(one) for one in shown.transactions]) if gives_up else frozenset()
    found = []
    for one, reversal in [(one, False) for one in made.booked if not one.reverted] + [
        (one, True) for one in made.reverted
    ]:
        lines = journal(
            replace(_booked(one), reverted=False),
            _ROLES,
            terms.accounting,
            written_off=one.transaction_id in written_off,
            buy_down_by_merchant=terms.buy_down_fee is None or terms.buy_down_fee.by_merchant,
            expense=expense,
        )
        if terms.taxes is not None:
            lines = taxed(_booked(one), lines, terms.taxes)
        if lines:
            legs = tuple(_leg(line, terms.currency, reversal=reversal) for line in lines)
            found.append(Posting(one.transaction_id, one.kind, reversal, one.dated, legs))
    return tuple(found)


def expense_of(reasons: Sequence[ChargeOffReason], given: str | None) -> Role | None:
    """The role that bears the last charge-off by the reason `given`; None where the product says nothing of it."""
    fraud = {one.reason: one.fraud for one in reasons}.get(given) if given is not None else None
    if fraud is None:
        return None
    return Role.CHARGE_OFF_FRAUD_EXPENSE if fraud else Role.CHARGE_OFF_EXPENSE


def _leg(line: Line, currency: str, *, reversal: bool) -> Leg:
    side = "DEBIT" if bool(line.debit) != reversal else "CREDIT"
    return Leg(line.account, side, Money(currency, line.debit or line.credit))


def _booked(one: LoanTransaction) -> Transaction:
    """A transaction as the engine's rules of posting take it."""
    return Transaction(
        id=one.transaction_id,
        type=TransactionType[one.kind],
        dated=one.dated,
        booked_on=one.booked_on,
        amount=one.amount.minor_units,
        portions=Portions(
            one.principal.minor_units, one.interest.minor_units, one.fee.minor_units, one.penalty.minor_units
        ),
        overpaid=one.overpaid.minor_units,
        balance=one.balance.minor_units,
        reverted=one.reverted,
        replayed=one.replayed,
        operation=one.operation_id,
        charged_off=one.charged_off,
        fraud=one.fraud,
    )
