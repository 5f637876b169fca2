"""Fees through the door."""

from datetime import date
from typing import Any

from tests.operations.bank import Bank, cny
from zhongtai.operations.v1 import account_fee_pb2 as v1
from zhongtai.operations.v1 import account_pb2
from zhongtai.runtime.convert import date_message

ON = date(2026, 6, 1)


async def charge(bank: Bank, account_id: str, subject: str, **more: Any) -> v1.AccountFee:
    request: dict[str, Any] = {"event": "atm_withdrawal_outside", "basis": cny(50_000)} | more
    charged = await bank.door.call(
        v1.ChargeFeeRequest(request_id=bank.request_id(), account_id=account_id, subject=subject, **request)
    )
    fee: v1.AccountFee = charged.account_fee
    return fee


async def test_the_fourth_of_a_month_is_charged_once_and_the_next_month_is_free_again(bank: Bank) -> None:
    bank.door.today(ON)
    account_id = await bank.deposit(10_000)
    for number in range(3):
        fee = await charge(bank, account_id, f"atm-{number}")
        assert (fee.status, fee.waived_for) == (v1.ACCOUNT_FEE_STATUS_WAIVED, v1.FEE_WAIVER_REASON_FREE_NUMBER)
    quoted = await bank.door.call(
        v1.QuoteFeeRequest(account_id=account_id, event="atm_withdrawal_outside", basis=cny(50_000))
    )
    assert (quoted.fee.minor_units, quoted.free_left, quoted.waived_for) == (400, 0, 0)
    fee = await charge(bank, account_id, "atm-3")
    assert (fee.status, fee.fee.minor_units) == (v1.ACCOUNT_FEE_STATUS_CHARGED, 400)
    assert await charge(bank, account_id, "atm-3") == fee
    assert await bank.balance(account_id) == 9_600
    assert await bank.balance("6021") == 400
    assert len(await bank.door.facts(v1.AccountFeeArose)) == 4
    bank.door.today(date(2026, 7, 1))
    assert (await charge(bank, account_id, "atm-4")).status == v1.ACCOUNT_FEE_STATUS_WAIVED
    other = v1.ChargeFeeRequest(
        request_id=bank.request_id(),
        account_id=account_id,
        event="atm_withdrawal_outside",
        subject="atm-3",
        basis=cny(1),
    )
    assert (await bank.door.refused(other)).reason == "FEE_SUBJECT_MUST_BE_UNIQUE"
    listed = await bank.door.call(v1.ListAccountFeesRequest(account_id=account_id))
    assert [each.subject for each in listed.account_fees] == [f"atm-{number}" for number in range(5)]


async def test_a_fee_that_cannot_be_paid_is_owed_and_taken_when_the_money_is_there(bank: Bank) -> None:
    bank.door.today(ON)
    account_id = await bank.deposit(1_999)
    fee = await charge(bank, account_id, "cert-1", event="deposit_certificate")
    assert (fee.status, fee.entry_id) == (v1.ACCOUNT_FEE_STATUS_DUE, "")

    async def collect() -> int:
        position, taken = "", 0
        while True:
            reply = await bank.door.call(v1.CollectDueFeesRequest(request_id=bank.request_id(), position=position))
            taken, position = taken + reply.collected, reply.next_position
            if not position:
                return int(taken)

    assert await collect() == 0
    await bank.post(("1001", "DEBIT", 1), (account_id, "CREDIT", 1))
    assert await collect() == 1
    assert await collect() == 0
    assert (await bank.balance(account_id), await bank.balance("6021")) == (0, 2_000)
    for _ in range(2):
        refunded = await bank.door.call(
            v1.RefundFeeRequest(request_id=bank.request_id(), account_fee_id=fee.account_fee_id)
        )
        assert refunded.account_fee.status == v1.ACCOUNT_FEE_STATUS_REFUNDED
    assert (await bank.balance(account_id), await bank.balance("6021")) == (2_000, 0)
    assert len(await bank.door.facts(v1.AccountFeeMoved)) == 2
    await bank.must_be_sound()


async def test_a_waiver_is_for_its_account_and_time(bank: Bank) -> None:
    bank.door.today(ON)
    account_id = await bank.deposit(10_000)
    waiver = v1.GrantFeeWaiverRequest(
        request_id=bank.request_id(), account_id=account_id, ends_on=date_message(date(2026, 6, 30)), reason="pensioner"
    )
    await bank.door.call(waiver)
    fee = await charge(bank, account_id, "cert-1", event="deposit_certificate")
    assert (fee.status, fee.waived_for) == (v1.ACCOUNT_FEE_STATUS_WAIVED, v1.FEE_WAIVER_REASON_GRANTED)
    bank.door.today(date(2026, 7, 1))
    assert (await charge(bank, account_id, "cert-2", event="deposit_certificate")).fee.minor_units == 2_000
    waiver.request_id, waiver.ends_on.month = bank.request_id(), 6
    assert (await bank.door.refused(waiver)).reason == "FEE_WAIVER_MUST_END_AHEAD"


async def test_what_may_not_be_charged_is_refused(bank: Bank) -> None:
    bank.door.today(ON)
    account_id = await bank.deposit(0)
    nostro = await bank.internal("nostro", "acc_nostro_cny")

    def request(account_id: str, event: str = "deposit_certificate", **more: Any) -> v1.ChargeFeeRequest:
        return v1.ChargeFeeRequest(
            request_id=bank.request_id(), account_id=account_id, event=event, subject="s", **more
        )

    assert (await bank.door.refused(request(nostro))).reason == "CUSTOMER_ACCOUNT_MUST_BE_GIVEN"
    assert (await bank.door.refused(request(account_id, "sunshine"))).reason == "FEE_TARIFF_NOT_FOUND"
    assert (await bank.door.refused(request(account_id, basis=cny(1, "USD")))).reason == "CURRENCY_MUST_MATCH"
    await bank.door.call(account_pb2.CloseAccountRequest(request_id=bank.request_id(), account_id=account_id))
    assert (await bank.door.refused(request(account_id))).reason == "ACCOUNT_MUST_BE_OPEN"
    missing = v1.RefundFeeRequest(request_id=bank.request_id(), account_fee_id="fee_none")
    assert (await bank.door.refused(missing)).reason == "ACCOUNT_FEE_NOT_FOUND"
    tariffs = (await bank.door.call(v1.ListFeeTariffsRequest())).tariffs
    assert {"deposit_certificate", "counter_transfer_personal"} <= {each.tariff for each in tariffs}
