"""Payments: once settled, rejected, returned or reversed, and never guessed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.account import store as account_store
from zhongtai.operations.chart.store import CHART
from zhongtai.operations.payment import store
from zhongtai.operations.payment.domain import (
    AccountsMustDiffer,
    Answer,
    EndToEndIdMustBeUnique,
    Order,
    OutcomeMustBeFinal,
    OutcomeMustNotChange,
    OutsideParty,
    Payment,
    PaymentAlreadyReturned,
    PaymentAlreadyReversed,
    PaymentKind,
    PaymentMustBeInterbank,
    PaymentMustBeInternal,
    PaymentMustBeSent,
    PaymentMustBeSettled,
    PaymentPending,
    PaymentRejected,
    PaymentSent,
    PaymentSettled,
    PaymentStatus,
)
from zhongtai.operations.payment.rail import RailCurrencyMustMatch, RailNotFound, rail

NOW = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ACSP, ACSC, RJCT, PDNG = PaymentStatus.ACSP, PaymentStatus.ACSC, PaymentStatus.RJCT, PaymentStatus.PDNG

TRANSFER = Order(
    kind=PaymentKind.TRANSFER,
    end_to_end_id="e2e-1",
    initiating_party="channel",
    amount=Money("CNY", 100),
    debtor_account_id="acc_1",
    creditor_account_id="acc_2",
)


def sent(account: str = "6222000011112222") -> Payment:
    order = Order(
        kind=PaymentKind.OUTGOING,
        end_to_end_id="e2e-2",
        initiating_party="channel",
        amount=Money("CNY", 100),
        debtor_account_id="acc_1",
        outside_party=OutsideParty("张三", account, "102100099996"),
        rail="simulated",
        settlement_account_id="acc_settlement_cny",
    )
    return Payment.ordered("pay_1", order, NOW).booked("ent_1")


def transferred() -> Payment:
    return Payment.ordered("pay_1", TRANSFER, NOW).booked("ent_1")


def test_a_payment_inside_the_bank_is_settled_at_once() -> None:
    payment = transferred()
    assert (payment.status, payment.settled_at, payment.posting) == (ACSC, NOW, "TRANSFER")
    fact = payment.fact()
    assert isinstance(fact, PaymentSettled)
    assert (fact.debtor_account_id, fact.creditor_account_id, fact.entry_id) == ("acc_1", "acc_2", "ent_1")


def test_a_payment_does_not_go_round_in_a_circle() -> None:
    with pytest.raises(AccountsMustDiffer):
        replace(TRANSFER, creditor_account_id="acc_1")


@pytest.mark.parametrize(
    "change",
    [
        {"amount": Money("CNY", 101)},
        {"amount": Money("USD", 100)},
        {"creditor_account_id": "acc_3"},
        {"remittance_information": "rent"},
        {"kind": PaymentKind.COLLECTION},
    ],
)
def test_one_reference_is_one_payment(change: dict[str, Any]) -> None:
    assert transferred().must_carry(TRANSFER) == transferred()
    with pytest.raises(EndToEndIdMustBeUnique) as refused:
        transferred().must_carry(replace(TRANSFER, **change))
    assert refused.value.payment_id == "pay_1"


def test_a_sent_payment_waits_for_its_rail() -> None:
    payment = sent()
    assert (payment.status, payment.settled_at, payment.posting) == (ACSP, None, "OUTGOING")
    assert isinstance(payment.fact(), PaymentSent)
    pending = payment.answered(Answer(PDNG), LATER)
    assert (pending.status, pending.settled_at, pending.posting) == (PDNG, None, "")
    assert isinstance(pending.fact(), PaymentPending)
    settled = pending.answered(Answer(ACSC), LATER)
    assert (settled.status, settled.settled_at, settled.posting) == (ACSC, LATER, "OUTGOING.ACSC")
    assert isinstance(settled.fact(), PaymentSettled)
    rejected = pending.answered(Answer(RJCT, "AC04"), LATER)
    assert (rejected.status, rejected.posting) == (RJCT, "OUTGOING.RJCT")
    fact = rejected.fact()
    assert isinstance(fact, PaymentRejected)
    assert fact.reason_code == "AC04"


def test_an_outcome_does_not_change_and_a_late_not_known_does_not_unsettle() -> None:
    settled = sent().answered(Answer(ACSC), NOW)
    assert settled.answered(Answer(ACSC), LATER) is settled
    assert settled.answered(Answer(PDNG), LATER) is settled
    with pytest.raises(OutcomeMustNotChange):
        settled.answered(Answer(RJCT), LATER)
    with pytest.raises(OutcomeMustNotChange):
        sent().answered(Answer(RJCT), NOW).answered(Answer(ACSC), LATER)
    with pytest.raises(PaymentMustBeSent):
        transferred().answered(Answer(ACSC), NOW)
    for status in (ACSP, PDNG):
        with pytest.raises(OutcomeMustBeFinal):
            Answer(status).must_be_final()


def test_a_payment_over_a_rail_is_returned_once_it_is_settled() -> None:
    for payment in (sent(), sent().answered(Answer(PDNG), NOW), sent().answered(Answer(RJCT), NOW)):
        with pytest.raises(PaymentMustBeSettled):
            payment.returned("pay_2", "AC04", LATER)
    original, back = sent().answered(Answer(ACSC), NOW).returned("pay_2", "AC04", LATER)
    assert (back.kind, back.creditor_account_id, back.debtor_account_id) == (PaymentKind.RETURN, "acc_1", "")
    assert (back.original_payment_id, original.undone_by, back.posting) == ("pay_1", "pay_2", "RETURN.OUTGOING")
    assert original.returned_fact(back.booked("ent_9")).entry_id == "ent_9"
    with pytest.raises(PaymentAlreadyReturned):
        original.returned("pay_3", "AC04", LATER)
    with pytest.raises(PaymentMustBeInternal):
        sent().answered(Answer(ACSC), NOW).reversed("pay_2", "DUPL", LATER)


def test_a_payment_inside_the_bank_is_reversed_once() -> None:
    original, back = transferred().reversed("pay_2", "DUPL", LATER)
    assert (back.debtor_account_id, back.creditor_account_id, back.amount) == ("acc_2", "acc_1", Money("CNY", 100))
    with pytest.raises(PaymentAlreadyReversed):
        original.reversed("pay_3", "DUPL", LATER)
    with pytest.raises(PaymentMustBeInterbank):
        transferred().returned("pay_2", "AC04", LATER)
    for verb in (back.reversed, back.returned):
        with pytest.raises((PaymentMustBeInternal, PaymentMustBeInterbank)):
            verb("pay_3", "DUPL", LATER)


def test_the_simulated_rail_answers_by_the_creditors_account() -> None:
    simulated = rail("simulated")
    answers = {ending: simulated.submit(sent(f"62220000{ending}")) for ending in ("1234", "0000", "0004", "9999")}
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


def test_every_step_of_a_payment_has_a_rule_that_fits_the_chart() -> None:
    steps = [*(kind for kind in PaymentKind if kind not in (PaymentKind.RETURN, PaymentKind.REVERSAL))]
    for name in (*steps, "OUTGOING.ACSC", "OUTGOING.RJCT", "RETURN.OUTGOING", "RETURN.INCOMING"):
        rule = store.rule(name)
        assert {leg.side for leg in rule.legs} == {"DEBIT", "CREDIT"}
        for leg in rule.legs:
            if leg.account_code:
                CHART.must_take_postings(leg.account_code)
    assert {product.account_code for product in account_store.products()} <= set(CHART.accounts)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([ACSC, RJCT, PDNG]), max_size=8))
def test_in_whatever_order_answers_come_the_first_outcome_stands(answers: list[PaymentStatus]) -> None:
    payment, booked = sent(), ["OUTGOING"]
    outcome = next((status for status in answers if status in (ACSC, RJCT)), None)
    for status in answers:
        before = payment
        try:
            payment = payment.answered(Answer(status), LATER)
        except Refusal:
            continue
        if payment != before and payment.posting:
            booked.append(payment.posting)
    expected = outcome or (PDNG if answers else ACSP)
    assert payment.status is expected
    assert booked == ["OUTGOING", *([f"OUTGOING.{outcome}"] if outcome else [])]
