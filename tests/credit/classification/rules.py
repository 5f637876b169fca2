"""The rules that ship with the platform, and loans to classify by them."""

import json
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from google.protobuf.json_format import ParseDict

from zhongtai.credit.classification.domain import Classification, Facts, RiskCategory, RuleSet, classify
from zhongtai.credit.v1 import classification_pb2 as v1
from zhongtai.runtime.convert import value_of

TODAY = date(2026, 7, 1)


@cache
def decree() -> RuleSet:
    """The rules of the decree as they are seeded."""
    (seed,) = json.loads(files("zhongtai.credit.classification").joinpath("seed.json").read_text(encoding="utf-8"))
    return value_of(ParseDict(seed["request"]["ruleSet"], v1.ClassificationRuleSet()), RuleSet)


def classified(days_past_due: int = 0, previous: RiskCategory | None = None, **facts: Any) -> Classification:
    """A loan classified today."""
    known: dict[str, Any] = {name: Decimal(value) if isinstance(value, str) else value for name, value in facts.items()}
    classification, _ = classify(
        decree(),
        Facts(**known),
        classification_id="cls_1",
        loan_id="loan_1",
        customer_id="cus_1",
        days_past_due=days_past_due,
        previous=previous,
        on=TODAY,
    )
    return classification
