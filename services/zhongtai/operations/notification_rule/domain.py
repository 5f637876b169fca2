"""A notification rule (通知规则): which event becomes which message, to whom, by which channels in order.

Always true: a rule fills every variable of its template, each from a field of the kind the variable has.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from zhongtai.kernel.refusals import Invalid, Missing
from zhongtai.operations.notification_template.domain import (
    NotificationChannel,
    NotificationTemplate,
    TemplateVariableKind,
    Value,
)


class NotificationRuleNotFound(Missing):
    """There is no rule {rule_id}: take one of the list.

    通知规则{rule_id}不存在：请从列表中选择。
    """

    rule_id: str


class TemplateMustFitItsRules(Invalid):
    """The rule {rule_id} fills no variable {name}: use its variables only, {variables}.

    通知规则{rule_id}不提供变量{name}：请只使用其变量{variables}。
    """

    rule_id: str
    name: str
    variables: str


class NotificationRecipientKind(StrEnum):
    """What names the recipient: a field of the event, but for a named role, which the rule names itself.

    Of an account, a payment and a deposit the customer is meant whose it is, so where that is the bank nobody is told.
    """

    CUSTOMER = "CUSTOMER"
    ACCOUNT = "ACCOUNT"
    PAYMENT_DEBTOR = "PAYMENT_DEBTOR"
    PAYMENT_CREDITOR = "PAYMENT_CREDITOR"
    TERM_DEPOSIT = "TERM_DEPOSIT"
    STAFF = "STAFF"
    ROLE = "ROLE"
    NAMED_ROLE = "NAMED_ROLE"


@dataclass(frozen=True, slots=True)
class NotificationRulePaused:
    """A rule was stopped."""

    rule_id: str
    paused_by: str


@dataclass(frozen=True, slots=True)
class NotificationRuleResumed:
    """A rule goes on."""

    rule_id: str
    resumed_by: str


@dataclass(frozen=True, slots=True)
class NotificationRule:
    """One rule; `variables` names the field of the event that fills each variable of the template."""

    rule_id: str
    event: str
    template_id: str
    recipient_kind: NotificationRecipientKind
    recipient: str
    channels: tuple[NotificationChannel, ...]
    variables: dict[str, str]
    only_where: dict[str, str]

    def must_fill(self, template: NotificationTemplate) -> None:
        """Refuses a template that asks for what the rule does not fill, or writes for none of its channels."""
        template.must_write_for(self.channels)
        for variable in template.variables:
            if variable.name not in self.variables:
                raise TemplateMustFitItsRules(
                    rule_id=self.rule_id, name=variable.name, variables=", ".join(self.variables)
                )

    def problems(self, fields: Mapping[str, TemplateVariableKind], template: NotificationTemplate) -> list[str]:
        """What does not go together, in words: the fields of the event by their kind, the rule, its template."""
        kinds = {each.name: each.kind for each in template.variables}
        named = [*self.variables.values(), *self.only_where]
        if self.recipient_kind is not NotificationRecipientKind.NAMED_ROLE:
            named.insert(0, self.recipient)
        found = [f"{self.event} has no field {path}" for path in named if path not in fields]
        found += [
            f"{path} is {fields[path]}, {name} is {kinds[name]}"
            for name, path in self.variables.items()
            if path in fields and name in kinds and kinds[name].held not in (fields[path], TemplateVariableKind.TEXT)
        ]
        return found + [f"nothing fills {name}" for name in kinds if name not in self.variables]

    def applies(self, read: Callable[[str], Any]) -> bool:
        """Whether an event, read by its fields, is one that the rule tells of."""
        return all(str(read(path)) == wanted for path, wanted in self.only_where.items())

    def values(self, read: Callable[[str], Any]) -> dict[str, Value]:
        """The values of the variables; a field that is not set is an empty text."""
        return {name: "" if (value := read(path)) is None else value for name, path in self.variables.items()}


@dataclass(frozen=True, slots=True)
class RulePause:
    """A rule that is stopped, and by whom."""

    rule_id: str
    paused_by: str
