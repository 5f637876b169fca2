"""What the ledger books of loan accounts: roles become codes by data, every transaction an entry of its own."""

from datetime import date

from tests.operations.bank import Bank, cny
from zhongtai.credit.v1 import loan_account_pb2 as credit
from zhongtai.kernel.servicing.postings import Role
from zhongtai.operations.chart.store import CHART
from zhongtai.operations.ledger.store import ROLES
from zhongtai.operations.v1 import ledger_pb2 as v1
from zhongtai.runtime.convert import date_message

DAY = date(2026, 1, 4)


def posting(kind: str, *legs: tuple[str, str, int], reversal: bool = False) -> credit.LoanPosting:
    return credit.LoanPosting(
        transaction_id=f"lop_{kind}",
        kind=kind,
        reversal=reversal,
        value_date=date_message(DAY),
        legs=[credit.PostingLeg(role=role, side=side, amount=cny(amount)) for role, side, amount in legs],
    )


def changed(*postings: credit.LoanPosting) -> credit.LoanAccountChanged:
    return credit.LoanAccountChanged(loan_id="loan_1", postings=postings)


DISBURSED = posting("DISBURSEMENT", ("PORTFOLIO", "DEBIT", 100_000), ("FUND_SOURCE", "CREDIT", 100_000))
REPAID = posting(
    "REPAYMENT",
    ("FUND_SOURCE", "DEBIT", 30_000),
    ("PORTFOLIO", "CREDIT", 30_000),
    ("FUND_SOURCE", "DEBIT", 1_000),
    ("INTEREST_RECEIVABLE", "CREDIT", 1_000),
)
UNDONE = posting(
    "REPAYMENT",
    ("PORTFOLIO", "DEBIT", 30_000),
    ("INTEREST_RECEIVABLE", "DEBIT", 1_000),
    ("FUND_SOURCE", "CREDIT", 31_000),
    reversal=True,
)


def test_every_role_of_a_loan_account_has_a_code_that_takes_postings() -> None:
    assert set(ROLES) == {role.value for role in Role}
    for role in ROLES.values():
        for code in (role.account_code, *role.by_kind.values()):
            CHART.must_take_postings(code)


async def test_each_transaction_is_an_entry_and_each_code_a_leg(bank: Bank) -> None:
    for _ in range(2):
        await bank.door.deliver(changed(DISBURSED, REPAID), event_id="e1")
    assert await bank.balance("1303") == 70_000
    assert await bank.balance("300101") == -100_000
    assert await bank.balance("300102") == -31_000
    entries = (await bank.door.call(v1.ListEntriesRequest(reference="loan_1"))).entries
    assert [entry.narrative for entry in entries] == ["Loan: disbursement", "Loan: repayment"]
    assert [len(entry.legs) for entry in entries] == [2, 3]
    assert entries[0].value_date == date_message(DAY)
    await bank.must_be_sound()


async def test_what_is_reverted_is_taken_back(bank: Bank) -> None:
    await bank.door.deliver(changed(DISBURSED, REPAID))
    await bank.door.deliver(changed(UNDONE))
    assert await bank.balance("1303") == 100_000
    assert await bank.balance("300102") == 0
    assert await bank.balance("1132") == 0
    await bank.must_be_sound()


async def test_a_change_that_posts_nothing_is_no_entry(bank: Bank) -> None:
    await bank.door.deliver(changed())
    assert not (await bank.door.call(v1.ListEntriesRequest())).entries
