"""All accounts are closed for a day, each once, and one that refuses keeps no other waiting."""

from datetime import date
from typing import Any

import pytest

from tests.credit.examples import request_id
from tests.credit.serviced import lent, on, publish, transactions_of
from zhongtai.credit.loan_account.performing import apply
from zhongtai.credit.loan_account_day import closing, domain, handlers
from zhongtai.credit.v1 import loan_account_day_pb2 as v1
from zhongtai.credit.v1 import loan_account_pb2
from zhongtai.kernel.servicing.refusals import OperationUnsupported
from zhongtai.runtime.convert import date_message
from zhongtai.testing.doors import Door


async def closed(door: Door, position: str = "") -> v1.CloseLoanAccountDaysResponse:
    request = v1.CloseLoanAccountDaysRequest(request_id=request_id(), position=position)
    reply: v1.CloseLoanAccountDaysResponse = await door.call(request)
    return reply


async def accruals(door: Door, loan_id: str) -> list[date]:
    found = await transactions_of(door, loan_id)
    return [date(one.dated.year, one.dated.month, one.dated.day) for one in found if one.kind == "ACCRUAL"]


async def test_every_account_accrues_by_the_day_and_is_closed_once(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "AT_ONCE", 2)
    await publish(door)
    loans = [await lent(door) for _ in range(3)]
    on(door, 2026, 1, 12)
    first = await closed(door)
    assert (first.closed, first.refused, first.next_position) == (2, 0, sorted(loans)[1])
    second = await closed(door, first.next_position)
    assert (second.closed, second.refused, second.next_position) == (1, 0, "")
    assert [await accruals(door, loan_id) for loan_id in loans] == [[date(2026, 1, 11)]] * 3
    assert (await closed(door)).closed == 0, "all are closed by the day"
    on(door, 2026, 1, 13)
    await door.call(loan_account_pb2.CloseLoanDayRequest(request_id=request_id(), loan_id=loans[0]))
    again = await closed(door)
    assert again.closed == 2, "the one that was closed by itself is left"
    assert [len(await accruals(door, loan_id)) for loan_id in loans] == [2, 2, 2]


async def test_an_account_that_refuses_is_told_and_closed_for_all_days_later(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(door)
    loans = sorted([await lent(door) for _ in range(3)])
    on(door, 2026, 1, 12)
    with monkeypatch.context() as patch:

        def refuse(unit: Any, loan: Any, kept: Any, operation: Any) -> Any:
            if loan.loan_id == loans[1]:
                raise OperationUnsupported(operation="EndOfDay", because="the test says so")
            return apply(unit, loan, kept, operation)

        patch.setattr(closing, "apply", refuse)
        reply = await closed(door)
    assert (reply.closed, reply.refused, reply.next_position) == (2, 1, "")
    (told,) = await door.facts(v1.LoanDayNotClosed)
    assert (told.loan_id, told.business_date, told.reason) == (
        loans[1],
        date_message(date(2026, 1, 11)),
        "OPERATION_UNSUPPORTED",
    )
    assert not await accruals(door, loans[1])
    later = await closed(door)
    assert (later.closed, later.refused) == (1, 0)
    assert await accruals(door, loans[1]) == [date(2026, 1, 11)]
    assert domain.AT_ONCE > 3
