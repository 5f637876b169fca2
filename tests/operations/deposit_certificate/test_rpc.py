"""Certificates through the door."""

from datetime import UTC, date, datetime

from tests.operations.bank import Bank
from zhongtai.operations.v1 import deposit_certificate_pb2 as v1
from zhongtai.runtime.convert import date_message

TODAY = date(2026, 6, 1)


def issue(bank: Bank, *account_ids: str, ends_on: date | None = None) -> v1.IssueDepositCertificateRequest:
    return v1.IssueDepositCertificateRequest(
        request_id=bank.request_id(),
        customer_id="cus_1",
        holder_name="王小明 Wang Xiaoming",
        account_ids=account_ids,
        ends_on=date_message(ends_on) if ends_on else None,
    )


async def test_a_certificate_holds_the_money_and_verifies_until_it_is_withdrawn(bank: Bank) -> None:
    bank.door.today(TODAY)
    bank.door.now(datetime(2026, 6, 1, 2, tzinfo=UTC))
    account_id = await bank.deposit(10_000)
    made = (await bank.door.call(issue(bank, account_id, ends_on=date(2026, 6, 30)))).certificate
    assert made.number.startswith("20260601000001")
    assert (await bank.account(account_id)).available.minor_units == 0

    async def genuine(number: str, code: str) -> bool:
        found = await bank.door.call(v1.VerifyDepositCertificateRequest(number=number, code=code))
        assert found.HasField("certificate") == found.genuine
        return bool(found.genuine)

    assert await genuine(made.number, made.code.lower())
    assert not await genuine(made.number, "0" * 10)
    assert not await genuine("2026060100000100", made.code)
    document = await bank.door.call(v1.RenderDepositCertificateRequest(certificate_id=made.certificate_id))
    assert document.content.startswith(b"%PDF-")
    for request_id in ("r1", "r2"):
        await bank.door.call(
            v1.RevokeDepositCertificateRequest(request_id=request_id, certificate_id=made.certificate_id)
        )
    assert not await genuine(made.number, made.code)
    assert (await bank.account(account_id)).available.minor_units == 10_000
    assert len(await bank.door.facts(v1.DepositCertificateRevoked)) == 1


async def test_one_of_a_moment_holds_nothing_and_numbers_go_on(bank: Bank) -> None:
    bank.door.today(TODAY)
    account_id = await bank.deposit(10_000)
    numbers = [(await bank.door.call(issue(bank, account_id))).certificate.number for _ in range(2)]
    assert [number[8:14] for number in numbers] == ["000001", "000002"]
    assert (await bank.account(account_id)).available.minor_units == 10_000
    listed = await bank.door.call(v1.ListDepositCertificatesRequest(customer_id="cus_1"))
    assert [each.number for each in listed.certificates] == numbers
    found = await bank.door.call(v1.GetDepositCertificateRequest(certificate_id=listed.certificates[0].certificate_id))
    assert found.certificate == listed.certificates[0]


async def test_what_may_not_be_certified_is_refused(bank: Bank) -> None:
    bank.door.today(TODAY)
    mine, empty = await bank.deposit(100), await bank.deposit()
    other = await bank.deposit(100, customer_id="cus_2")

    async def reason(*account_ids: str, ends_on: date | None = None) -> str:
        return (await bank.door.refused(issue(bank, *account_ids, ends_on=ends_on))).reason

    assert await reason(other) == "CERTIFICATE_ACCOUNTS_MUST_BE_THE_CUSTOMERS"
    assert await reason(mine, mine) == "CERTIFICATE_ACCOUNTS_MUST_BE_THE_CUSTOMERS"
    assert await reason(empty) == "CERTIFICATE_MUST_PROVE_MONEY"
    assert await reason(mine, ends_on=date(2026, 5, 31)) == "CERTIFICATE_MUST_END_IN_TIME"
    missing = await bank.door.refused(v1.GetDepositCertificateRequest(certificate_id="dct_none"))
    assert missing.reason == "DEPOSIT_CERTIFICATE_NOT_FOUND"
