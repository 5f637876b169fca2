"""Extension and restructuring through the door."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.credit.examples import disbursed as plain_loan
from tests.credit.examples import fen, plant_seeds, rate, request_id
from tests.credit.serviced import account_of, forget, lent, publish, serviced_product
from zhongtai.credit.v1 import loan_account_pb2, loan_pb2
from zhongtai.credit.v1 import loan_restructuring_pb2 as v1
from zhongtai.testing.doors import Door


def extension(loan_id: str, instalments: int = 3, **changes: Any) -> v1.ExtendLoanRequest:
    fields: dict[str, Any] = {
        "request_id": request_id(),
        "loan_id": loan_id,
        "extra_instalments": instalments,
        "reason": "harvest late",
    }
    return v1.ExtendLoanRequest(**{**fields, **changes})


def restructuring(loan_id: str, **changes: Any) -> v1.RestructureLoanRequest:
    fields: dict[str, Any] = {"request_id": request_id(), "loan_id": loan_id, "reason": "factory closed"}
    return v1.RestructureLoanRequest(**{**fields, **changes})


async def plan_of(door: Door, loan_id: str) -> list[loan_account_pb2.PlanLine]:
    return [line for line in (await account_of(door, loan_id)).plan if line.number > 0]


async def test_an_extension_spreads_the_rest_over_more_instalments_and_is_told(door: Door) -> None:
    await publish(door)
    loan_id = await lent(door)
    door.today(date(2026, 1, 20))
    ask = extension(loan_id, 3, nominal_interest_rate=rate("0.13"))
    reply = await door.call(ask)
    assert await door.call(ask) == reply
    assert (reply.restructuring.kind, reply.restructuring.extra_months) == (v1.RESTRUCTURING_KIND_EXTENSION, 3)
    assert reply.restructuring.rule_id == "personal_short"
    assert (reply.maturity_date.year, reply.maturity_date.month) == (2026, 10)
    plan = await plan_of(door, loan_id)
    assert (len(plan), sum(line.due.principal.minor_units for line in plan)) == (9, 1_200_000)
    (told,) = await door.facts(v1.LoanRestructured)
    assert (told.loan_id, told.kind, told.borrower_in_difficulty) == (loan_id, 1, False)
    loan = (await door.call(loan_pb2.GetLoanRequest(loan_id=loan_id))).loan
    assert (Decimal(loan.nominal_interest_rate.value), loan.term_months) == (Decimal("0.13"), 6)
    history = (await door.call(loan_account_pb2.ListLoanOperationsRequest(loan_id=loan_id))).operations
    assert "harvest late" in history[-1].content
    forget()
    assert await plan_of(door, loan_id) == plan


async def test_all_extensions_together_keep_within_the_rule_of_the_original_term(door: Door) -> None:
    await publish(door, serviced_product(customer_kinds=["PERSON", "ORGANISATION"]))
    loan_id = await lent(door)
    assert (await door.refused(extension(loan_id, 7))).metadata["most_months"] == "6"
    await door.call(extension(loan_id, 4))
    refusal = await door.refused(extension(loan_id, 3))
    assert (refusal.reason, refusal.metadata["extended_months"]) == ("EXTENSION_MUST_KEEP_WITHIN_RULE", "7")
    assert "贷款通则" in refusal.metadata["source"]
    await door.call(extension(loan_id, 2))
    listed = (await door.call(v1.ListLoanRestructuringsRequest(loan_id=loan_id))).restructurings
    assert [one.extra_months for one in listed] == [4, 2]


async def test_the_borrower_may_be_in_difficulty_and_every_rule_names_its_source(door: Door) -> None:
    await publish(door)
    loan_id = await lent(door)
    reply = await door.call(extension(loan_id, 6, borrower_in_difficulty=True))
    assert reply.restructuring.rule_id == "personal_short"
    (told,) = await door.facts(v1.LoanRestructured)
    assert told.borrower_in_difficulty
    rules = (await door.call(v1.ListExtensionRulesRequest())).rules
    assert all(rule.source and rule.confirm for rule in rules)


async def test_an_extension_precedes_the_maturity(door: Door) -> None:
    await publish(door)
    loan_id = await lent(door)
    door.today(date(2026, 7, 6))
    assert (await door.refused(extension(loan_id))).reason == "EXTENSION_MUST_PRECEDE_MATURITY"


async def test_a_restructuring_changes_all_it_says_or_nothing(door: Door) -> None:
    await publish(door)
    loan_id = await lent(door)
    door.today(date(2026, 1, 20))
    before = await plan_of(door, loan_id)
    owed = (await account_of(door, loan_id)).owed
    everything = sum(getattr(owed, part).minor_units for part in ("principal", "interest", "fee", "penalty"))
    for ask, reason in (
        (restructuring(loan_id), "RESTRUCTURING_MUST_CHANGE_SOMETHING"),
        (restructuring(loan_id, forgiveness=fen(everything)), "FORGIVENESS_MUST_LEAVE_SOMETHING_OWED"),
        (restructuring(loan_id, forgiveness=fen(100, "USD")), "CURRENCY_MUST_MATCH"),
        (restructuring(loan_id, forgiveness=fen(0)), "REQUEST_INVALID"),
        (restructuring("loan_none", extra_instalments=1), "LOAN_NOT_FOUND"),
    ):
        assert (await door.refused(ask)).reason == reason
    assert await plan_of(door, loan_id) == before
    reply = await door.call(
        restructuring(
            loan_id,
            forgiveness=fen(100_000),
            nominal_interest_rate=rate("0.06"),
            extra_instalments=12,
            borrower_in_difficulty=True,
        )
    )
    assert reply.restructuring.kind == v1.RESTRUCTURING_KIND_RESTRUCTURING
    assert (reply.restructuring.extra_months, reply.restructuring.forgiven) == (12, fen(100_000))
    plan = await plan_of(door, loan_id)
    assert len(plan) == 18
    assert sum(line.outstanding.minor_units for line in plan) < everything
    # Half the rate from the sixteenth day of two months on, on a balance that is a sixth larger in the second.
    interest, agreed = (sum(line.due.interest.minor_units for line in lines[:2]) for lines in (plan, before))
    assert interest < 0.7 * agreed


@pytest.mark.parametrize("request_of", [extension, lambda loan_id: restructuring(loan_id, extra_instalments=1)])
async def test_only_a_serviced_loan_that_is_owed_is_restructured(door: Door, request_of: Any) -> None:
    await plant_seeds(door)
    plain = await plain_loan(door)
    assert (await door.refused(request_of(plain.loan_id))).reason == "LOAN_MUST_BE_SERVICED"
