"""Batches through the door: partial success told line by line, resumed where they stopped, each line once."""

from typing import Any

from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal

from tests.operations.bank import Bank, cny
from zhongtai.operations.v1 import account_pb2, ledger_pb2
from zhongtai.operations.v1 import collection_agreement_pb2 as agreement_v1
from zhongtai.operations.v1 import payment_batch_pb2 as v1
from zhongtai.operations.v1.payment_pb2 import PAYMENT_STATUS_ACSC, PAYMENT_STATUS_RJCT


def submit(
    bank: Bank, account_id: str, lines: list[tuple[str, int]], reference: str = "b1", **more: Any
) -> v1.SubmitPaymentBatchRequest:
    asked = {
        "kind": v1.BATCH_KIND_PAYROLL,
        "count": len(lines),
        "amount": cny(sum(fen for _, fen in lines)),
        **more,
    }
    return v1.SubmitPaymentBatchRequest(
        request_id=bank.request_id(),
        end_to_end_id=reference,
        account_id=account_id,
        lines=[
            v1.BatchLineRequest(end_to_end_id=f"l{number}", account_id=account, amount=cny(fen))
            for number, (account, fen) in enumerate(lines)
        ],
        **asked,
    )


async def continued(bank: Bank, batch_id: str) -> v1.PaymentBatch:
    """The batch once every line has an outcome."""
    while True:
        request = v1.ContinuePaymentBatchRequest(request_id=bank.request_id(), payment_batch_id=batch_id)
        reply = await bank.door.call(request)
        if not reply.more:
            found: v1.PaymentBatch = reply.payment_batch
            return found


async def lines_of(bank: Bank, batch_id: str, **asked: Any) -> list[v1.BatchLine]:
    reply = await bank.door.call(v1.ListBatchLinesRequest(payment_batch_id=batch_id, **asked))
    return list(reply.lines)


async def test_a_payroll_tells_line_by_line_what_moved(bank: Bank) -> None:
    employer = await bank.deposit(1_000)
    closed = await bank.deposit()
    await bank.door.call(account_pb2.CloseAccountRequest(request_id="c", account_id=closed))
    dollars = await bank.deposit(currency="USD")
    staff = [await bank.deposit() for _ in range(3)]
    wanted = [(staff[0], 400), (closed, 1), (staff[1], 601), ("acc_none", 5), (dollars, 7), (staff[2], 600)]
    batch_id = (await bank.door.call(submit(bank, employer, wanted))).payment_batch_id
    assert await bank.balance(employer) == 1_000
    done = await continued(bank, batch_id)
    assert done.status == v1.BATCH_STATUS_PART
    assert (done.accepted, done.accepted_count, done.rejected_count) == (cny(1_000), 2, 4)
    lines = await lines_of(bank, batch_id)
    assert [line.reason_code for line in lines] == ["", "AC06", "AM04", "AC01", "AM03", ""]
    assert [line.number for line in await lines_of(bank, batch_id, status=PAYMENT_STATUS_RJCT)] == [2, 3, 4, 5]
    assert [await bank.balance(account) for account in (employer, *staff)] == [0, 400, 0, 600]
    (told,) = await bank.door.facts(v1.PaymentBatchCompleted)
    assert (told.accepted, told.rejected) == (cny(1_000), cny(614))
    # Going on with what is done changes nothing.
    assert await continued(bank, batch_id) == done
    await bank.must_be_sound()


async def test_a_long_batch_goes_on_where_it_stopped(bank: Bank) -> None:
    employer = await bank.deposit(1_200)
    staff = [await bank.deposit() for _ in range(4)]
    wanted = [(staff[number % 4], 1) for number in range(1_200)]
    batch_id = (await bank.door.call(submit(bank, employer, wanted, batch_booking=True))).payment_batch_id
    first = v1.ContinuePaymentBatchesRequest(request_id=bank.request_id())
    assert (await bank.door.call(first)).lines == 500
    # The same request again is the same reply, not the next piece.
    assert (await bank.door.call(first)).lines == 500
    assert await bank.balance(employer) == 700
    done = await continued(bank, batch_id)
    assert (done.status, done.accepted_count) == (v1.BATCH_STATUS_ACSC, 1_200)
    assert [await bank.balance(account) for account in staff] == [300] * 4
    found = (await bank.door.call(ledger_pb2.ListEntriesRequest(reference=batch_id))).entries
    assert [len(entry.legs) for entry in found] == [5, 5, 5]
    last = await bank.door.call(v1.ContinuePaymentBatchesRequest(request_id=bank.request_id()))
    assert (last.lines, last.more) == (0, False)
    await bank.must_be_sound()


async def test_a_collection_takes_from_whoever_has_it(bank: Bank) -> None:
    collector = await bank.deposit()
    payers = [await bank.deposit(100), await bank.deposit(10)]
    for payer in payers:
        await bank.door.call(
            agreement_v1.OpenCollectionAgreementRequest(
                request_id=bank.request_id(),
                debtor_account_id=payer,
                creditor_account_id=collector,
                purpose="fees",
                up_to=cny(60),
                ends_on=Date(year=2099, month=1, day=1),
            )
        )
    request = submit(bank, collector, [(payer, 60) for payer in payers], kind=v1.BATCH_KIND_COLLECTION)
    done = await continued(bank, (await bank.door.call(request)).payment_batch_id)
    assert (done.status, await bank.balance(collector)) == (v1.BATCH_STATUS_PART, 60)
    assert [await bank.balance(payer) for payer in payers] == [40, 10]


async def test_a_wrong_batch_leaves_no_trace(bank: Bank) -> None:
    employer, one = await bank.deposit(1_000), await bank.deposit()
    cases = [
        (submit(bank, employer, [(one, 5)], amount=cny(6)), "BATCH_TOTALS_MUST_MATCH"),
        (submit(bank, employer, [(one, 5)], count=2), "BATCH_TOTALS_MUST_MATCH"),
        (submit(bank, employer, [(employer, 5)]), "BATCH_LINE_MUST_BE_ANOTHER_ACCOUNT"),
        (submit(bank, "acc_none", [(one, 5)]), "ACCOUNT_NOT_FOUND"),
        (submit(bank, employer, [(one, 5)], amount=cny(5, "USD")), "CURRENCY_MUST_MATCH"),
        (submit(bank, employer, [(one, 5)], kind=v1.BATCH_KIND_SPLIT), "REQUEST_INVALID"),
        (submit(bank, employer, []), "REQUEST_INVALID"),
    ]
    for request, reason in cases:
        assert (await bank.door.refused(request)).reason == reason
    assert not (await bank.door.call(v1.ListPaymentBatchesRequest(account_id=employer))).payment_batches
    first = await bank.door.call(submit(bank, employer, [(one, 5)]))
    assert (await bank.door.call(submit(bank, employer, [(one, 5)]))).payment_batch_id == first.payment_batch_id
    assert (await bank.door.refused(submit(bank, employer, [(one, 6)]))).reason == "BATCH_REFERENCE_MUST_BE_UNIQUE"
    unknown = v1.ContinuePaymentBatchRequest(request_id="u", payment_batch_id="batch_0")
    assert (await bank.door.refused(unknown)).reason == "PAYMENT_BATCH_NOT_FOUND"


async def test_a_split_is_one_entry_all_at_once_or_not_at_all(bank: Bank) -> None:
    buyer = await bank.deposit(1_000)
    sellers = [await bank.deposit() for _ in range(3)]

    def split(fen: int, reference: str = "s1") -> v1.SplitPaymentRequest:
        return v1.SplitPaymentRequest(
            request_id=bank.request_id(),
            end_to_end_id=reference,
            debtor_account_id=buyer,
            amount=cny(fen),
            shares=[v1.SplitShare(creditor_account_id=one, weight=Decimal(value="1")) for one in sellers],
        )

    reply = await bank.door.call(split(1_000))
    assert [line.amount.minor_units for line in reply.lines] == [334, 333, 333]
    assert {line.status for line in reply.lines} == {PAYMENT_STATUS_ACSC}
    assert await bank.door.call(split(1_000)) == reply
    entry = (await bank.door.call(ledger_pb2.GetEntryRequest(entry_id=reply.entry_id))).entry
    assert len(entry.legs) == 4
    assert [await bank.balance(account) for account in (buyer, *sellers)] == [0, 334, 333, 333]
    assert (await bank.door.refused(split(1, "s2"))).reason == "SHARES_MUST_EACH_GET_SOMETHING"
    assert (await bank.door.refused(split(300, "s3"))).reason == "AVAILABLE_BALANCE_EXHAUSTED"
    assert len((await bank.door.call(v1.ListPaymentBatchesRequest())).payment_batches) == 1
    await bank.must_be_sound()
