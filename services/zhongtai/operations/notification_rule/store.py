"""The shipped notification rules, and which of them are stopped."""

from sqlalchemy import MetaData, Table

from zhongtai.operations.notification_rule.domain import NotificationRule, NotificationRuleNotFound, RulePause
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, text
from zhongtai.runtime.unit import View

metadata = MetaData()
RULE_PAUSE = Table("notification_rule_pause", metadata, text("rule_id", primary_key=True), text("paused_by"))
pauses = Records(RULE_PAUSE, RulePause)
_PAUSES = pauses.query(order_by=RULE_PAUSE.c.rule_id)

RULES: dict[str, NotificationRule] = {
    rule.rule_id: rule for rule in map(reader(NotificationRule), shipped(__package__, "rules.json"))
}
EVENTS: tuple[str, ...] = tuple(dict.fromkeys(rule.event for rule in RULES.values()))


def rule(rule_id: str) -> NotificationRule:
    """The rule of that name; refuses where there is none."""
    if rule_id not in RULES:
        raise NotificationRuleNotFound(rule_id=rule_id)
    return RULES[rule_id]


def rules_of(template_id: str) -> list[NotificationRule]:
    """The rules that write by a template."""
    return [each for each in RULES.values() if each.template_id == template_id]


def rules_for(view: View, event: str) -> list[NotificationRule]:
    """The rules that tell of an event and are not stopped."""
    stopped = paused(view)
    return [each for each in RULES.values() if each.event == event and each.rule_id not in stopped]


def paused(view: View) -> set[str]:
    """The rules that are stopped."""
    return {pause.rule_id for pause in _PAUSES(view)}
