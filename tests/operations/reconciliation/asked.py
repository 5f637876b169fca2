"""What the stories of reconciliations ask the bank."""

from typing import Any

from tests.operations.bank import Bank
from tests.operations.bank_statement.files import NOSTRO
from zhongtai.operations.v1 import reconciliation_pb2 as v1


async def run(bank: Bank) -> v1.ReconcileAccountResponse:
    """What came of a run."""
    reply = await bank.door.call(v1.ReconcileAccountRequest(request_id=bank.request_id(), account_id=NOSTRO))
    assert isinstance(reply, v1.ReconcileAccountResponse)
    return reply


async def received(bank: Bank, fen: int, reference: str) -> str:
    """The entry of money that arrived, under a reference."""
    account = await bank.deposit()
    entry = await bank.post((NOSTRO, "DEBIT", fen), (account, "CREDIT", fen), reference=reference)
    return str(entry.entry_id)


async def matches(bank: Bank, **said: Any) -> list[v1.Match]:
    """The matches of our account."""
    return list((await bank.door.call(v1.ListMatchesRequest(account_id=NOSTRO, **said))).matches)


async def open_items(bank: Bank) -> list[v1.LedgerItem]:
    """What the ledger has that nothing is matched with."""
    return list((await bank.door.call(v1.ListLedgerItemsRequest(account_id=NOSTRO, unmatched=True))).items)


async def open_lines(bank: Bank) -> list[Any]:
    """What statements have that nothing is matched with."""
    return list((await bank.door.call(v1.ListOpenLinesRequest(account_id=NOSTRO))).lines)


def approving(bank: Bank, match_id: str) -> v1.ApproveDifferenceRequest:
    """The request to post a difference."""
    return v1.ApproveDifferenceRequest(request_id=bank.request_id(), match_id=match_id)
