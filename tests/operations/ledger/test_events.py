"""What credit's events post, by the rules that ship as data."""

from datetime import date
from typing import Any

import pytest
from google.protobuf.message import Message

from tests.operations.bank import Bank, cny
from zhongtai.credit.v1 import compensation_fund_pb2 as fund
from zhongtai.credit.v1 import end_of_day_pb2, loan_import_pb2
from zhongtai.credit.v1 import loan_pb2 as credit
from zhongtai.credit.v1 import participation_pb2 as participation
from zhongtai.operations.ledger.handlers import posted_by_rule
from zhongtai.operations.ledger.store import RULES
from zhongtai.operations.v1 import ledger_pb2 as v1
from zhongtai.runtime import contracts, journal
from zhongtai.runtime.convert import date_message
from zhongtai.runtime.service import heard_by
from zhongtai.runtime.unit import on_each

PAID = date(2026, 1, 5)
HANDLERS = "zhongtai.operations.ledger.handlers"


def disbursed(fen: int) -> credit.LoanDisbursed:
    return credit.LoanDisbursed(loan_id="loan_1", principal=cny(fen), start_date=date_message(date(2026, 1, 4)))


def repaid(principal: int, interest: int) -> credit.LoanRepaid:
    return credit.LoanRepaid(
        loan_id="loan_1", principal=cny(principal), interest=cny(interest), paid_on=date_message(PAID)
    )


async def test_a_disbursed_loan_is_an_asset_once(bank: Bank) -> None:
    for _ in range(2):
        await bank.door.deliver(disbursed(100_000), event_id="e1")
    assert await bank.balance("1303") == 100_000
    # The clearing account waits for the payment: it grows by debits, and this was a credit.
    assert await bank.balance("300101") == -100_000
    (entry,) = (await bank.door.call(v1.ListEntriesRequest(reference="loan_1"))).entries
    assert (entry.value_date.day, entry.posted_by) == (4, "event:credit")
    await bank.must_be_sound()


async def test_a_repaid_loan_gives_back_principal_and_interest_receivable(bank: Bank) -> None:
    await bank.door.deliver(disbursed(100_000))
    await bank.door.deliver(repaid(30_000, 1_000))
    assert await bank.balance("1303") == 70_000
    assert await bank.balance("1132") == -1_000
    assert await bank.balance("300102") == -31_000
    await bank.must_be_sound()


async def test_interest_alone_is_posted_alone_and_nothing_is_not_posted(bank: Bank) -> None:
    await bank.door.deliver(repaid(0, 500))
    await bank.door.deliver(repaid(0, 0))
    (entry,) = (await bank.door.call(v1.ListEntriesRequest())).entries
    assert [leg.account_code for leg in entry.legs] == ["300102", "1132"]


async def test_a_closed_partition_is_booked_on_the_day_that_was_closed(bank: Bank) -> None:
    bank.door.today(date(2026, 1, 6))
    closed = end_of_day_pb2.LoansClosed(
        closing_id="2026-01-05/1",
        business_date=date_message(PAID),
        interest_accrued=cny(700),
        interest_reversed=cny(0),
        allowance_raised=cny(900),
        allowance_released=cny(300),
    )
    for _ in range(2):
        await bank.door.deliver(closed, event_id="e1")
    (entry,) = (await bank.door.call(v1.ListEntriesRequest(reference="2026-01-05/1"))).entries
    assert (entry.booking_date, entry.value_date) == (date_message(PAID), date_message(PAID))
    balances = [await bank.balance(code) for code in ("1132", "6011", "6701", "1304")]
    assert balances == [700, 700, 600, 600]


async def test_what_a_fund_owes_for_a_loss_is_booked_and_given_back_with_a_recovery(bank: Bank) -> None:
    claimed = fund.LossClaimed(fund_id="fund_1", loan_id="loan_1", amount=cny(900), compensated=cny(700))
    await bank.door.deliver(claimed)
    assert (await bank.balance("1221"), await bank.balance("6701")) == (700, -700)
    await bank.door.deliver(fund.LossRecovered(fund_id="fund_1", loan_id="loan_1", amount=cny(90), returned=cny(70)))
    assert (await bank.balance("1221"), await bank.balance("6701")) == (630, -630)
    await bank.door.deliver(fund.LossClaimed(fund_id="fund_1", loan_id="loan_1", amount=cny(5), compensated=cny(0)))
    assert len((await bank.door.call(v1.ListEntriesRequest())).entries) == 2
    await bank.must_be_sound()


async def test_what_partners_fund_and_get_is_booked_and_a_payment_taken_back_too(bank: Bank) -> None:
    await bank.door.deliver(participation.ParticipationFunded(loan_id="loan_1", principal=cny(400)))
    settled = {"principal": 100, "interest": 50, "fee": 10, "passed_on": 140}
    for sign in (1, 1, -1):
        amounts: dict[str, Any] = {name: cny(sign * amount) for name, amount in settled.items()}
        await bank.door.deliver(participation.ParticipationSettled(loan_id="loan_1", **amounts))
    assert (await bank.balance("1221"), await bank.balance("2314")) == (400 - 140, 300)
    assert (await bank.balance("6011"), await bank.balance("6021")) == (-50, 10)
    sold = participation.LoanPartSold(loan_id="loan_1", principal=cny(200), price=cny(190), loss=cny(10), gain=cny(0))
    await bank.door.deliver(sold)
    assert (await bank.balance("2314"), await bank.balance("6111")) == (500, -10)
    await bank.must_be_sound()


async def test_loans_that_were_taken_over_are_assets_against_their_own_clearing_account(bank: Bank) -> None:
    told = loan_import_pb2.LoansImported(
        batch_id="imp_1/1/CNY", imported_on=date_message(PAID), outstanding=cny(1_520_000)
    )
    for _ in range(2):
        await bank.door.deliver(told, event_id="e1")
    assert await bank.balance("1303") == 1_520_000
    assert await bank.balance("300104") == -1_520_000
    (entry,) = (await bank.door.call(v1.ListEntriesRequest(reference="imp_1/1/CNY"))).entries
    assert entry.value_date == date_message(PAID)
    await bank.must_be_sound()


# What an inbox written by earlier releases holds, in which each of these events had a function of its own.
@pytest.mark.parametrize(
    ("handler", "event"),
    [
        ("loan_disbursed", disbursed(100)),
        ("loan_repaid", repaid(100, 10)),
        ("loans_closed", end_of_day_pb2.LoansClosed(closing_id="2026-01-05/1", interest_accrued=cny(7))),
        ("loss_claimed", fund.LossClaimed(fund_id="fund_1", loan_id="loan_1", compensated=cny(7))),
        ("loss_recovered", fund.LossRecovered(fund_id="fund_1", loan_id="loan_1", returned=cny(7))),
        ("participation_funded", participation.ParticipationFunded(loan_id="loan_1", principal=cny(7))),
        ("participation_settled", participation.ParticipationSettled(loan_id="loan_1", principal=cny(7))),
        ("loan_part_sold", participation.LoanPartSold(loan_id="loan_1", price=cny(7))),
    ],
)
async def test_what_was_posted_before_a_rule_was_data_is_not_posted_again(
    bank: Bank, handler: str, event: Message
) -> None:
    await bank.door.service.store.change(
        lambda writing: journal.mark_handled(writing, "e1", f"{HANDLERS}.{handler}", bank.door.clock.now())
    )
    await bank.door.deliver(event, event_id="e1")
    assert not (await bank.door.call(v1.ListEntriesRequest())).entries


def test_a_rule_is_all_that_an_event_needs_and_names_fields_that_it_has() -> None:
    assert heard_by(posted_by_rule) == tuple(RULES)
    for rule in RULES.values():
        fields = contracts.events()[rule.on].DESCRIPTOR.fields_by_name
        legs = [path for leg in rule.legs for path in (leg.amount, leg.account)]
        for path in (rule.reference, rule.value_date, rule.booking_date, rule.unless, *legs):
            assert path.partition(".")[0] in {"", *fields}, f"{rule.on} has no {path}"


def test_an_event_of_no_contract_is_not_heard() -> None:
    @on_each(["zhongtai.credit.v1.LoanForgotten"])
    def forgotten(event: Message, unit: object) -> None:
        """Hears nothing."""

    with pytest.raises(TypeError, match="LoanForgotten"):
        heard_by(forgotten)
