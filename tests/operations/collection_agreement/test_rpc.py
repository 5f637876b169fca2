"""Collection agreements through the door, and the batches that collect under them."""

from typing import Any

from google.type.date_pb2 import Date

from tests.operations.bank import Bank, cny
from tests.operations.payment_batch.test_rpc import continued, lines_of, submit
from zhongtai.operations.v1 import collection_agreement_pb2 as v1
from zhongtai.operations.v1 import mandate_pb2, payment_batch_pb2

LAST = Date(year=2099, month=12, day=31)


def agree(bank: Bank, debtor: str, creditor: str, fen: int = 100, **more: Any) -> v1.OpenCollectionAgreementRequest:
    return v1.OpenCollectionAgreementRequest(
        request_id=bank.request_id(),
        debtor_account_id=debtor,
        creditor_account_id=creditor,
        purpose="electricity",
        up_to=cny(fen),
        **{"ends_on": LAST, **more},
    )


async def agreed(bank: Bank, debtor: str, creditor: str, fen: int = 100, **more: Any) -> str:
    """The id of a new agreement."""
    return str((await bank.door.call(agree(bank, debtor, creditor, fen, **more))).collection_agreement_id)


async def collected(bank: Bank, creditor: str, lines: list[tuple[str, int]], reference: str) -> list[str]:
    """The reason codes of the lines of a collection, "" of what moved."""
    request = submit(bank, creditor, lines, reference, kind=payment_batch_pb2.BATCH_KIND_COLLECTION)
    batch_id = (await bank.door.call(request)).payment_batch_id
    await continued(bank, batch_id)
    return [line.reason_code for line in await lines_of(bank, batch_id)]


async def test_only_what_was_agreed_is_collected(bank: Bank) -> None:
    power = await bank.deposit(customer_id="cus_power")
    one, other, third = [await bank.deposit(1_000, customer_id=f"cus_{number}") for number in range(3)]
    first = await agreed(bank, one, power, 100, per_month=cny(150))
    await agreed(bank, third, power, 50)
    lines = [(one, 100), (other, 1), (one, 51), (third, 51), (one, 50), (third, 50), (one, 1)]
    assert await collected(bank, power, lines, "b1") == ["", "MD01", "AM14", "AM14", "", "", "AM14"]
    found = await bank.door.call(v1.GetCollectionAgreementRequest(collection_agreement_id=first))
    assert found.collection_agreement.collected == cny(150)
    assert [await bank.balance(account) for account in (power, one, other, third)] == [200, 850, 1_000, 950]
    for debtor, fen, reason in (
        (other, 1, "COLLECTION_MUST_BE_AGREED"),
        (third, 51, "COLLECTION_MUST_BE_WITHIN_AGREEMENT"),
    ):
        check = v1.CheckCollectionRequest(debtor_account_id=debtor, creditor_account_id=power, amount=cny(fen))
        assert (await bank.door.refused(check)).reason == reason
    check = v1.CheckCollectionRequest(debtor_account_id=third, creditor_account_id=power, amount=cny(50))
    assert (await bank.door.call(check)).collection_agreement_id
    # An agreement lets one creditor collect, and its end takes the right back at once.
    stranger = await bank.deposit(customer_id="cus_stranger")
    assert await collected(bank, stranger, [(third, 1)], "b2") == ["MD01"]
    listed = await bank.door.call(v1.ListCollectionAgreementsRequest(customer_id="cus_2"))
    (last,) = [each.collection_agreement_id for each in listed.collection_agreements]
    for _ in range(2):
        end = v1.EndCollectionAgreementRequest(request_id=bank.request_id(), collection_agreement_id=last)
        await bank.door.call(end)
    assert len(await bank.door.facts(v1.CollectionAgreementEnded)) == 1
    assert await collected(bank, power, [(third, 1)], "b3") == ["MD01"]
    await agreed(bank, third, power, 50)
    assert await collected(bank, power, [(third, 1)], "b4") == [""]
    await bank.must_be_sound()


async def test_what_cannot_move_uses_nothing_of_an_agreement(bank: Bank) -> None:
    power, one = await bank.deposit(customer_id="cus_power"), await bank.deposit(60)
    await agreed(bank, one, power, 100, per_month=cny(100))
    assert await collected(bank, power, [(one, 61), (one, 60)], "b1") == ["AM04", ""]


async def test_the_bank_collects_what_is_due_to_it_without(bank: Bank) -> None:
    fees, one = await bank.internal("suspense", "acc_suspense_cny"), await bank.deposit(60)
    assert await collected(bank, fees, [(one, 50)], "b1") == [""]


async def test_a_wrong_agreement_leaves_no_trace(bank: Bank) -> None:
    power, one = await bank.deposit(customer_id="cus_power"), await bank.deposit(60)
    suspense = await bank.internal("suspense", "acc_suspense_cny")
    mandated = await bank.deposit(60)
    mandate = mandate_pb2.SetMandateRequest(
        request_id="m", account_id=mandated, kind=mandate_pb2.MANDATE_KIND_AGENT, customers=["cus_5"], together=1
    )
    await bank.door.call(mandate)
    await agreed(bank, one, power)
    before = await bank.door.envelopes()
    cases = [
        (agree(bank, one, power), "COLLECTION_AGREEMENT_MUST_BE_ONLY_ONE"),
        (agree(bank, power, power), "ACCOUNTS_MUST_DIFFER"),
        (agree(bank, power, one, ends_on=Date(year=2020, month=1, day=1)), "COLLECTION_AGREEMENT_MUST_END_AHEAD"),
        (agree(bank, power, one, per_month=cny(5, "USD")), "CURRENCY_MUST_MATCH"),
        (agree(bank, "acc_none", one), "ACCOUNT_NOT_FOUND"),
        (agree(bank, suspense, one), "CUSTOMER_ACCOUNT_MUST_BE_GIVEN"),
        (agree(bank, one, suspense), "CUSTOMER_ACCOUNT_MUST_BE_GIVEN"),
        (agree(bank, mandated, power), "ORDER_MUST_BE_COVERED_BY_MANDATE"),
        (agree(bank, power, one, 0), "REQUEST_INVALID"),
        (agree(bank, power, one, per_month=cny(0)), "REQUEST_INVALID"),
    ]
    for request, reason in cases:
        assert (await bank.door.refused(request)).reason == reason
    assert await bank.door.envelopes() == before
    unknown = v1.EndCollectionAgreementRequest(request_id="e", collection_agreement_id="coll_none")
    assert (await bank.door.refused(unknown)).reason == "COLLECTION_AGREEMENT_NOT_FOUND"
    await agreed(bank, mandated, power, ordered_by=["cus_5"])
