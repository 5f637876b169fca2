"""Classification through the door."""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.credit.examples import day, disbursed, pending, plant_seeds, rate, request_id
from zhongtai.credit.v1 import allowance_pb2
from zhongtai.credit.v1 import classification_pb2 as v1
from zhongtai.runtime.convert import date_of
from zhongtai.testing.doors import Door


def classify(loan_id: str, **facts: Any) -> v1.ClassifyLoanRequest:
    return v1.ClassifyLoanRequest(
        request_id=request_id(),
        loan_id=loan_id,
        facts=v1.ClassificationFacts(**facts),
    )


async def test_a_loan_ages_through_the_categories(door: Door) -> None:
    loan = await disbursed(door)
    first_due = date_of(loan.instalments[0].due_date)
    reply = await door.call(classify(loan.loan_id))
    assert (reply.category, reply.classification.days_past_due) == (v1.RISK_CATEGORY_NORMAL, 0)
    assert reply.classification.previous_category == v1.RISK_CATEGORY_UNSPECIFIED
    door.today(date.fromordinal(first_due.toordinal() + 91))
    reply = await door.call(classify(loan.loan_id))
    assert (reply.category, reply.classification.days_past_due) == (v1.RISK_CATEGORY_SUBSTANDARD, 91)
    assert reply.classification.previous_category == v1.RISK_CATEGORY_NORMAL
    applied = [it.rule_id for it in reply.classification.findings if it.applies]
    assert applied == ["overdue_special_mention", "technical_delay_too_long", "overdue_substandard"]

    newest = await door.call(v1.GetClassificationRequest(loan_id=loan.loan_id))
    assert newest.classification == reply.classification
    listed = await door.call(v1.ListClassificationsRequest(loan_id=loan.loan_id))
    assert [it.category for it in listed.classifications] == [v1.RISK_CATEGORY_NORMAL, v1.RISK_CATEGORY_SUBSTANDARD]
    told = await door.facts(v1.LoanClassified)
    assert [(it.previous_category, it.category) for it in told] == [
        (v1.RISK_CATEGORY_UNSPECIFIED, v1.RISK_CATEGORY_NORMAL),
        (v1.RISK_CATEGORY_NORMAL, v1.RISK_CATEGORY_SUBSTANDARD),
    ]


async def test_what_is_known_beside_the_schedule_counts(door: Door) -> None:
    loan = await disbursed(door)
    reply = await door.call(classify(loan.loan_id, credit_impaired=True, expected_loss_share=rate("0.5")))
    assert reply.category == v1.RISK_CATEGORY_DOUBTFUL
    assert reply.classification.facts.expected_loss_share.value == "0.5"


async def test_the_expected_loss_is_that_of_the_last_allowance(door: Door) -> None:
    loan = await disbursed(door)
    facts = allowance_pb2.AllowanceFacts(credit_impaired=True)
    assess = allowance_pb2.AssessAllowanceRequest(request_id=request_id(), loan_id=loan.loan_id, facts=facts)
    allowed = (await door.call(assess)).allowance
    reply = await door.call(classify(loan.loan_id, credit_impaired=True))
    share = Decimal(reply.classification.facts.expected_loss_share.value)
    assert round(share * loan.principal.minor_units) == allowed.allowance.minor_units
    assert reply.category == v1.RISK_CATEGORY_SUBSTANDARD
    told = await door.call(classify(loan.loan_id, credit_impaired=True, expected_loss_share=rate("0.6")))
    assert told.category == v1.RISK_CATEGORY_DOUBTFUL


async def test_one_bad_loan_draws_the_others_of_a_company_down(door: Door) -> None:
    bad, good = await disbursed(door, 200_000), await disbursed(door, 1_000_000)
    await pending(door, 5_000_000)  # owes nothing yet, and dilutes nothing
    await door.call(classify(bad.loan_id, credit_impaired=True))
    reply = await door.call(classify(good.loan_id, non_retail=True))
    assert reply.category == v1.RISK_CATEGORY_SUBSTANDARD
    assert reply.classification.facts.non_performing_share_here.value == "0.166666666667"
    assert (await door.call(classify(good.loan_id))).category == v1.RISK_CATEGORY_SUBSTANDARD, "no upgrade by itself"
    # The bad loan is not held down by the one it drew with it, once that is better again.
    cured = {
        "arrears_cleared_on": day(2025, 6, 1),
        "payments_since_cleared": 3,
        "able_to_perform": True,
        "non_performing_share_here": rate("0"),
    }
    assert (await door.call(classify(good.loan_id, **cured))).category == v1.RISK_CATEGORY_NORMAL
    del cured["non_performing_share_here"]
    assert (await door.call(classify(bad.loan_id, non_retail=True, **cured))).category == v1.RISK_CATEGORY_NORMAL


async def test_what_cannot_be_classified_is_refused(door: Door) -> None:
    loan = await pending(door)
    assert (await door.refused(classify(loan.loan_id))).reason == "LOAN_MUST_BE_ACTIVE"
    assert (await door.refused(classify("loan_none"))).reason == "LOAN_NOT_FOUND"
    assert (await door.refused(classify(loan.loan_id, expected_loss_share=rate("1.5")))).kind == "Invalid"
    never = await door.refused(v1.GetClassificationRequest(loan_id=loan.loan_id))
    assert never.reason == "LOAN_NOT_CLASSIFIED"


async def test_the_rules_in_force_are_published_once(door: Door) -> None:
    await plant_seeds(door)
    before = await door.refused(v1.GetClassificationRulesRequest(rule_set_id="cn_five_category", on=day(2023, 6, 30)))
    assert before.reason == "CLASSIFICATION_RULES_NOT_FOUND"
    rules = (await door.call(v1.GetClassificationRulesRequest(rule_set_id="cn_five_category"))).rule_set
    again = v1.PublishClassificationRulesRequest(request_id=request_id(), rule_set=rules)
    assert (await door.call(again)).version == 1
    rules.upgrade_months = 3
    changed = v1.PublishClassificationRulesRequest(request_id=request_id(), rule_set=rules)
    assert (await door.refused(changed)).reason == "CLASSIFICATION_RULES_VERSION_TAKEN"
    assert len(await door.facts(v1.ClassificationRulesPublished)) == 1
