"""What commands and events ask of their store: statements are counted, so that a dearer one is seen where it is made.

Counted is one alone in its transaction, on SQLite: its reads and the rows it writes, the runtime's own among them (the
kept reply or the inbox mark, the audit entry, each fact). A node of the limit tree, an instalment are a row each.
"""

from pathlib import Path

from tests.load.costs import ALONE, measure

AT_MOST = {
    "marketing RegisterCustomer": 6,
    "operations PostEntry": 10,
    "credit GrantLimit": 7,
    "credit HoldLimit": 17,
    "credit OpenLoan": 21,
    "credit CommitHold": 15,
    "credit ConfirmDisbursement": 8,
    "credit QuoteRepayment": 2,
    "credit RepayLoan": 10,
    "asset_liability hears LimitGranted": 5,
    "reporting hears LimitGranted": 4,
    "reporting hears LimitHeld": 4,
    "asset_liability hears LimitCommitted": 5,
    "reporting hears LimitCommitted": 4,
    "reporting hears LoanOpened": 8,
    "credit hears LoanDisbursed": 5,
    "operations hears LimitGranted": 10,
    "operations hears LoanDisbursed": 20,
    "asset_liability hears LoanDisbursed": 6,
    "reporting hears LoanDisbursed": 21,
    "credit hears LoanRepaid": 20,
    "operations hears LoanRepaid": 22,
    "asset_liability hears LoanRepaid": 5,
    "reporting hears LoanRepaid": 8,
    "asset_liability hears LimitRestored": 5,
    "reporting hears LimitRestored": 4,
    "credit hears EntryPosted": 7,
    "asset_liability hears EntryPosted": 2,
    "reporting hears EntryPosted": 7,
}


async def test_no_command_and_no_event_asks_for_more_statements_than_it_did(tmp_path: Path) -> None:
    costs = {cost.name: cost.statements for cost in await measure(tmp_path, ALONE)}
    assert costs.keys() == AT_MOST.keys()
    for name, most in AT_MOST.items():
        told = "\n".join(text[:100] for text in costs[name])
        assert len(costs[name]) <= most, f"{name} asks {len(costs[name])} statements, not {most}:\n{told}"
