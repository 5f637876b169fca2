"""A set of matching rules (匹配规则), in the order they are tried: what one leaves, the next may match.

Always true: a version never changes; a rule that lets amounts differ says where the difference is posted.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from zhongtai.kernel.refusals import Invalid, Missing

_CLASSES = {"#": "[0-9]", "@": "[0-9A-Za-z_-]"}
_LONGEST = 64


class MatchingRulesNotFound(Missing):
    """There are no matching rules {rule_set} of version {version}: publish them, or use another set.

    匹配规则{rule_set}没有版本{version}：请先发布，或使用其他规则集。
    """

    rule_set: str
    version: int


class MatchingRuleMustHaveKeys(Invalid):
    """The rule {rule} matches several with one: state what they have in common on both sides.

    规则{rule}为一对多或多对一：请在两侧指明共同的键。
    """

    rule: str


class MatchingPatternMustBePlain(Invalid):
    """The rule {rule} reads “{pattern}”: use # for a digit, @ for a letter or digit, one + at most, one pair of ().

    规则{rule}的模式“{pattern}”无效：#为数字，@为字母或数字，最多一个+和一对括号，且仅用于按文本匹配。
    """

    rule: str
    pattern: str


class MatchingDifferenceMustHaveCode(Invalid):
    """The rule {rule} lets amounts differ: state the account code that the difference is posted to, and only then.

    规则{rule}允许金额差异：请填写差异入账科目；不允许差异时请勿填写。
    """

    rule: str


class MatchingRuleMustBeOne(Invalid):
    """Two rules are called {rule}: give each its own name.

    规则名称{rule}重复：请使用不同名称。
    """

    rule: str


class MatchShape(StrEnum):
    """How many lines of a statement match how many items of the ledger."""

    ONE_TO_ONE = "ONE_TO_ONE"
    ONE_TO_MANY = "ONE_TO_MANY"
    MANY_TO_ONE = "MANY_TO_ONE"
    ALONE = "ALONE"


class LineKey(StrEnum):
    """What a line must have in common with an item."""

    NOTHING = "NOTHING"
    END_TO_END_ID = "END_TO_END_ID"
    REFERENCE = "REFERENCE"
    TEXT = "TEXT"
    VALUE_DATE = "VALUE_DATE"


class ItemKey(StrEnum):
    """What an item must have in common with a line."""

    NOTHING = "NOTHING"
    END_TO_END_ID = "END_TO_END_ID"
    REFERENCE = "REFERENCE"
    VALUE_DATE = "VALUE_DATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingRule:
    """One rule. Dates may be `window_days` apart and amounts `tolerance_minor` minor units.

    A pattern is looked for in what the line tells: # is a digit, @ a letter, digit, _ or -, + repeats what stands
    before it up to 64 times; what stands in parentheses, or else all that was found, is the key. A rule of the shape
    ALONE takes lines with the pattern and amounts within the tolerance that the ledger has nothing for, such as fees.
    """

    name: str
    title: str
    title_zh: str
    shape: MatchShape
    line_key: LineKey
    item_key: ItemKey
    pattern: str = ""
    window_days: int = 0
    tolerance_minor: int = 0
    difference_code: str = ""

    def must_hold(self) -> None:
        """Refuses a rule that cannot be followed."""
        several = self.shape in (MatchShape.ONE_TO_MANY, MatchShape.MANY_TO_ONE)
        nothing = self.line_key is LineKey.NOTHING, self.item_key is ItemKey.NOTHING
        alone = self.shape is MatchShape.ALONE
        if (several and any(nothing)) or (not alone and nothing[0] != nothing[1]):
            raise MatchingRuleMustHaveKeys(rule=self.name)
        if alone and (self.line_key is not LineKey.TEXT or not nothing[1]):
            raise MatchingPatternMustBePlain(rule=self.name, pattern=self.pattern)
        if bool(self.pattern) is not (self.line_key is LineKey.TEXT) or not _is_plain(self.pattern):
            raise MatchingPatternMustBePlain(rule=self.name, pattern=self.pattern)
        if bool(self.tolerance_minor) is not bool(self.difference_code):
            raise MatchingDifferenceMustHaveCode(rule=self.name)

    def found_in(self, text: str) -> str:
        """The key that the pattern finds in a text; "" where it finds none."""
        found = _compiled(self.pattern).search(text)
        return found.group(found.lastindex or 0) if found else ""


@dataclass(frozen=True, slots=True)
class MatchingRulesPublished:
    """A version of a set of rules was published."""

    rule_set: str
    version: int


@dataclass(frozen=True, slots=True)
class MatchingRules:
    """A version of a set of rules; version 0 is the one that ships."""

    rule_set: str
    version: int
    rules: tuple[MatchingRule, ...]
    published_at: datetime
    published_by: str

    def must_hold(self) -> "MatchingRules":
        """The set itself; refuses rules that cannot be followed, and two of one name."""
        names: set[str] = set()
        for rule in self.rules:
            rule.must_hold()
            if rule.name in names:
                raise MatchingRuleMustBeOne(rule=rule.name)
            names.add(rule.name)
        return self


def _is_plain(pattern: str) -> bool:
    """Whether a pattern has one repetition at the most, of a class, and one pair of parentheses at the most."""
    opened, closed = pattern.count("("), pattern.count(")")
    paired = opened == closed <= 1 and pattern.find("(") <= pattern.find(")") and "()" not in pattern
    place = pattern.find("+")
    repeated = place < 0 or (place > 0 and pattern[place - 1] in _CLASSES and pattern.count("+") == 1)
    return paired and repeated


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    """The pattern as an expression; with one repetition it takes a time in proportion to the text."""
    parts = [
        _CLASSES.get(character, f"{{1,{_LONGEST}}}" if character == "+" else character)
        if character in "#@+()"
        else re.escape(character)
        for character in pattern
    ]
    return re.compile("".join(parts))
