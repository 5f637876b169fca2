"""Every shipped product compiles, and every example of it ends as it says."""

import pytest

from zhongtai.gateway.scenario.drawing import draw
from zhongtai.gateway.scenario.examples import walk_example
from zhongtai.gateway.scenario.plan import Example, Plan
from zhongtai.gateway.scenario.shipped import compile_all, shipped

PLANS = compile_all(shipped())
EXAMPLES = [(plan, example) for plan in PLANS.values() for example in plan.examples]


def test_the_three_products_ship() -> None:
    assert {"consumer_instalment@1", "loan_repayment@1", "charity_donation@1"} <= set(PLANS)


@pytest.mark.parametrize(
    ("plan", "example"), EXAMPLES, ids=[f"{plan.product}: {example.name}" for plan, example in EXAMPLES]
)
def test_an_example_ends_as_it_says(plan: Plan, example: Example) -> None:
    end, world = walk_example(plan, example)
    assert end.outcome == example.outcome
    if example.undone is not None:
        assert example.undone == (() if end.done else tuple(reversed(world.done)))


@pytest.mark.parametrize("name", PLANS)
def test_every_end_is_reached(name: str) -> None:
    plan = PLANS[name]
    reached = {walk_example(plan, example)[0].at for example in plan.examples}
    assert {"done", *(answer.end for answer in plan.answers())} <= reached


@pytest.mark.parametrize("name", PLANS)
def test_a_file_is_named_for_its_product(name: str) -> None:
    assert f"{PLANS[name].product}.yaml" in {file.name for file in shipped()}


def test_the_gateway_gets_no_more_rights_than_a_product_needs() -> None:
    assert PLANS["loan_repayment@1"].scopes == {
        "credit.loan.read",
        "credit.loan.write",
        "operations.payment.write",
        "operations.work_order.write",
    }


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_drawing_shows_every_step_and_end(name: str, language: str) -> None:
    plan = PLANS[name]
    drawing = draw(plan, language)
    for step, _ in plan.walkthrough():
        assert f">{step}<" in drawing
    for outcome in plan.outcomes:
        assert f">{outcome}<" in drawing
    assert (plan.title.zh if language == "zh-CN" else plan.title.en) in drawing
