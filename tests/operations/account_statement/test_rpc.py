"""Statements through the door."""

from datetime import date

import pytest

from tests.operations.bank import Bank
from zhongtai.operations.account_statement import domain
from zhongtai.operations.v1 import account_statement_pb2 as v1
from zhongtai.runtime.convert import date_message


async def moved(bank: Bank) -> str:
    bank.door.today(date(2026, 6, 1))
    account_id = await bank.deposit(10_000)
    bank.door.today(date(2026, 6, 2))
    await bank.post((account_id, "DEBIT", 4_000), ("1001", "CREDIT", 4_000))
    await bank.post(
        ("1001", "DEBIT", 500), (account_id, "CREDIT", 500), value_date=date_message(date(2026, 6, 1)), narrative="工资"
    )
    return account_id


def asked(account_id: str, first: int, **change: object) -> v1.GetAccountStatementRequest:
    request = v1.GetAccountStatementRequest(
        account_id=account_id,
        first_day=date_message(date(2026, 6, first)),
        last_day=date_message(date(2026, 6, 30)),
    )
    for name, value in change.items():
        setattr(request, name, value)
    return request


async def test_a_statement_is_told_by_booking_and_by_value_date(bank: Bank) -> None:
    account_id = await moved(bank)
    found = (await bank.door.call(asked(account_id, 2))).statement
    assert (found.opening.minor_units, found.closing.minor_units) == (10_000, 6_500)
    assert (found.debits.minor_units, found.credits.minor_units) == (4_000, 500)
    assert [line.balance.minor_units for line in found.lines] == [6_000, 6_500]
    by_value = (await bank.door.call(asked(account_id, 2, order=v1.STATEMENT_ORDER_VALUE))).statement
    assert (by_value.opening.minor_units, len(by_value.lines)) == (10_500, 1)


async def test_pages_carry_their_balances_on(bank: Bank) -> None:
    account_id = await moved(bank)
    position, balances = "", []
    for _ in range(3):
        found = (await bank.door.call(asked(account_id, 1, size=1, position=position))).statement
        balances.append((found.page_opening.minor_units, found.page_closing.minor_units))
        position = found.next_position
    assert balances == [(0, 10_000), (10_000, 6_000), (6_000, 6_500)]
    assert not position
    refused = await bank.door.refused(asked(account_id, 1, position="nonsense"))
    assert refused.reason == "STATEMENT_POSITION_UNKNOWN"


async def test_a_statement_is_a_document_too(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    account_id = await moved(bank)
    request = v1.RenderAccountStatementRequest(
        account_id=account_id,
        first_day=date_message(date(2026, 6, 1)),
        last_day=date_message(date(2026, 6, 30)),
    )
    made = await bank.door.call(request)
    assert made.content_type == "application/pdf"
    assert made.content.startswith(b"%PDF-")
    assert (await bank.door.call(request)).content == made.content
    request.last_day.CopyFrom(date_message(date(2026, 5, 1)))
    assert (await bank.door.refused(request)).reason == "STATEMENT_PERIOD_MUST_BE_IN_ORDER"
    request.last_day.CopyFrom(date_message(date(2026, 6, 30)))
    monkeypatch.setattr("zhongtai.operations.account_statement.handlers.LINES_MAX", 2)
    assert (await bank.door.refused(request)).reason == "STATEMENT_MUST_FIT"
    assert domain.LINES_MAX == 5_000
