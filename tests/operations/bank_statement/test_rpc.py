"""Statements through the door: received in parts, landed whole, each line once."""

from hashlib import sha256

import pytest

from tests.operations.bank import Bank
from tests.operations.bank_statement.files import NOSTRO, begun, booking, camt, landed, landing, lines_of
from zhongtai.operations.bank_statement.domain import PART_BYTES
from zhongtai.operations.v1 import bank_statement_pb2 as v1


@pytest.fixture(autouse=True)
async def nostro(bank: Bank) -> None:
    """Our account with the central bank."""
    await bank.internal("central_bank_settlement", NOSTRO)


async def test_a_statement_lands_with_its_balances_and_lines(bank: Bank) -> None:
    found = await landed(bank, camt(booking(500_00, "R-1"), booking(-20_00, "R-2")))
    assert (found.lines, found.lines_before, found.closing.minor_units) == (2, 0, 480_00)
    assert found.status == v1.BANK_STATEMENT_STATUS_LANDED
    assert [one.amount.minor_units for one in await lines_of(bank, found.statement_id)] == [500_00, -20_00]
    (told,) = await bank.door.facts(v1.BankStatementLanded)
    assert (told.lines, told.account_id) == (2, NOSTRO)


async def test_the_same_file_again_changes_nothing(bank: Bank) -> None:
    content = camt(booking(500_00, "R-1"))
    first = await landed(bank, content)
    assert await landed(bank, content, name="another name") == first
    assert len(await bank.door.facts(v1.BankStatementLanded)) == 1


async def test_a_line_that_another_file_brought_is_not_brought_again(bank: Bank) -> None:
    await landed(bank, camt(booking(500_00, "R-1"), booking(1_00, "R-2")))
    later = await landed(bank, camt(booking(1_00, "R-2"), booking(7_00, "R-3")))
    assert (later.lines, later.lines_before) == (2, 1)
    assert [one.reference for one in await lines_of(bank, later.statement_id)] == ["R-3"]


async def test_a_file_that_does_not_add_up_lands_nothing(bank: Bank) -> None:
    statement_id = await begun(bank, camt(booking(500_00, "R-1"), closing=499_00))
    refusal = await bank.door.refused(landing(bank, statement_id))
    assert refusal.reason == "STATEMENT_MUST_ADD_UP"
    assert await lines_of(bank, statement_id) == []
    assert not await bank.door.facts(v1.BankStatementLanded)


@pytest.mark.parametrize(
    ("content", "said", "reason"),
    [
        (camt(booking(1)), {"external_account": "NOSTRO-2"}, "STATEMENT_MUST_BE_OF_ONE_ACCOUNT"),
        (camt(booking(1)), {"content_hash": "0" * 64}, "STATEMENT_FILE_MUST_BE_WHOLE"),
        (b"<a/>", {}, "MESSAGE_KIND_MUST_BE_KNOWN"),
        (b"booking_date,amount\n2026,1\n", {"form": v1.BANK_STATEMENT_FORM_CSV}, "STATEMENT_ROW_MUST_BE_GOOD"),
    ],
)
async def test_what_is_no_statement_of_the_account_is_refused(
    bank: Bank, content: bytes, said: dict[str, object], reason: str
) -> None:
    statement_id = await begun(bank, content, **said)
    assert (await bank.door.refused(landing(bank, statement_id))).reason == reason


async def test_parts_come_in_order_and_once(bank: Bank) -> None:
    content = b"booking_date,amount\n" + b"2026-05-04,1\n" * 45_000
    announced = v1.BeginBankStatementRequest(
        request_id=bank.request_id(),
        account_id=NOSTRO,
        form=v1.BANK_STATEMENT_FORM_CSV,
        size_bytes=len(content),
        content_hash=sha256(content).hexdigest(),
    )
    statement_id = (await bank.door.call(announced)).statement_id

    def part(number: int, sent: bytes) -> v1.AppendBankStatementPartRequest:
        return v1.AppendBankStatementPartRequest(
            request_id=bank.request_id(), statement_id=statement_id, number=number, content=sent
        )

    first = content[:PART_BYTES]
    assert (await bank.door.refused(part(1, first))).reason == "STATEMENT_PART_MUST_FOLLOW"
    assert (await bank.door.refused(part(0, first[:-1]))).reason == "STATEMENT_PART_MUST_FOLLOW"
    for _ in range(2):
        assert (await bank.door.call(part(0, first))).received_bytes == PART_BYTES
    assert (await bank.door.refused(part(0, b"x" * PART_BYTES))).reason == "STATEMENT_PART_TAKEN"
    assert (await bank.door.refused(landing(bank, statement_id))).reason == "STATEMENT_FILE_MUST_BE_WHOLE"
    await bank.door.call(part(1, content[PART_BYTES:]))
    assert (await bank.door.call(landing(bank, statement_id))).bank_statement.lines == 45_000


async def test_a_customers_account_has_no_statement_of_another_bank(bank: Bank) -> None:
    account = await bank.deposit()
    request = v1.BeginBankStatementRequest(
        request_id=bank.request_id(),
        account_id=account,
        form=v1.BANK_STATEMENT_FORM_CSV,
        size_bytes=1,
        content_hash="0" * 64,
    )
    assert (await bank.door.refused(request)).reason == "STATEMENT_ACCOUNT_MUST_BE_OURS"
    request.account_id, request.mapping_name = NOSTRO, "none"
    assert (await bank.door.refused(request)).reason == "STATEMENT_MAPPING_NOT_FOUND"


async def test_statements_and_mappings_are_listed(bank: Bank) -> None:
    found = await landed(bank, camt(booking(1)))
    listed = await bank.door.call(v1.ListBankStatementsRequest(account_id=NOSTRO))
    assert list(listed.bank_statements) == [found]
    got = await bank.door.call(v1.GetBankStatementRequest(statement_id=found.statement_id))
    assert got.bank_statement == found
    mappings = (await bank.door.call(v1.ListStatementMappingsRequest())).mappings
    assert "chinese_two_columns" in [one.name for one in mappings]
