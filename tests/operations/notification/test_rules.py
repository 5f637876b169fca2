"""What the shipped rules make of the events that a customer of a bank expects to hear of."""

from datetime import UTC, datetime

import pytest
from google.protobuf.message import Message
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal

from tests.operations.bank import Bank
from tests.operations.notification.parts import cny, listed, tell
from zhongtai.credit.v1 import instalment_notice_pb2, loan_repricing_pb2
from zhongtai.operations.v1 import account_freeze_pb2, account_pb2, payment_pb2, term_deposit_pb2
from zhongtai.operations.v1 import notification_pb2 as v1

MORNING = datetime(2026, 5, 6, 1, 0, tzinfo=UTC)
DUE = Date(year=2026, month=5, day=9)


@pytest.fixture(autouse=True)
def morning(bank: Bank) -> None:
    bank.door.now(MORNING)


async def told(bank: Bank, *events: Message) -> list[tuple[str, str]]:
    """To whom these events lead, and in which words."""
    for event in events:
        await bank.door.deliver(event)
    return [(each.recipient_id, each.body) for each in await listed(bank)]


def settled(kind: str, debtor: str, creditor: str) -> payment_pb2.PaymentSettled:
    return payment_pb2.PaymentSettled(
        payment_id="pay_1",
        kind=f"PAYMENT_KIND_{kind}",
        end_to_end_id="E2E-1",
        debtor_account_id=debtor,
        creditor_account_id=creditor,
        amount=cny(12_345),
    )


async def test_a_transfer_is_told_to_both_sides_and_shows_no_more_of_an_account_than_its_end(bank: Bank) -> None:
    debtor, creditor = await bank.deposit(), await bank.deposit(customer_id="cus_2")
    for customer_id in ("cus_1", "cus_2"):
        await tell(bank, customer_id)
    received = f"您尾号{creditor[-4:]}的账户收到人民币123.45元，参考号E2E-1。"
    sent = f"您尾号{debtor[-4:]}的账户支出人民币123.45元，参考号E2E-1。如非本人操作，请立即联系本行。"
    assert await told(bank, settled("TRANSFER", debtor, creditor)) == [("cus_2", received), ("cus_1", sent)]
    assert {each.channel for each in await listed(bank)} == {1}


async def test_what_another_rule_tells_and_what_is_the_banks_own_is_not_told_twice(bank: Bank) -> None:
    account = await bank.deposit()
    assert await told(bank, settled("DISBURSEMENT", "", account), settled("COLLECTION", account, "")) == []
    assert [who for who, _ in await told(bank, settled("INCOMING", "", account))] == ["cus_1"]
    assert len(await told(bank, settled("INCOMING", "", "acc_unknown"))) == 1


async def test_a_deposit_and_an_instalment_are_told_with_their_figures(bank: Bank) -> None:
    due = instalment_notice_pb2.InstalmentDue(loan_id="loan_1", customer_id="cus_1", due_on=DUE, amount=cny(5_000))
    late = instalment_notice_pb2.InstalmentOverdue(
        loan_id="loan_1", customer_id="cus_1", due_on=DUE, amount=cny(5_000), days_past_due=7
    )
    repriced = loan_repricing_pb2.LoanRepriced(
        loan_id="loan_1",
        customer_id="cus_1",
        repricing={"repriced_on": DUE, "rate_before": Decimal(value="0.0365"), "rate": Decimal(value="0.03")},
    )
    found = await told(bank, due, late, repriced)
    assert [body for _, body in found] == [
        "您的贷款loan_1将于2026年5月9日还款人民币50.00元，请提前存入足额款项。",
        "您的贷款loan_1应于2026年5月9日偿还的款项已逾期7天，待还人民币50.00元，请尽快还款以免影响信用记录。",
        "您的贷款loan_1自2026年5月9日起年利率由3.65%调整为3%。",
    ]
    nobody = term_deposit_pb2.TermDepositPaid(term_deposit_id="dep_none", principal=cny(1), closed=True)
    assert len(await told(bank, nobody)) == 3


async def test_a_freeze_of_an_authority_is_not_told_by_the_bank_and_one_of_its_own_is(bank: Bank) -> None:
    account = await bank.deposit()
    judicial = account_freeze_pb2.FundsFrozen(account_id=account, freeze_id="frz_1", kind="FREEZE_KIND_JUDICIAL")
    own = account_freeze_pb2.FundsFrozen(account_id=account, freeze_id="frz_2", kind="FREEZE_KIND_BANK")
    assert await told(bank, judicial) == []
    ((customer_id, _),) = await told(bank, own)
    assert customer_id == "cus_1"
    await told(bank, account_pb2.AccountClosed(account_id=account))
    assert {each.rule_id for each in await listed(bank)} == {"funds_frozen", "account_closed"}
    assert {each.status for each in await listed(bank)} == {v1.NOTIFICATION_STATUS_DELIVERED}
