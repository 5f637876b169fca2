"""Rails: their windows, their bounds, their charges, and what the simulated ones answer."""

from datetime import UTC, date, datetime, timedelta

import pytest

from zhongtai.kernel.money import Money
from zhongtai.operations.payment.domain import ChargeBearer, Order, OutsideParty, Payment, PaymentKind
from zhongtai.operations.payment_status.domain import Answer, PaymentStatus
from zhongtai.operations.rail.domain import (
    Charged,
    ChargesMustLeaveAnAmount,
    RailAmountMustBeInReach,
    RailCurrencyMustMatch,
    RailMustBeOpen,
    RailNotFound,
    SimulatedRail,
)
from zhongtai.operations.rail.store import SHIPPED, rail

FRIDAY = date(2026, 5, 8)
MONDAY = date(2026, 5, 11)
ACSC, RJCT, PDNG = PaymentStatus.ACSC, PaymentStatus.RJCT, PaymentStatus.PDNG


def at(hour: int, minute: int = 0, day: date = FRIDAY) -> datetime:
    """An instant by the clock where the bank is."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def paid(account: str, uetr: str = "") -> Payment:
    order = Order(
        kind=PaymentKind.OUTGOING,
        end_to_end_id="e",
        initiating_party="channel",
        amount=Money("CNY", 100),
        debtor_account_id="acc_1",
        outside_party=OutsideParty("张三", account, "102100099996"),
        rail="simulated",
        uetr=uetr,
    )
    return Payment.ordered("pay_1", order, at(9))


def test_the_simulated_rail_answers_by_the_creditors_account() -> None:
    simulated = rail("simulated")
    answers = {ending: simulated.submit(paid(f"62220000{ending}")) for ending in ("1234", "0000", "0004", "9999")}
    assert {ending: answer.status for ending, answer in answers.items()} == {
        "1234": ACSC,
        "0000": RJCT,
        "0004": RJCT,
        "9999": PDNG,
    }
    assert answers["0004"].reason_code == "AC04"
    assert simulated.settlement_account("USD") == "acc_nostro_usd"
    with pytest.raises(RailCurrencyMustMatch):
        simulated.settlement_account("EUR")
    with pytest.raises(RailNotFound):
        rail("pigeon")


def test_an_inquiry_is_answered_in_the_order_of_the_data() -> None:
    simulated = rail("simulated")
    lost_after = paid("62227777")
    assert simulated.submit(lost_after) == Answer(PDNG)
    assert simulated.inquire(lost_after) == Answer(PDNG)
    assert simulated.inquire(lost_after.asked(at(10))) == Answer(ACSC)
    lost_before = paid("62228888")
    assert simulated.inquire(lost_before) == Answer(PDNG, received=False)
    assert simulated.submit(lost_before.asked(at(10))) == Answer(ACSC)
    assert simulated.inquire(paid("62226666")) == Answer(RJCT, "AC06")
    assert simulated.inquire(paid("62229999").asked(at(10)).asked(at(11))) == Answer(PDNG)


def test_chance_follows_from_the_seed_and_the_uetr_alone() -> None:
    chancy = SimulatedRail("chancy", "", "", {"CNY": "acc"}, rejected_per_mille=200, lost_per_mille=300, seed="7")
    uetrs = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(400)]
    said = [chancy.submit(paid("1", uetr)).status for uetr in uetrs]
    assert said == [chancy.submit(paid("1", uetr)).status for uetr in uetrs]
    assert 50 < said.count(RJCT) < 110
    assert 80 < said.count(PDNG) < 160


@pytest.mark.parametrize(
    ("wanted", "now", "moves_on"),
    [
        (FRIDAY, at(17, 14), FRIDAY),
        (FRIDAY, at(17, 15), MONDAY),
        (MONDAY, at(18), MONDAY),
        (date(2026, 5, 9), at(9), date(2026, 5, 9)),  # a Saturday that is worked for the first of May
        (date(2026, 5, 10), at(9), MONDAY),
        (date(2026, 5, 1), at(9), FRIDAY),
        (FRIDAY, at(9, day=date(2026, 5, 9)), date(2026, 5, 9)),  # the clock is ahead of the business date
    ],
)
def test_a_payment_moves_on_a_bank_day_before_the_cut_off(wanted: date, now: datetime, moves_on: date) -> None:
    hvps = rail("hvps")
    found = hvps.moves_on(wanted, FRIDAY, now)
    # The Friday evening's next bank day is the worked Saturday.
    assert found == (date(2026, 5, 9) if moves_on == MONDAY and wanted == FRIDAY else moves_on)


def test_a_closed_rail_says_when_it_opens() -> None:
    with pytest.raises(RailMustBeOpen) as refused:
        rail("hvps").must_be_open(FRIDAY, at(20))
    assert refused.value.opens_on == date(2026, 5, 9)
    rail("hvps").must_be_open(FRIDAY, at(9))
    rail("beps").must_be_open(date(2026, 5, 10), at(23, day=date(2026, 5, 10)))


def test_a_rail_has_a_largest_amount() -> None:
    rail("ibps").must_carry(Money("CNY", 100_000_000))
    with pytest.raises(RailAmountMustBeInReach):
        rail("ibps").must_carry(Money("CNY", 100_000_001))
    rail("hvps").must_carry(Money("CNY", 100_000_001))


@pytest.mark.parametrize(
    ("bearer", "amount", "charges", "correspondents"),
    [
        (ChargeBearer.DEBT, 10_000, 3_500, 1_500),
        (ChargeBearer.SHAR, 10_000, 2_000, None),
        (None, 10_000, 2_000, None),
        (ChargeBearer.CRED, 8_000, 2_000, None),
    ],
)
def test_charges_fall_on_whoever_bears_them(
    bearer: ChargeBearer | None, amount: int, charges: int, correspondents: int | None
) -> None:
    found = rail("correspondent").charged(Money("USD", 10_000), bearer)
    theirs = Money("USD", correspondents) if correspondents else None
    assert found == Charged(Money("USD", amount), Money("USD", charges), theirs)


def test_charges_leave_something() -> None:
    with pytest.raises(ChargesMustLeaveAnAmount):
        rail("correspondent").charged(Money("USD", 2_000), ChargeBearer.CRED)
    assert rail("hvps").charged(Money("CNY", 1), ChargeBearer.CRED) == Charged(Money("CNY", 1))


def test_pauses_between_inquiries_grow_and_the_last_one_stays() -> None:
    for shipped in SHIPPED:
        pauses = [shipped.inquire_at(asked, at(9)) - at(9) for asked in range(12)]
        assert pauses == sorted(pauses)
        assert pauses[-1] == timedelta(seconds=shipped.inquire_after_seconds[-1])
