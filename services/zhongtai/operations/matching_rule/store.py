"""How sets of rules rest: one row for each version; and the set that ships."""

from sqlalchemy import MetaData, Table, bindparam, func, select

from zhongtai.operations.matching_rule.domain import MatchingRules, MatchingRulesNotFound
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, instant, integer, json, text
from zhongtai.runtime.unit import View

metadata = MetaData()
MATCHING_RULES = Table(
    "matching_rules",
    metadata,
    text("rule_set", primary_key=True),
    integer("version", primary_key=True, autoincrement=False),
    json("rules"),
    instant("published_at"),
    text("published_by"),
)
versions = Records(MATCHING_RULES, MatchingRules)
_LATEST = select(func.coalesce(func.max(MATCHING_RULES.c.version), 0)).where(
    MATCHING_RULES.c.rule_set == bindparam("rule_set")
)

SHIPPED: MatchingRules = reader(MatchingRules)(shipped(__package__, "rules.json"))


def latest_version(view: View, rule_set: str) -> int:
    """The highest version of a set; 0 where none was published."""
    return int(view.rows(_LATEST, {"rule_set": rule_set})[0][0])


def load(view: View, rule_set: str, version: int = 0) -> MatchingRules:
    """A version of a set, the latest where none is named; refuses where it is not there."""
    wanted = version or latest_version(view, rule_set)
    found = versions.find(view, rule_set, wanted) if wanted else None
    if found is None and wanted == 0 and rule_set == SHIPPED.rule_set:
        return SHIPPED
    if found is None:
        raise MatchingRulesNotFound(rule_set=rule_set, version=wanted)
    return found
