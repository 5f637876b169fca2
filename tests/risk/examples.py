"""Values and requests that the tests of risk share: a small scorecard made by hand, and a policy on it."""

import csv
import random
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.kernel.money import Money
from zhongtai.risk.policy.domain import AmountBand, Application, Comparison, Outcome, Policy, Rule
from zhongtai.risk.scorecard.domain import Bin, Characteristic, CharacteristicKind, Scorecard
from zhongtai.risk.v1 import decision_pb2, policy_pb2, scorecard_pb2
from zhongtai.runtime.convert import message_of
from zhongtai.testing.doors import Door

_requests = count(1)

TERM = Characteristic(
    name="term",
    kind=CharacteristicKind.NUMERIC,
    bins=(
        Bin("< 12", 30, is_interval=True, upper=Decimal(12)),
        Bin("[12, 24)", 10, is_interval=True, lower=Decimal(12), upper=Decimal(24)),
        Bin("≥ 24", -20, is_interval=True, lower=Decimal(24)),
        Bin("missing or other", 0, takes_missing=True, takes_other=True),
    ),
    reason_code="TERM",
    reason_text="Few points for: term.",
    reason_text_zh="得分偏低：期限。",
)
HOUSING = Characteristic(
    name="housing",
    kind=CharacteristicKind.CATEGORICAL,
    bins=(
        Bin("own", 25, values=("own",)),
        Bin("rent | other", -5, values=("rent",), takes_other=True),
        Bin("missing", -10, takes_missing=True),
    ),
    reason_code="HOUSING",
    reason_text="Few points for: housing.",
    reason_text_zh="得分偏低：住房。",
)
# The scale of Siddiqi (2006), chapter 6: 600 points are odds of 50 to 1, 20 points double them.
SCORECARD = Scorecard(
    scorecard_id="application",
    version=1,
    name="Application scorecard",
    name_zh="申请评分卡",
    initial_points=560,
    base_score=600,
    base_odds=Decimal(50),
    points_to_double_odds=20,
    characteristics=(TERM, HOUSING),
)
ADULT = Rule(
    attribute="age",
    comparison=Comparison.AT_LEAST,
    values=("18",),
    otherwise=Outcome.DECLINE,
    reason_code="TOO_YOUNG",
    reason_text="The applicant is younger than 18.",
    reason_text_zh="申请人未满18周岁。",
)
POLICY = Policy(
    policy_id="consumer_instalment",
    version=1,
    name="Consumer instalment",
    name_zh="个人消费分期",
    currency_code="CNY",
    scorecard_id="application",
    scorecard_version=1,
    rules=(ADULT,),
    approve_at_or_above=590,
    decline_below=560,
    amount_bands=(
        AmountBand(560, Money("CNY", 5_000_000), Outcome.REFER),
        AmountBand(600, Money("CNY", 20_000_000), Outcome.DECLINE),
    ),
    term_attribute="term",
    accepted_attributes=("telephone",),
)
GOOD_INPUTS = {"housing": "own", "age": "40"}


def application(minor_units: int = 1_000_000, term_months: int = 6, **inputs: str) -> Application:
    """Who is approved with 615 points, unless something is changed."""
    return Application("cus_1", Money("CNY", minor_units), term_months, GOOD_INPUTS | inputs)


def request_id() -> str:
    """An id no other request has."""
    return f"request-{next(_requests)}"


def publish_scorecard(card: Scorecard = SCORECARD) -> scorecard_pb2.PublishScorecardRequest:
    """The request that publishes a scorecard."""
    return scorecard_pb2.PublishScorecardRequest(
        request_id=request_id(), scorecard=message_of(card, scorecard_pb2.Scorecard)
    )


def publish_policy(policy: Policy = POLICY) -> policy_pb2.PublishPolicyRequest:
    """The request that publishes a policy."""
    return policy_pb2.PublishPolicyRequest(request_id=request_id(), policy=message_of(policy, policy_pb2.Policy))


def decide(**changes: Any) -> decision_pb2.DecideRequest:
    """The request that decides an application that is approved, unless something is changed."""
    fields: dict[str, Any] = {
        "request_id": request_id(),
        "policy_id": "consumer_instalment",
        "customer_id": "cus_1",
        "amount": MoneyMessage(currency_code="CNY", minor_units=1_000_000),
        "term_months": 6,
        "inputs": GOOD_INPUTS,
    }
    return decision_pb2.DecideRequest(**(fields | changes))


async def plant(door: Door) -> None:
    """Publishes the scorecard and the policy."""
    await door.call(publish_scorecard())
    await door.call(publish_policy())


def write_applicants(path: Path, rows: int = 3000, seed: int = 7) -> Path:
    """A file of made-up applicants whose default hangs on income and job; `colour` is chance, `sex` is protected."""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["income", "job", "colour", "sex", "outcome"])
        for _ in range(rows):
            income, job = chance.randint(1_000, 20_000), chance.choice(["clerk", "worker", "manager", "none"])
            risk = 0.6 - income / 40_000 + {"none": 0.25, "worker": 0.05, "clerk": 0.0, "manager": -0.1}[job]
            outcome = "default" if chance.random() < risk else "repaid"
            shown = "" if chance.random() < 0.1 else str(income)
            writer.writerow([shown, job, chance.choice("rgb"), chance.choice("mf"), outcome])
    return path
