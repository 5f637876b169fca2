"""Mandates through the door."""

from datetime import date, timedelta

from tests.operations.bank import Bank, cny
from zhongtai.operations.v1 import mandate_pb2 as v1


async def test_joint_holders_order_together_until_the_mandate_ends(bank: Bank) -> None:
    bank.door.today(date(2026, 6, 1))
    account_id = await bank.deposit(10_000)
    request = v1.SetMandateRequest(
        request_id="s1",
        account_id=account_id,
        kind=v1.MANDATE_KIND_HOLDER,
        customers=["cus_1", "cus_2"],
        together=2,
        up_to=cny(5_000),
    )
    given = await bank.door.call(request)

    def check(*people: str, fen: int = 5_000) -> v1.CheckMandateRequest:
        return v1.CheckMandateRequest(account_id=account_id, ordered_by=people, amount=cny(fen))

    await bank.door.call(check("cus_1", "cus_2"))
    assert (await bank.door.refused(check("cus_1"))).reason == "ORDER_MUST_BE_COVERED_BY_MANDATE"
    assert (await bank.door.refused(check("cus_1", "cus_2", fen=5_001))).reason == "ORDER_MUST_BE_COVERED_BY_MANDATE"
    for request_id in ("e1", "e2"):
        await bank.door.call(v1.EndMandateRequest(request_id=request_id, mandate_id=given.mandate_id))
    await bank.door.call(check("cus_1"))
    bank.door.today(date(2026, 6, 1) + timedelta(days=1))
    listed = await bank.door.call(v1.ListMandatesRequest(account_id=account_id))
    assert [mandate.together for mandate in listed.mandates] == [2]
    assert len(await bank.door.facts(v1.MandateSet)) == len(await bank.door.facts(v1.MandateEnded)) == 1


async def test_what_may_not_be_given_is_refused(bank: Bank) -> None:
    account_id = await bank.deposit()
    request = v1.SetMandateRequest(
        request_id="s1", account_id=account_id, kind=v1.MANDATE_KIND_AGENT, customers=["cus_1"], together=2
    )
    assert (await bank.door.refused(request)).reason == "MANDATE_MUST_NAME_ENOUGH"
    missing = await bank.door.refused(v1.EndMandateRequest(request_id="e1", mandate_id="mdt_none"))
    assert missing.reason == "MANDATE_NOT_FOUND"
