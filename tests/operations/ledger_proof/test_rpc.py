"""Proofs through the door: a sound bank is proven, and each fault is told with its entry."""

from datetime import UTC, date, datetime

from google.type.date_pb2 import Date
from sqlalchemy import text as sql

from tests.operations.bank import Bank, cny
from tests.operations.bank_statement.files import DAY, NOSTRO, booking, camt, landed
from zhongtai.credit.v1 import exposure_proof_pb2 as exposure_v1
from zhongtai.operations.v1 import ledger_proof_pb2 as v1
from zhongtai.operations.v1 import payment_pb2
from zhongtai.operations.v1 import reconciliation_pb2 as reconciliation_v1

KINDS = [name for name in v1.ProofKind.DESCRIPTOR.values_by_name if not name.endswith("UNSPECIFIED")]


async def proven(bank: Bank, **said: Date) -> dict[str, v1.LedgerProof]:
    """The proofs by kind."""
    reply = await bank.door.call(v1.ProveLedgerRequest(**said))
    assert reply.proven is all(one.holds for one in reply.proofs if one.kind != v1.PROOF_KIND_RECONCILIATION)
    found = {v1.ProofKind.Name(one.kind): one for one in reply.proofs}
    assert list(found) == KINDS
    return {name.removeprefix("PROOF_KIND_"): one for name, one in found.items()}


async def broken(bank: Bank, **said: Date) -> dict[str, list[v1.ProofBreak]]:
    """The breaks of the proofs that do not hold."""
    return {kind: list(one.breaks) for kind, one in (await proven(bank, **said)).items() if not one.holds}


async def sent(bank: Bank, account: str, creditor: str) -> str:
    """An outgoing payment, handed to its rail."""
    reply = await bank.door.call(
        payment_pb2.SendPaymentRequest(
            request_id=bank.request_id(),
            end_to_end_id=creditor,
            debtor_account_id=account,
            creditor=payment_pb2.OutsideParty(name="张三", account=creditor, agent="102100099996"),
            amount=cny(300_00),
            rail="simulated",
        )
    )
    for event in await bank.door.facts(payment_pb2.PaymentSent):
        await bank.door.deliver(event)
    return str(reply.payment_id)


async def test_a_bank_with_payments_settled_and_under_way_is_proven(bank: Bank) -> None:
    await bank.internal("central_bank_settlement", NOSTRO)
    await bank.internal("suspense", "acc_suspense_cny")
    account = await bank.deposit(1_000_00)
    await sent(bank, account, "62220001")
    await sent(bank, account, "62229999")
    assert await broken(bank) == {}
    assert (await proven(bank))["PAYMENTS_IN_TRANSIT"].compared == 1


async def test_what_is_left_on_suspense_and_clearing_is_told_with_its_entry(bank: Bank) -> None:
    suspense = await bank.internal("suspense", "acc_suspense_cny")
    await bank.post(("300101", "DEBIT", 50), ("1001", "CREDIT", 50), reference="pay_1")
    await bank.post(("1001", "DEBIT", 50), ("300101", "CREDIT", 50), reference="loan_1")
    assert await broken(bank) == {}, "the halves have other references, and one amount"
    odd = await bank.post(("300101", "DEBIT", 70), ("1001", "CREDIT", 70), reference="pay_2")
    lost = await bank.post(("1001", "DEBIT", 9), (suspense, "CREDIT", 9), reference="unknown sender")
    found = await broken(bank)
    assert set(found) == {"SUSPENSE", "CLEARING"}
    ((clearing,), (left,)) = found["CLEARING"], found["SUSPENSE"]
    assert (clearing.subject, clearing.entry_id, clearing.found) == ("300101 pay_2", odd.entry_id, cny(70))
    assert (left.subject, left.entry_id, left.found) == (f"{suspense} unknown sender", lost.entry_id, cny(-9))
    assert (left.expected, clearing.expected) == (cny(0), cny(0))


async def test_what_no_payment_put_in_transit_is_told(bank: Bank) -> None:
    await bank.internal("central_bank_settlement", NOSTRO)
    payment = await sent(bank, await bank.deposit(1_000_00), "62229999")
    entry = await bank.post(("300103", "DEBIT", 1_00), ("1001", "CREDIT", 1_00), reference=payment)
    ((found,),) = (await broken(bank)).values()
    assert (found.subject, found.entry_id) == (payment, entry.entry_id)
    assert (found.expected, found.found) == (cny(-300_00), cny(-299_00))


async def test_what_was_put_in_transit_long_ago_is_told_as_long_as_it_is_there(bank: Bank) -> None:
    bank.door.now(datetime(2026, 3, 2, tzinfo=UTC))
    old = await bank.post(("300103", "DEBIT", 5), ("1001", "CREDIT", 5), reference="old")
    bank.door.now(datetime(2026, 5, 6, tzinfo=UTC))
    ((found,),) = (await broken(bank)).values()
    assert (found.subject, found.entry_id, found.found) == ("old", old.entry_id, cny(5))


async def test_faults_that_come_to_nothing_together_are_told_one_by_one(bank: Bank) -> None:
    await bank.post(("300103", "DEBIT", 5), ("1001", "CREDIT", 5), reference="one")
    await bank.post(("1001", "DEBIT", 5), ("300103", "CREDIT", 5), reference="other")
    ((first, second),) = (await broken(bank)).values()
    assert {first.subject, second.subject} == {"one", "other"}


async def test_a_proof_is_of_the_date_asked_for(bank: Bank) -> None:
    bank.door.today(date(2026, 5, 5))
    await bank.post(("300101", "DEBIT", 70), ("1001", "CREDIT", 70), reference="pay_2")
    assert set(await broken(bank)) == {"CLEARING"}
    assert await broken(bank, on=Date(year=2026, month=5, day=4)) == {}


async def test_a_code_that_is_not_what_its_accounts_have_is_told(bank: Bank) -> None:
    await bank.deposit(1_000_00)
    service = bank.door.service
    await service.store.change(
        lambda writing: writing.execute(
            sql("UPDATE ledger_balance SET closing_minor = closing_minor - 1 WHERE owner LIKE 'acc_%'")
        )
    )
    ((found,),) = (await broken(bank)).values()
    assert (found.subject, found.expected, found.found) == ("2011", cny(-1_000_00), cny(-1_000_01))


async def test_what_credit_and_reconciliations_have_found_is_told_until_it_is_gone(bank: Bank) -> None:
    bank.door.today(DAY)
    await bank.internal("central_bank_settlement", NOSTRO)
    setting = reconciliation_v1.SetReconciliationRequest(
        request_id=bank.request_id(), account_id=NOSTRO, break_after_days=1
    )
    await bank.door.call(setting)
    await landed(bank, camt(booking(5_00, "R-1", on=date(2026, 4, 1))))
    await bank.door.call(reconciliation_v1.ReconcileAccountRequest(request_id=bank.request_id(), account_id=NOSTRO))
    difference = exposure_v1.ExposureBreakFound(
        break_id="break_1", kind=exposure_v1.BREAK_KIND_LIMIT, subject="lim_1", counted=cny(10), owed=cny(9)
    )
    await bank.door.deliver(difference)
    found = await broken(bank)
    assert set(found) == {"EXPOSURE", "RECONCILIATION"}
    assert [(one.subject, one.expected, one.found) for one in found["EXPOSURE"]] == [("lim_1", cny(9), cny(10))]
    assert [one.found for one in found["RECONCILIATION"]] == [cny(5_00)]
    await bank.door.deliver(exposure_v1.ExposureBreakResolved(break_id="break_1"))
    assert set(await broken(bank)) == {"RECONCILIATION"}
    assert (await bank.door.call(v1.ProveLedgerRequest())).proven, "what other banks have not booked stops no close"
