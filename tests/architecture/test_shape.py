"""Is it still this house? Every rule holds on the sources, and every rule is seen to fail on a planted violation."""

from collections.abc import Callable

import pytest

from tests.architecture import rules
from tests.architecture.rules import Sources

DOMAIN = "services/zhongtai/credit/limit/domain.py"
HANDLERS = "services/zhongtai/credit/limit/handlers.py"
STORE = "services/zhongtai/credit/limit/store.py"
Rule = Callable[[Sources], list[str]]

PLANTED: list[tuple[Rule, dict[str, str]]] = [
    (rules.namespace_has_no_init, {"services/zhongtai/__init__.py": ""}),
    (rules.components_have_init, {DOMAIN: '"""Limits."""'}),
    (rules.imports_are_absolute, {DOMAIN: "from . import store"}),
    (rules.imports_stand_at_the_top, {DOMAIN: "def late() -> None:\n    import re"}),
    (rules.services_meet_only_in_contracts, {HANDLERS: "from zhongtai.risk.decision import domain"}),
    (
        rules.services_meet_only_in_contracts,
        {"gateway/zhongtai/gateway/run/handlers.py": "import zhongtai.risk.decision"},
    ),
    (
        rules.rooms_look_inwards,
        {DOMAIN: "from zhongtai.credit.limit import store\nfrom zhongtai.credit.limit.store import limits"},
    ),
    (rules.rooms_look_inwards, {STORE: "from zhongtai.runtime.service import Service"}),
    (rules.rooms_look_inwards, {DOMAIN: "from zhongtai.runtime.clock import Clock"}),
    (rules.handlers_are_not_called_by_others, {STORE: "from zhongtai.credit.loan.handlers import open_loan"}),
    (rules.shared_knows_no_service, {"shared/zhongtai/runtime/server.py": "from zhongtai.credit.v1 import limit_pb2"}),
    (rules.shared_knows_no_service, {"shared/zhongtai/kernel/money.py": "from zhongtai.runtime import clock"}),
    (rules.domains_are_pure, {DOMAIN: "import random"}),
    (rules.domains_are_pure, {DOMAIN: "import sqlalchemy"}),
    (rules.domains_hold_their_breath, {DOMAIN: "async def wait() -> None: ..."}),
    (rules.domains_hold_their_breath, {DOMAIN: "from datetime import date\nTODAY = date.today()"}),
    (rules.domains_hold_their_breath, {DOMAIN: "RATE = 0.05"}),
    (rules.handlers_hold_no_rule, {HANDLERS: "def grant() -> None:\n    raise ValueError"}),
    (rules.handlers_hold_no_rule, {HANDLERS: "try:\n    x = 1\nexcept ValueError:\n    x = 2"}),
    (rules.handlers_hold_no_rule, {HANDLERS: "async def grant() -> None: ..."}),
    (
        rules.domain_values_are_frozen,
        {DOMAIN: "from dataclasses import dataclass\n@dataclass\nclass Limit:\n    x: int"},
    ),
    (rules.nothing_is_too_long, {DOMAIN: "x = 1\n" * 401}),
    (rules.nothing_is_too_long, {DOMAIN: "def long() -> None:\n" + "    x = 1\n" * 51}),
    (rules.names_say_what_things_are, {"services/zhongtai/credit/utils.py": ""}),
    (rules.nothing_is_left_unfinished, {DOMAIN: "# TO" + "DO: later"}),
    (rules.modules_open_with_their_purpose, {DOMAIN: "x = 1"}),
    (
        rules.there_are_no_circles,
        {
            "shared/zhongtai/runtime/one.py": "from zhongtai.runtime import two",
            "shared/zhongtai/runtime/two.py": "def f() -> None:\n    from zhongtai.runtime.one import x",
        },
    ),
]


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_shape(rule: Rule) -> None:
    broken = rule(rules.sources())
    assert not broken, "\n".join([rule.__doc__ or rule.__name__, *broken])


def test_what_tests_are_made_of_is_not_too_long_either() -> None:
    assert not rules.nothing_is_too_long(rules.sources(("tests",)))


@pytest.mark.parametrize(("rule", "planted"), PLANTED, ids=lambda value: getattr(value, "__name__", ""))
def test_a_planted_violation_is_seen(rule: Rule, planted: dict[str, str]) -> None:
    assert rule(planted)


def test_every_rule_has_a_planted_violation() -> None:
    assert {rule for rule, _ in PLANTED} == set(rules.RULES)
