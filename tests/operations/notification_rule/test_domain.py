"""Rules: every shipped one names an event of a contract, fields that it has, and a template that they fill."""

from typing import Any

import pytest
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal

from zhongtai.common.v1.money_pb2 import Money
from zhongtai.operations.notification_rule.domain import NotificationRule
from zhongtai.operations.notification_rule.store import RULES
from zhongtai.operations.notification_template.domain import TemplateVariableKind
from zhongtai.operations.notification_template.store import SHIPPED
from zhongtai.runtime import contracts

KINDS = {
    Money.DESCRIPTOR.full_name: TemplateVariableKind.MONEY,
    Date.DESCRIPTOR.full_name: TemplateVariableKind.DATE,
    Decimal.DESCRIPTOR.full_name: TemplateVariableKind.NUMBER,
}


def fields_of(event: str) -> dict[str, TemplateVariableKind]:
    """The fields of an event that stand alone, with what each holds; those of a part by their path."""
    found = {}

    def note(descriptor: Any, before: str) -> None:
        for field in descriptor.fields:
            path = before + field.name
            if field.is_repeated:
                continue
            if field.message_type is None:
                number = field.cpp_type in (field.CPPTYPE_INT32, field.CPPTYPE_INT64)
                found[path] = TemplateVariableKind.NUMBER if number else TemplateVariableKind.TEXT
            elif field.message_type.full_name in KINDS:
                found[path] = KINDS[field.message_type.full_name]
            elif not before:
                note(field.message_type, f"{path}.")

    note(contracts.events()[event].DESCRIPTOR, "")
    return found


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.rule_id)
def test_every_shipped_rule_fits_its_event_and_its_template(rule: NotificationRule) -> None:
    template = SHIPPED[rule.template_id]
    assert rule.problems(fields_of(rule.event), template) == []
    rule.must_fill(template)


def test_a_field_that_is_not_there_or_of_another_kind_is_found() -> None:
    rule, template = RULES["loan_repaid"], SHIPPED["loan_repaid"]
    fields = fields_of(rule.event)
    del fields["interest"]
    fields["paid_on"] = TemplateVariableKind.MONEY
    assert rule.problems(fields, template) == [
        "zhongtai.credit.v1.LoanRepaid has no field interest",
        "paid_on is MONEY, on is DATE",
    ]
