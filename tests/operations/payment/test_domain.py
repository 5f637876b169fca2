"""Payments: once settled, rejected, returned or reversed, and never guessed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.kernel.money import Money
from zhongtai.operations.account import store as account_store
from zhongtai.operations.chart.store import CHART
from zhongtai.operations.payment import store
from zhongtai.operations.payment.domain import (
    AccountsMustDiffer,
    ChargeBearer,
    EndToEndIdMustBeUnique,
    Order,
    OutsideParty,
    Payment,
    PaymentContradicted,
    PaymentKind,
    PaymentMustBeSent,
    PaymentPending,
    PaymentRejected,
    PaymentSent,
    PaymentSettled,
    uetr_of,
)
from zhongtai.operations.payment_return.domain import (
    PaymentAlreadyReturned,
    PaymentAlreadyReversed,
    PaymentMustBeInterbank,
    PaymentMustBeInternal,
    PaymentMustBeSettled,
    PaymentMustBeTransfer,
    PaymentMustNotBeRefunded,
    RefundMustNotExceedPaid,
    Return,
    refund_of,
    refunded,
    returned,
    returned_fact,
    reversed_,
)
from zhongtai.operations.payment_status.domain import NEXT, Answer, OutcomeMustBeFinal, PaymentStatus

NOW = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ALL, NOTHING = Return(reason_code="AC04"), Money("CNY", 0)
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
    contradicted = settled.answered(Answer(RJCT, "AC04"), LATER)
    assert contradicted == replace(settled, contradiction="RJCT AC04")
    assert isinstance(contradicted.fact(), PaymentContradicted)
    # The first contradiction is the one that is looked into.
    assert contradicted.answered(Answer(RJCT, "AC06"), LATER) is contradicted
    rejected = sent().answered(Answer(RJCT), NOW)
    assert rejected.answered(Answer(ACSC), LATER) == replace(rejected, contradiction="ACSC")
    with pytest.raises(PaymentMustBeSent):
        transferred().answered(Answer(ACSC), NOW)
    for status in (ACSP, PDNG):
        with pytest.raises(OutcomeMustBeFinal):
            Answer(status).must_be_final()


def test_a_payment_over_a_rail_is_returned_once_it_is_settled() -> None:
    for payment in (sent(), sent().answered(Answer(PDNG), NOW), sent().answered(Answer(RJCT), NOW)):
        with pytest.raises(PaymentMustBeSettled):
            returned(payment, ALL, NOTHING, "pay_2", LATER)
    original, back = returned(sent().answered(Answer(ACSC), NOW), ALL, NOTHING, "pay_2", LATER)
    assert (back.kind, back.creditor_account_id, back.debtor_account_id) == (PaymentKind.RETURN, "acc_1", "")
    assert (back.original_payment_id, original.undone_by, back.posting) == ("pay_1", "pay_2", "RETURN.OUTGOING")
    assert returned_fact(original, back.booked("ent_9")).entry_id == "ent_9"
    with pytest.raises(PaymentAlreadyReturned):
        returned(original, ALL, NOTHING, "pay_3", LATER)
    with pytest.raises(PaymentMustBeInternal):
        reversed_(sent().answered(Answer(ACSC), NOW), "pay_2", "DUPL", LATER)


def test_a_payment_inside_the_bank_is_reversed_once() -> None:
    original, back = reversed_(transferred(), "pay_2", "DUPL", LATER)
    assert (back.debtor_account_id, back.creditor_account_id, back.amount) == ("acc_2", "acc_1", Money("CNY", 100))
    with pytest.raises(PaymentAlreadyReversed):
        reversed_(original, "pay_3", "DUPL", LATER)
    with pytest.raises(PaymentMustBeInterbank):
        returned(transferred(), ALL, NOTHING, "pay_2", LATER)
    with pytest.raises(PaymentMustBeInternal):
        reversed_(back, "pay_3", "DUPL", LATER)
    with pytest.raises(PaymentMustBeInterbank):
        returned(back, ALL, NOTHING, "pay_3", LATER)


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
        payment = payment.answered(Answer(status), LATER)
        if payment.status != before.status and payment.posting:
            booked.append(payment.posting)
    expected = outcome or (PDNG if answers else ACSP)
    assert payment.status is expected
    assert booked == ["OUTGOING", *([f"OUTGOING.{outcome}"] if outcome else [])]
    contrary = {ACSC: RJCT, RJCT: ACSC}
    assert bool(payment.contradiction) is (outcome is not None and contrary[outcome] in answers)


def test_a_transfer_is_refunded_in_parts_and_never_beyond_what_was_paid() -> None:
    order = refund_of(transferred(), Money("CNY", 30), "r1", "channel")
    assert (order.debtor_account_id, order.creditor_account_id) == ("acc_2", "acc_1")
    once = refunded(transferred(), Money("CNY", 30))
    assert refunded(once, Money("CNY", 70)).refunded == Money("CNY", 100)
    with pytest.raises(RefundMustNotExceedPaid) as refused:
        refunded(once, Money("CNY", 71))
    assert refused.value.left == Money("CNY", 70)
    with pytest.raises(PaymentMustNotBeRefunded):
        reversed_(once, "pay_2", "DUPL", LATER)
    with pytest.raises(PaymentAlreadyReversed):
        refunded(reversed_(transferred(), "pay_2", "DUPL", LATER)[0], Money("CNY", 1))
    with pytest.raises(PaymentMustBeTransfer):
        refund_of(sent(), Money("CNY", 1), "r1", "channel")


def test_a_uetr_is_a_uuid_of_version_4_and_follows_from_the_payment() -> None:
    found = UUID(uetr_of("pay_1"))
    assert (found.version, found.variant, str(found)) == (4, RFC_4122, sent().uetr)
    given_one = replace(TRANSFER, uetr="7a562c67-ca16-48ba-b074-65581be6f001")
    assert Payment.ordered("pay_1", given_one, NOW).uetr == given_one.uetr
    with pytest.raises(EndToEndIdMustBeUnique):
        transferred().must_carry(given_one)


def test_charges_stand_beside_the_amount_and_do_not_come_back_with_a_return() -> None:
    charged = replace(sent(), charges=Money("CNY", 5), charge_bearer=ChargeBearer.DEBT)
    assert charged.debited == Money("CNY", 105)
    _, back = returned(charged.answered(Answer(ACSC), NOW), ALL, NOTHING, "pay_2", LATER)
    assert (back.amount, back.charges) == (Money("CNY", 100), None)


def test_the_table_of_states_ends_and_never_lets_moved_money_be_withdrawn() -> None:
    assert set(NEXT) == set(PaymentStatus)
    moved = {ACSP}
    for _ in PaymentStatus:
        moved |= {after for status in moved for after in NEXT[status]}
    assert moved == {ACSP, PDNG, ACSC, RJCT}
    for status in PaymentStatus:
        assert (not NEXT[status]) is (status in (ACSC, RJCT, PaymentStatus.CANC))
