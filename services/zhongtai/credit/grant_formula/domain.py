"""A grant formula (授信公式): how much a customer may be granted, as data.

Always true: what a formula allows is not above any of its bounds, and a version that was published never changes.

A formula is a table of terms, not a text to be evaluated: the lowest of its ceilings and multiples, less its
deductions, rounded down. Each line can be read by whoever decides, and none can do anything but bound an amount.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from math import ceil, floor

from zhongtai.kernel.money import Money, exact
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet


class GrantFormulaNotFound(Missing):
    """There is no formula {formula_id} valid on {on}: check the id, or publish one.

    授信公式{formula_id}在{on}无有效版本：请核对编号，或先发布。
    """

    formula_id: str
    on: date


class GrantFormulaVersionTaken(Taken):
    """Version {version} of {formula_id} was published with other content: publish the change as a new version.

    授信公式{formula_id}的版本{version}已以不同内容发布：请将变更作为新版本发布。
    """

    formula_id: str
    version: int


class GrantFormulaVersionMustFollowLatest(Unmet):
    """The next version of {formula_id} is {expected}, not {version}: publish it under that number.

    授信公式{formula_id}的下一版本号为{expected}，而非{version}：请使用该版本号发布。
    """

    formula_id: str
    version: int
    expected: int


class FormulaMustBoundAmount(Invalid):
    """The formula has neither a multiple nor a ceiling: it would allow any amount; add one.

    授信公式没有倍数项或上限项，金额将无限制：请补充。
    """


class FormulaTermMustBeWhole(Invalid):
    """The term {name} lacks what its kind needs, or stands twice: give it an input and a factor, an amount, or grades.

    公式项{name}不完整或重复：请填写输入与系数、金额或等级。
    """

    name: str


class FormulaInputMissing(Invalid):
    """The formula asks for {name}: give it.

    授信公式需要输入{name}：请提供。
    """

    name: str


class GradeMustBeInFormula(Unmet):
    """The formula has no amount for the grade {grade}: nothing is granted to it by this formula.

    授信公式未列等级{grade}：该等级不能据此授信。
    """

    grade: str


class FormulaTermKind(StrEnum):
    """What a term of a formula does."""

    MULTIPLE = "MULTIPLE"
    CEILING = "CEILING"
    GRADE_CEILING = "GRADE_CEILING"
    DEDUCTION = "DEDUCTION"


@dataclass(frozen=True, slots=True)
class GradeCeiling:
    """What a grade may be granted at most."""

    grade: str
    amount: Money


@dataclass(frozen=True, slots=True)
class FormulaTerm:
    """One line of a formula: `factor` times an input, an amount, or an amount for each grade."""

    name: str
    kind: FormulaTermKind
    input: str
    factor: Decimal | None
    amount: Money | None
    grades: tuple[GradeCeiling, ...]

    @property
    def whole(self) -> bool:
        """True where it has what its kind needs."""
        if self.kind is FormulaTermKind.CEILING:
            return self.amount is not None
        if self.kind is FormulaTermKind.GRADE_CEILING:
            return 0 < len(self.grades) == len({one.grade for one in self.grades})
        return bool(self.input) and self.factor is not None

    def figure(self, inputs: Mapping[str, Money], grade: str) -> Money:
        """What the line comes to: a bound is rounded down to the minor unit, a deduction up."""
        if self.kind is FormulaTermKind.CEILING:
            assert self.amount is not None, "a published term is whole"
            return self.amount
        if self.kind is FormulaTermKind.GRADE_CEILING:
            for one in self.grades:
                if one.grade == grade:
                    return one.amount
            raise GradeMustBeInFormula(grade=grade)
        if self.input not in inputs:
            raise FormulaInputMissing(name=self.input)
        assert self.factor is not None, "a published term is whole"
        amount = inputs[self.input]
        product = amount.minor_units * exact(self.factor)
        return Money(amount.currency, ceil(product) if self.kind is FormulaTermKind.DEDUCTION else floor(product))


@dataclass(frozen=True, slots=True)
class FormulaInput:
    """An input of a formula."""

    name: str
    amount: Money


@dataclass(frozen=True, slots=True)
class FormulaFigure:
    """What one line of a formula came to; `binding` where it is the lowest bound."""

    name: str
    kind: FormulaTermKind
    amount: Money
    binding: bool


@dataclass(frozen=True, slots=True)
class GrantFormula:
    """One version of a formula; its currency is that of `step`, to which amounts are rounded down."""

    formula_id: str
    version: int
    valid_from: date
    step: Money
    terms: tuple[FormulaTerm, ...]
    source: str

    @property
    def asks_grade(self) -> bool:
        """True where it needs the customer's grade."""
        return any(term.kind is FormulaTermKind.GRADE_CEILING for term in self.terms)

    def must_agree(self) -> None:
        """Refuses a formula that bounds nothing, has half a line, or amounts in two currencies."""
        if all(term.kind is FormulaTermKind.DEDUCTION for term in self.terms):
            raise FormulaMustBoundAmount
        for place, term in enumerate(self.terms):
            if not term.whole or any(term.name == before.name for before in self.terms[:place]):
                raise FormulaTermMustBeWhole(name=term.name)
            for amount in (*(one.amount for one in term.grades), *([term.amount] if term.amount else [])):
                _ = self.step + amount

    def figures(self, inputs: Mapping[str, Money], grade: str) -> tuple[FormulaFigure, ...]:
        """What each line comes to; the first of the lowest bounds is the binding one."""
        amounts = [(term, term.figure(inputs, grade)) for term in self.terms]
        bounds = [(amount, term.name) for term, amount in amounts if term.kind is not FormulaTermKind.DEDUCTION]
        lowest = min(amount for amount, _ in bounds)
        binding = next(name for amount, name in bounds if amount == lowest)
        return tuple(FormulaFigure(term.name, term.kind, amount, term.name == binding) for term, amount in amounts)

    def allowed(self, figures: tuple[FormulaFigure, ...]) -> Money:
        """The lowest bound less the deductions, rounded down to the step, never below zero."""
        left = next(one.amount for one in figures if one.binding) + Money(self.step.currency, 0)
        for one in figures:
            if one.kind is FormulaTermKind.DEDUCTION:
                left -= one.amount
        return Money(self.step.currency, max(left.minor_units, 0) // self.step.minor_units * self.step.minor_units)


@dataclass(frozen=True, slots=True)
class GrantFormulaPublished:
    """A version of a formula was published."""

    formula_id: str
    formula: GrantFormula


def publish(
    formula: GrantFormula, *, published: GrantFormula | None, latest_version: int
) -> GrantFormulaPublished | None:
    """The fact of a new version; None where this very version is published already."""
    formula.must_agree()
    if published is not None:
        if published != formula:
            raise GrantFormulaVersionTaken(formula_id=formula.formula_id, version=formula.version)
        return None
    if formula.version != latest_version + 1:
        raise GrantFormulaVersionMustFollowLatest(
            formula_id=formula.formula_id, version=formula.version, expected=latest_version + 1
        )
    return GrantFormulaPublished(formula.formula_id, formula)
