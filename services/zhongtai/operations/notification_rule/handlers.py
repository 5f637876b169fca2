"""The RPCs of notification rules: look, stop, go on."""

from zhongtai.operations.notification_rule import store
from zhongtai.operations.notification_rule.domain import (
    NotificationRule,
    NotificationRulePaused,
    NotificationRuleResumed,
    RulePause,
)
from zhongtai.operations.v1 import notification_rule_pb2 as v1
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.store import page_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def list_notification_rules(request: v1.ListNotificationRulesRequest, view: View) -> v1.ListNotificationRulesResponse:
    """Every rule."""
    paused = store.paused(view)
    shown, page = page_of([store.RULES[name] for name in sorted(store.RULES)], request.page)
    return v1.ListNotificationRulesResponse(rules=[_message(rule, rule.rule_id in paused) for rule in shown], page=page)


@rpc
def pause_notification_rule(request: v1.PauseNotificationRuleRequest, unit: Unit) -> v1.PauseNotificationRuleResponse:
    """Stops a rule."""
    rule = store.rule(request.rule_id)
    if not store.pauses.find(unit, rule.rule_id):
        pause = RulePause(rule.rule_id, unit.caller.acting)
        store.pauses.add(unit, pause)
        unit.record(NotificationRulePaused(rule.rule_id, pause.paused_by))
    return v1.PauseNotificationRuleResponse(rule_id=rule.rule_id, rule=_message(rule, paused=True))


@rpc
def resume_notification_rule(
    request: v1.ResumeNotificationRuleRequest, unit: Unit
) -> v1.ResumeNotificationRuleResponse:
    """Lets a rule go on."""
    rule = store.rule(request.rule_id)
    if store.pauses.find(unit, rule.rule_id):
        store.pauses.remove(unit, rule.rule_id)
        unit.record(NotificationRuleResumed(rule.rule_id, unit.caller.acting))
    return v1.ResumeNotificationRuleResponse(rule_id=rule.rule_id, rule=_message(rule, paused=False))


def _message(rule: NotificationRule, paused: bool) -> v1.NotificationRule:
    return message_of(rule, v1.NotificationRule, paused=paused)
