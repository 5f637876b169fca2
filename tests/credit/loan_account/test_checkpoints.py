"""A checkpoint saves a replay and never answers for another history."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.credit.examples import fen, request_id
from tests.credit.serviced import account_of, forget, lent, on, publish, transactions_of
from zhongtai.credit.loan_account import checkpoints, store
from zhongtai.credit.loan_account.domain import LoanCheckpoint
from zhongtai.credit.v1 import loan_account_pb2 as v1
from zhongtai.credit.v1 import loan_payment_pb2
from zhongtai.kernel.servicing import account as servicing
from zhongtai.kernel.servicing.account import Account
from zhongtai.testing.doors import Door

OTHERS: dict[str, Callable[[LoanCheckpoint], LoanCheckpoint]] = {
    "of another history": lambda kept: replace(kept, chain="0" * 64),
    "of another place in it": lambda kept: replace(kept, number=kept.number - 1),
    "of other code": lambda kept: replace(kept, code="0" * 64),
    "of unreadable bytes": lambda kept: replace(kept, state=kept.state[:-9]),
    "of no bytes": lambda kept: replace(kept, state=b""),
}


class Found:
    """The checkpoints of the store, as somebody changed them."""

    def __init__(self, changed: Callable[[LoanCheckpoint], LoanCheckpoint]) -> None:
        self._kept, self._changed = store.checkpoints, changed
        self.add, self.save = self._kept.add, self._kept.save

    def find(self, view: Any, loan_id: str) -> LoanCheckpoint | None:
        kept = self._kept.find(view, loan_id)
        return None if kept is None else self._changed(kept)


async def lived(door: Door, *, restarts: bool) -> str:
    """A loan of some months, closed every tenth day, paid now and then."""
    loan_id = await lent(door)
    for number in range(12):
        on(door, 2026, 2 + number // 3, 1 + 10 * (number % 3))
        if restarts:
            forget()
        await door.call(v1.CloseLoanDayRequest(request_id=request_id(), loan_id=loan_id))
        if number % 2:
            pay = loan_payment_pb2.ReceivePaymentRequest(request_id=request_id(), loan_id=loan_id)
            pay.amount.CopyFrom(fen(20_000 + number))
            pay.type = loan_payment_pb2.PAYMENT_TYPE_REPAYMENT
            await door.call(pay)
    return loan_id


async def shown(door: Door, loan_id: str) -> tuple[Any, ...]:
    told = await account_of(door, loan_id)
    rows = [(one.kind, one.dated, one.amount, one.balance) for one in await transactions_of(door, loan_id)]
    return list(told.plan), told.owed, rows


async def test_an_account_opened_at_its_checkpoints_is_the_replay_of_its_history(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(door)
    monkeypatch.setattr(servicing, "CHECKPOINT_EVERY", 10**6)
    whole = await shown(door, await lived(door, restarts=False))
    monkeypatch.setattr(servicing, "CHECKPOINT_EVERY", 5)
    assert await shown(door, await lived(door, restarts=True)) == whole


@pytest.mark.parametrize("case", sorted(OTHERS))
async def test_a_checkpoint_is_passed_over(door: Door, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    await publish(door)
    monkeypatch.setattr(servicing, "CHECKPOINT_EVERY", 5)
    loan_id = await lived(door, restarts=False)
    whole = await shown(door, loan_id)
    opened: list[int] = []

    def counted(view: Any, kept: Any, terms: Any) -> tuple[Account, int]:
        account, number = checkpoint(view, kept, terms)
        opened.append(number)
        return account, number

    checkpoint = checkpoints.opened
    monkeypatch.setattr(checkpoints, "opened", counted)
    forget()
    assert await shown(door, loan_id) == whole
    assert opened == [20]
    monkeypatch.setattr(store, "checkpoints", Found(OTHERS[case]))
    forget()
    assert await shown(door, loan_id) == whole
    assert opened == [20, 0]
