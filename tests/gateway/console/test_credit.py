"""The pages of credit: loans with their schedule and story, products with their parameters, the limit tree."""

import re

import pytest

from tests.credit.examples import fen
from tests.gateway.console.conftest import Bank
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.credit.v1 import limit_node_pb2, limit_pb2, loan_risk_pb2
from zhongtai.gateway.console.limits import Branch, branches


async def test_a_loan_is_shown_with_its_schedule_its_security_and_its_events(bank: Bank) -> None:
    loan_id = await bank.loan()
    async with bank.signed_in() as http:
        listed = await http.get("/console/loans")
        assert f'href="/console/loans/{loan_id}"' in listed.text
        page = await http.get(f"/console/loans/{loan_id}")
    assert "CNY 10,000.00" in page.text
    schedule = re.search(r'id="schedule".*?<tbody>(.*?)</tbody>', page.text, re.DOTALL)
    assert schedule is not None
    assert schedule.group(1).count("<tr>") == 6
    assert "Nothing secures this loan." in page.text
    assert "LoanDisbursed</a>" in page.text


async def test_what_is_known_of_a_loans_risk_is_shown_in_both_languages(bank: Bank) -> None:
    loan_id = await bank.loan()
    for kind in (loan_risk_pb2.RISK_FLAG_KIND_WATCH_LIST, loan_risk_pb2.RISK_FLAG_KIND_PURPOSE_CHANGED):
        request = loan_risk_pb2.PlaceRiskFlagRequest(
            request_id=f"flag-{kind}", loan_id=loan_id, kind=kind, reason="sector under stress"
        )
        await bank.call(request)
    for language, said in (
        (
            "en",
            (
                "Allowance carried",
                "stage 2",
                "on the watch list",
                "第九条（二）",
                "special mention",
                "sector under stress",
            ),
        ),
        ("zh-CN", ("账面损失准备", "第二阶段", "列入预警名单", "第九条（二）", "关注", "预警名单")),
    ):
        async with bank.signed_in(language=language) as http:
            page = await http.get(f"/console/loans/{loan_id}")
        risk = re.search(r'id="risk".*?</section>', page.text, re.DOTALL)
        assert risk is not None
        assert [text for text in said if text not in risk.group()] == []


async def test_a_loan_is_found_by_its_id_and_a_wrong_one_is_told(bank: Bank) -> None:
    async with bank.signed_in() as http:
        sought = await http.get("/console/loans?loan_id=loan_x")
        assert sought.headers["location"] == "/console/loans/loan_x"
        missing = await http.get("/console/loans/loan_x")
    assert missing.status_code == 404
    assert "LOAN_NOT_FOUND" in missing.text


async def test_a_product_tells_every_parameter_with_its_sentence(bank: Bank) -> None:
    async with bank.signed_in(language="zh-CN") as http:
        listed = await http.get("/console/products")
        assert 'href="/console/credit-products/harvest_bullet"' in listed.text
        page = await http.get("/console/credit-products/harvest_bullet")
        missing = await http.get("/console/credit-products/none_such")
    assert "农户生产经营贷款" in page.text
    assert "AMORTISATION_BULLET" in page.text
    assert "<code>nominal_interest_rate</code>" in page.text
    assert missing.status_code == 404


async def test_a_floating_rate_holidays_and_taxes_stand_on_the_page_of_their_product(bank: Bank) -> None:
    async with bank.signed_in() as http:
        mortgage = (await http.get("/console/credit-products/home_mortgage_floating")).text
        car = (await http.get("/console/credit-products/car_instalment")).text
    for name in ("REPRICING_RULE_NEW_YEAR", "<code>floor</code>", "重定价周期", "<code>value_added_rate</code>"):
        assert name in mortgage
    for name in ("BUSINESS_DAY_RULE_FOLLOWING", "<code>late_interest</code>", "BEYOND_CALENDAR_WEEKDAYS"):
        assert name in car


async def test_the_limit_tree_shows_the_customer_and_its_limit(bank: Bank) -> None:
    async with bank.signed_in() as http:
        page = await http.get("/console/limits?kind=CUSTOMER")
    assert "used CNY 10,000.00" in page.text
    assert 'class="branch limit"' in page.text


@pytest.mark.parametrize("path", ["/console/loans", "/console/limits"])
async def test_whoever_may_not_see_is_told_so(bank: Bank, path: str) -> None:
    async with bank.signed_in("guest") as http:
        page = await http.get(path)
    assert page.status_code == 200
    assert "SCOPE_MISSING" in page.text


def node(subject: str, parent: str = "", kind: str = "GROUP", cap: int = 0) -> limit_node_pb2.LimitNode:
    return limit_node_pb2.LimitNode(
        subject=subject,
        parent=parent,
        kind=f"NODE_KIND_{kind}",
        currency_code="CNY",
        cap=fen(cap) if cap else None,
        used=fen(400),
        held=fen(100),
    )


def shape(branch: Branch) -> tuple[str, list[object]]:
    return branch.name, [shape(each) for each in branch.beneath]


def test_nodes_grow_into_trees_with_the_limits_of_their_customers() -> None:
    nodes = [node("group", cap=1_000), node("cus_1", "group", "CUSTOMER"), node("lonely", "not here")]
    limits = [limit_pb2.Limit(customer_id="cus_1", product_line="consumer", granted=fen(50), used=fen(5))]
    found = branches(nodes, limits)
    assert [shape(one) for one in found] == [("group", [("cus_1", [("consumer", [])])]), ("lonely", [])]
    assert [(one.used, one.held, one.cap) for one in found] == [(400, 100, fen(1_000)), (0, 0, Money())]


def test_a_circle_of_nodes_ends() -> None:
    circle = [node("a", "b"), node("b", "a"), node("root"), node("c", "root"), node("root", "c")]
    assert [shape(one) for one in branches(circle, ())] == [("root", [("c", [])])]
