"""Grant formulas: what a table of terms allows, and what is no formula."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.credit.examples import cny
from zhongtai.credit.grant_formula import domain
from zhongtai.credit.grant_formula.domain import FormulaTerm, FormulaTermKind, GradeCeiling, GrantFormula
from zhongtai.kernel.money import CurrencyMustMatch, Money

DAY = date(2026, 1, 1)
MULTIPLE, CEILING = FormulaTermKind.MULTIPLE, FormulaTermKind.CEILING
GRADES, DEDUCTION = FormulaTermKind.GRADE_CEILING, FormulaTermKind.DEDUCTION


def term(
    name: str,
    kind: FormulaTermKind,
    *,
    of: str = "",
    factor: str | None = None,
    amount: Money | None = None,
    grades: tuple[GradeCeiling, ...] = (),
) -> FormulaTerm:
    return FormulaTerm(name, kind, of, None if factor is None else Decimal(factor), amount, grades)


INCOME = term("income_multiple", MULTIPLE, of="income", factor="12")
OWED = term("owed", DEDUCTION, of="owed", factor="1.5")
TOP = term("top", CEILING, amount=cny(100_000))
BY_GRADE = term("by_grade", GRADES, grades=(GradeCeiling("A", cny(90_000)), GradeCeiling("B", cny(10_000))))


def formula(*terms: FormulaTerm, step: int = 1_000) -> GrantFormula:
    return GrantFormula("consumer_income", 1, DAY, cny(step), terms, "a test")


def allowed(of: GrantFormula, grade: str = "A", **inputs: int) -> Money:
    return of.allowed(of.figures({name: cny(amount) for name, amount in inputs.items()}, grade))


def test_the_lowest_bound_less_the_deductions_rounded_down() -> None:
    whole = formula(INCOME, TOP, BY_GRADE, OWED)
    assert allowed(whole, income=5_000, owed=0) == cny(60_000)
    assert allowed(whole, income=9_000, owed=0) == cny(90_000)
    assert allowed(whole, "B", income=9_000, owed=0) == cny(10_000)
    assert allowed(whole, income=5_000, owed=333) == cny(59_000)
    assert allowed(whole, income=5_000, owed=50_000) == cny(0)


def test_a_bound_is_rounded_down_and_a_deduction_up() -> None:
    half = formula(
        term("half", MULTIPLE, of="income", factor="0.5"), term("owed", DEDUCTION, of="owed", factor="0.5"), step=1
    )
    assert allowed(half, income=7, owed=0) == cny(3)
    assert allowed(half, income=8, owed=1) == cny(3)


def test_what_binds_is_named() -> None:
    figures = formula(INCOME, TOP, OWED).figures({"income": cny(5_000), "owed": cny(7)}, "")
    assert [(one.name, one.amount, one.binding) for one in figures] == [
        ("income_multiple", cny(60_000), True),
        ("top", cny(100_000), False),
        ("owed", cny(11), False),
    ]


def test_a_formula_asks_for_its_inputs_and_grades() -> None:
    with pytest.raises(domain.FormulaInputMissing):
        allowed(formula(INCOME))
    with pytest.raises(domain.GradeMustBeInFormula):
        allowed(formula(BY_GRADE), "C")
    with pytest.raises(CurrencyMustMatch):
        formula(INCOME, TOP).figures({"income": Money("USD", 1)}, "")
    only = formula(INCOME)
    dollars = only.figures({"income": Money("USD", 10**9)}, "")
    with pytest.raises(CurrencyMustMatch):
        only.allowed(dollars)


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        ((OWED,), domain.FormulaMustBoundAmount),
        ((TOP, TOP), domain.FormulaTermMustBeWhole),
        ((term("half", MULTIPLE, of="income"),), domain.FormulaTermMustBeWhole),
        ((term("half", MULTIPLE, factor="1"),), domain.FormulaTermMustBeWhole),
        ((term("half", CEILING),), domain.FormulaTermMustBeWhole),
        ((term("half", GRADES),), domain.FormulaTermMustBeWhole),
        ((term("twice", GRADES, grades=(BY_GRADE.grades[0],) * 2),), domain.FormulaTermMustBeWhole),
        ((term("dollars", CEILING, amount=Money("USD", 1)),), CurrencyMustMatch),
        ((term("dollars", GRADES, grades=(GradeCeiling("A", Money("USD", 1)),)),), CurrencyMustMatch),
    ],
)
def test_what_is_no_formula_is_refused(terms: tuple[FormulaTerm, ...], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        domain.publish(formula(*terms), published=None, latest_version=0)


def test_a_version_never_changes() -> None:
    assert domain.publish(formula(TOP), published=None, latest_version=0) is not None
    assert domain.publish(formula(TOP), published=formula(TOP), latest_version=1) is None
    with pytest.raises(domain.GrantFormulaVersionTaken):
        domain.publish(formula(TOP, INCOME), published=formula(TOP), latest_version=1)
    with pytest.raises(domain.GrantFormulaVersionMustFollowLatest):
        domain.publish(formula(TOP), published=None, latest_version=1)


amounts = st.integers(0, 10**12)


@given(amounts, amounts, st.decimals("0", "1000", places=6), st.decimals("0", "10", places=6), st.data())
def test_no_bound_is_ever_exceeded(
    income: int, owed: int, factor: Decimal, share: Decimal, data: st.DataObject
) -> None:
    step, top = data.draw(st.integers(1, 10**6)), data.draw(st.integers(0, 10**14))
    one = formula(
        term("multiple", MULTIPLE, of="income", factor=str(factor)),
        term("top", CEILING, amount=cny(top)),
        term("owed", DEDUCTION, of="owed", factor=str(share)),
        step=step,
    )
    amount = allowed(one, income=income, owed=owed).minor_units
    assert amount >= 0
    assert amount % step == 0
    exactly = min(income * Fraction(factor), Fraction(top)) - owed * Fraction(share)
    assert amount <= max(exactly, Fraction(0))
    assert amount > exactly - step - 2, "and nothing is kept back but what rounding takes"
