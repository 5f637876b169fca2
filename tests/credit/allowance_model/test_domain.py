"""Allowance models: figures that contradict each other are refused, and when credit risk rose significantly."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.credit.allowance_model.model import shipped
from zhongtai.credit.allowance_model.domain import (
    AllowanceModelVersionMustFollowLatest,
    AllowanceModelVersionTaken,
    CumulativeProbabilitiesMustRise,
    DefaultTerm,
    GradeNotInAllowanceModel,
    LossMustNotExceedExposure,
    ModelNamesMustBeGivenOnce,
    ProvisionBand,
    ProvisionBandsMustRise,
    ScenarioWeightsMustBeOneWhole,
    publish,
)
from zhongtai.kernel.refusals import Refusal

MODEL = shipped()


def falling() -> tuple[DefaultTerm, ...]:
    return (DefaultTerm("A", (Decimal("0.02"), Decimal("0.01"))),)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"grades": falling()}, CumulativeProbabilitiesMustRise),
        ({"grades": (*MODEL.grades, MODEL.grades[0])}, ModelNamesMustBeGivenOnce),
        ({"scenarios": (*MODEL.scenarios, MODEL.scenarios[0])}, ModelNamesMustBeGivenOnce),
        ({"scenarios": MODEL.scenarios[:2]}, ScenarioWeightsMustBeOneWhole),
        ({"unsecured_loss": Decimal("0.95")}, LossMustNotExceedExposure),
        ({"bands": (ProvisionBand(1, Decimal(0)),)}, ProvisionBandsMustRise),
        ({"bands": (ProvisionBand(0, Decimal(0)), ProvisionBand(0, Decimal(0)))}, ProvisionBandsMustRise),
    ],
)
def test_figures_that_contradict_each_other_are_refused(changes: dict[str, Any], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        publish(replace(MODEL, **changes), published=None, latest_version=0)


def test_a_published_version_never_changes() -> None:
    assert publish(MODEL, published=None, latest_version=0) is not None
    assert publish(MODEL, published=MODEL, latest_version=1) is None
    with pytest.raises(AllowanceModelVersionTaken):
        publish(replace(MODEL, cure_months=1), published=MODEL, latest_version=1)
    with pytest.raises(AllowanceModelVersionMustFollowLatest):
        publish(replace(MODEL, version=3), published=None, latest_version=1)


@pytest.mark.parametrize(
    ("then", "now", "absolutely", "relatively"),
    [
        ("BBB", "BBB", False, False),
        ("AAA", "A", False, False),  # five times as much, yet a rise of 0.32 % is below the floor
        ("A", "BBB", False, False),  # 0.95 % is less than 2.5 times 0.39 %
        ("BBB", "BB", False, True),
        ("BB", "B", False, True),
        ("B", "CCC", True, True),
        ("CCC", "CC", True, False),
        ("CC", "B", False, False),
    ],
)
def test_credit_risk_rises_by_a_difference_or_by_a_multiple(
    then: str, now: str, absolutely: bool, relatively: bool
) -> None:
    rows = MODEL.row(now), MODEL.row(then)
    assert (MODEL.rose_absolutely(*rows), MODEL.rose_relatively(*rows)) == (absolutely, relatively)


def test_a_low_risk_did_not_rise_and_a_rise_of_nothing_is_no_bound() -> None:
    eager = replace(MODEL, absolute_increase=Decimal("0.0005"), relative_increase=Decimal(2), relative_floor=Decimal(0))
    rows = MODEL.row("AA"), MODEL.row("AAA")
    assert not eager.rose_absolutely(*rows)
    assert not eager.rose_relatively(*rows)
    anything = replace(eager, low_risk_probability=Decimal(0))
    assert anything.rose_absolutely(*rows)
    assert anything.rose_relatively(*rows)
    assert not replace(anything, absolute_increase=Decimal(0)).rose_absolutely(*rows)


def test_a_grade_of_another_scale_is_refused_with_those_there_are() -> None:
    with pytest.raises(GradeNotInAllowanceModel) as refused:
        MODEL.row("Baa1")
    assert "BBB" in refused.value.grades
