"""Screenings of payment orders: no money before risk has answered, whatever it says and however often."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.operations.bank import Bank
from tests.operations.payment_order.test_rpc import NINE, inside, on_day, order, outside, placed, stands
from zhongtai.operations.v1 import payment_order_pb2 as order_v1
from zhongtai.operations.v1 import payment_screening_pb2 as v1
from zhongtai.risk.v1 import screening_pb2 as risk_v1

LARGE, RICH = 50_000_000, 900_000_000
CLEAR, HIT, INCOMPLETE = (getattr(risk_v1, f"SCREENING_OUTCOME_{name}") for name in ("CLEAR", "HIT", "INCOMPLETE"))


async def opened(bank: Bank) -> str:
    """A rich account of a bank in the morning of a bank day."""
    bank.door.now(NINE)
    await bank.internal("central_bank_settlement", "acc_settlement_cny")
    return await bank.deposit(RICH)


async def waiting(bank: Bank, debtor: str, reference: str = "o1", **more: Any) -> v1.ScreeningAsked:
    """What risk was asked of a large order, which waits."""
    found = await placed(bank, outside(bank, debtor, LARGE, reference, **more))
    assert stands(found) == "ACTC"
    asked: v1.ScreeningAsked = (await bank.door.facts(v1.ScreeningAsked))[-1]
    assert asked.screening_id == found.screening_id
    return asked


def answer(asked: v1.ScreeningAsked, outcome: Any, **more: Any) -> risk_v1.PaymentScreened:
    told = {"payment_order_id": asked.payment_order_id, "screening_id": asked.screening_id, **more}
    return risk_v1.PaymentScreened(outcome=outcome, **told)


async def state(bank: Bank, screening_id: str) -> str:
    reply = await bank.door.call(v1.GetPaymentScreeningRequest(screening_id=screening_id))
    return v1.ScreeningState.Name(reply.payment_screening.state).removeprefix("SCREENING_STATE_")


async def swept(bank: Bank) -> int:
    reply = await bank.door.call(v1.SweepScreeningsRequest(request_id=bank.request_id()))
    return int(reply.overdue)


async def test_an_order_waits_for_risk_and_is_released_once(bank: Bank) -> None:
    one = await opened(bank)
    asked = await waiting(bank, one)
    assert (asked.policy, asked.creditor_account) == ("large_transfer", "6222001234")
    assert await bank.balance(one) == RICH
    for number in range(3):
        await bank.door.deliver(answer(asked, CLEAR), event_id=f"e{number}")
    assert stands(await order(bank, asked.payment_order_id)) == "ACSP"
    assert await bank.balance(one) == RICH - LARGE
    # What is said afterwards moves nothing.
    await bank.door.deliver(answer(asked, HIT))
    assert stands(await order(bank, asked.payment_order_id)) == "ACSP"
    assert await state(bank, asked.screening_id) == "PASSED"
    (ended,) = await bank.door.facts(v1.ScreeningEnded)
    assert (ended.payment_order_id, ended.state) == (asked.payment_order_id, v1.SCREENING_STATE_PASSED)
    assert not await bank.door.facts(v1.ScreeningHeld)


@pytest.mark.parametrize("outcome", [HIT, INCOMPLETE], ids=["hit", "incomplete"])
async def test_what_is_not_clear_is_held_for_people(bank: Bank, outcome: Any) -> None:
    one = await opened(bank)
    asked = await waiting(bank, one)
    for number in range(2):
        held = answer(asked, outcome, matches=2, first_match="sanctions/17")
        await bank.door.deliver(held, event_id=f"e{number}")
    # A second answer that says otherwise does not free what is held, and neither does another system.
    await bank.door.deliver(answer(asked, CLEAR))
    call = v1.AnswerScreeningRequest(request_id="a", payment_order_id=asked.payment_order_id, passed=True)
    assert (await bank.door.refused(call)).reason == "SCREENING_MUST_BE_ANOTHER_PERSONS"
    bank.door.as_caller("screening.system", "operations.*")
    assert (await bank.door.refused(call)).reason == "SCREENING_MUST_BE_DECIDED"
    assert (stands(await order(bank, asked.payment_order_id)), await bank.balance(one)) == ("ACTC", RICH)
    (told,) = await bank.door.facts(v1.ScreeningHeld)
    assert (told.matches, told.first_match, told.screening_id) == (2, "sanctions/17", asked.screening_id)
    assert told.placed_by == (await order(bank, asked.payment_order_id)).placed_by != ""


async def test_bad_answers_are_none(bank: Bank) -> None:
    one = await opened(bank)
    asked, other = await waiting(bank, one), await waiting(bank, one, "o2", account="6222009999")
    bad = [
        answer(asked, risk_v1.SCREENING_OUTCOME_UNSPECIFIED),
        answer(asked, 77),
        answer(asked, CLEAR, screening_id="scr_none"),
        answer(asked, CLEAR, screening_id=""),
        answer(asked, CLEAR, payment_order_id=other.payment_order_id),
        answer(asked, CLEAR, payment_order_id="po_none"),
    ]
    for event in bad:
        await bank.door.deliver(event)
    assert [await state(bank, found.screening_id) for found in (asked, other)] == ["ASKED", "ASKED"]
    assert await bank.balance(one) == RICH


async def test_where_risk_is_silent_a_person_is_told_once_and_the_order_waits(bank: Bank) -> None:
    one = await opened(bank)
    asked = await waiting(bank, one)
    assert await swept(bank) == 0
    bank.door.now(datetime(2026, 5, 8, 1, 15, tzinfo=UTC))
    assert [await swept(bank), await swept(bank)] == [1, 0]
    (late,) = await bank.door.facts(v1.ScreeningOverdue)
    assert late.screening_id == asked.screening_id
    assert (stands(await order(bank, asked.payment_order_id)), await bank.balance(one)) == ("ACTC", RICH)
    await bank.door.deliver(answer(asked, CLEAR))
    assert stands(await order(bank, asked.payment_order_id)) == "ACSP"
    (answered,) = await bank.door.facts(v1.ScreeningAnswered)
    assert answered.state == v1.SCREENING_STATE_PASSED


async def test_what_is_withdrawn_stays_so_whatever_risk_says(bank: Bank) -> None:
    one = await opened(bank)
    asked = await waiting(bank, one)
    await bank.door.call(order_v1.CancelPaymentOrderRequest(request_id="c", payment_order_id=asked.payment_order_id))
    await bank.door.deliver(answer(asked, CLEAR))
    assert (stands(await order(bank, asked.payment_order_id)), await bank.balance(one)) == ("CANC", RICH)
    assert [one.state for one in await bank.door.facts(v1.ScreeningEnded)] == [v1.SCREENING_STATE_WITHDRAWN]


async def test_another_system_may_screen_where_risk_does_not(bank: Bank) -> None:
    one = await opened(bank)
    good, bad = await waiting(bank, one), await waiting(bank, one, "o2", account="6222009999")
    plain = await placed(bank, inside(bank, one, await bank.deposit(), 10, "o3"))
    bank.door.as_caller("screening.system", "operations.*")
    for asked, passed, stood in ((good, True, "ACSP"), (bad, False, "RJCT")):
        for request_id in ("first", "again"):
            call = v1.AnswerScreeningRequest(
                request_id=f"{request_id} {stood}", payment_order_id=asked.payment_order_id, passed=passed
            )
            found = (await bank.door.call(call)).payment_order
            assert (stands(found), found.reason_code) == (stood, "" if passed else "FR01")
        call.request_id, call.passed = f"other {stood}", not passed
        assert (await bank.door.refused(call)).reason == "SCREENING_MUST_BE_OPEN"
    call = v1.AnswerScreeningRequest(request_id="none", payment_order_id=plain.payment_order_id)
    assert (await bank.door.refused(call)).reason == "SCREENING_MUST_BE_OPEN"
    call = v1.AnswerScreeningRequest(request_id="no order", payment_order_id="po_none")
    assert (await bank.door.refused(call)).reason == "PAYMENT_ORDER_NOT_FOUND"


async def test_an_order_that_waited_long_for_its_date_is_screened_again(bank: Bank) -> None:
    one = await opened(bank)
    request = outside(bank, one, LARGE)
    request.requested_execution_date.CopyFrom(on_day(datetime(2026, 5, 20, tzinfo=UTC).date()))
    found = await placed(bank, request)
    (asked,) = await bank.door.facts(v1.ScreeningAsked)
    await bank.door.deliver(answer(asked, CLEAR))
    assert stands(await order(bank, found.payment_order_id)) == "ACCP"
    bank.door.now(datetime(2026, 5, 20, 1, 0, tzinfo=UTC))
    due = await bank.door.call(order_v1.ExecuteDueOrdersRequest(request_id=bank.request_id()))
    assert (due.executed, due.to_be_screened, due.rejected, due.put_off) == (0, 1, 0, 0)
    again = (await bank.door.facts(v1.ScreeningAsked))[-1]
    assert again.screening_id != asked.screening_id
    # The answer of the first screening is not one of the second.
    await bank.door.deliver(answer(asked, CLEAR))
    assert await bank.balance(one) == RICH
    await bank.door.deliver(answer(again, CLEAR))
    assert stands(await order(bank, found.payment_order_id)) == "ACSP"
    listed = await bank.door.call(v1.ListPaymentScreeningsRequest(payment_order_id=found.payment_order_id))
    assert [one.screening_id for one in listed.payment_screenings] == [asked.screening_id, again.screening_id]


async def test_a_new_payee_is_screened_until_money_was_given_out_to_it(bank: Bank) -> None:
    one = await opened(bank)
    first = await placed(bank, outside(bank, one, 20_000_000))
    (asked,) = await bank.door.facts(v1.ScreeningAsked)
    assert (stands(first), asked.policy) == ("ACTC", "new_payee")
    await bank.door.deliver(answer(asked, CLEAR))
    assert stands(await placed(bank, outside(bank, one, 20_000_001, "o2"))) == "ACSP"
    assert stands(await placed(bank, outside(bank, one, 20_000_001, "o3", account="6222005678"))) == "ACTC"
    other = await bank.deposit(RICH, customer_id="cus_2")
    assert stands(await placed(bank, outside(bank, other, 20_000_001, "o4"))) == "ACTC"
    assert stands(await placed(bank, outside(bank, one, 19_999_999, "o5", account="6222007777"))) == "ACSP"


SAID = st.lists(
    st.tuples(st.sampled_from(["clear", "hit", "nothing", "other", "sweep", "cancel", "due"])), min_size=1, max_size=8
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(SAID)
async def test_no_order_of_events_releases_what_risk_has_not_cleared(bank: Bank, said: list[tuple[str]]) -> None:
    one = await bank_of(bank)
    number = bank.request_id()
    asked = await waiting(bank, one, number, account=f"6222{number}")
    cleared = held = gone = False
    for step, (word,) in enumerate(said):
        match word:
            case "clear" | "hit" | "nothing":
                outcome = {"clear": CLEAR, "hit": HIT, "nothing": 0}[word]
                await bank.door.deliver(answer(asked, outcome), event_id=f"{number} {step % 3} {word}")
                cleared = cleared or (word == "clear" and not held and not gone)
                held = held or (word == "hit" and not cleared and not gone)
            case "other":
                await bank.door.deliver(answer(asked, CLEAR, screening_id="scr_none"), event_id=f"{number} {step}")
            case "sweep":
                await swept(bank)
            case "cancel" if not cleared:
                call = order_v1.CancelPaymentOrderRequest(
                    request_id=bank.request_id(), payment_order_id=asked.payment_order_id
                )
                await bank.door.call(call)
                gone = True
            case _:
                await bank.door.call(order_v1.ExecuteDueOrdersRequest(request_id=bank.request_id()))
        stood = "ACSP" if cleared else "CANC" if gone else "ACTC"
        assert stands(await order(bank, asked.payment_order_id)) == stood


async def bank_of(bank: Bank) -> str:
    """An account of a bank that the examples share."""
    bank.door.now(NINE)
    return await bank.deposit(RICH)
