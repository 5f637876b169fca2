"""The catalogue of words: both languages, the same placeholders, nothing missing and nothing left over."""

import re
from importlib.resources import files
from string import Formatter

import pytest

from zhongtai.common.v1 import options_pb2
from zhongtai.credit.v1 import (
    allowance_pb2,
    classification_pb2,
    file_import_pb2,
    limit_node_pb2,
    limit_pb2,
    loan_pb2,
    loan_risk_pb2,
)
from zhongtai.gateway.console import delegations, notification_rules, webhook_endpoints
from zhongtai.gateway.console.language import CHINESE, ENGLISH, Words, catalogue
from zhongtai.gateway.console.payment_batches import OUTCOMES
from zhongtai.gateway.console.site import NAVIGATION
from zhongtai.gateway.console.webhook_endpoints import SIGNATURES
from zhongtai.gateway.v1 import closing_pb2, job_pb2, run_pb2
from zhongtai.operations.reconciliation.domain import Proposal
from zhongtai.operations.v1 import (
    account_class_pb2,
    account_freeze_pb2,
    account_pb2,
    account_statement_pb2,
    bank_statement_pb2,
    book_day_pb2,
    book_period_pb2,
    dimension_pb2,
    dormancy_pb2,
    held_command_pb2,
    ledger_pb2,
    ledger_seal_pb2,
    notification_pb2,
    notification_rule_pb2,
    notification_template_pb2,
    payment_batch_pb2,
    payment_pb2,
    reconciliation_pb2,
    term_deposit_pb2,
    webhook_endpoint_pb2,
    work_order_pb2,
)
from zhongtai.runtime.contracts import PACKAGES

RECIPIENT = "NOTIFICATION_RECIPIENT_KIND_"
FOLDER = files("zhongtai.gateway.console")
SOURCES = {
    entry.name: entry.read_text(encoding="utf-8")
    for folder in (FOLDER, FOLDER / "templates")
    for entry in folder.iterdir()
    if entry.name.endswith((".html", ".py"))
}
ASKED = re.compile(r"""\b(?:t|words)\(\s*["']([a-z_.0-9-]+)["']\s*[,)]""")
# A key that is made of a part that is fixed and a part that comes from data.
PREFIXES = re.compile(r"""["']([a-z_]+(?:\.[a-z_]+)*\.)["'] ~|f"([a-z_.]+\.)\{|tag\(t, "([a-z_.]+)", """)


def asked() -> set[str]:
    return {key for text in SOURCES.values() for key in ASKED.findall(text)}


def prefixes() -> set[str]:
    found = {part for text in SOURCES.values() for match in PREFIXES.findall(text) for part in match if part}
    return {prefix if prefix.endswith(".") else f"{prefix}." for prefix in found}


def names(enum: type, prefix: str) -> list[str]:
    return [name.removeprefix(prefix) for name in enum.keys()[1:]]  # type: ignore[attr-defined]


def test_every_word_a_page_asks_for_is_there() -> None:
    assert len(asked()) > 100
    assert asked() - set(catalogue()) == set()


def test_no_word_is_left_over() -> None:
    unused = {key for key in set(catalogue()) - asked() if not key.startswith(tuple(prefixes()))}
    assert unused == set()


@pytest.mark.parametrize("key", catalogue())
def test_both_languages_say_the_same(key: str) -> None:
    texts = catalogue()[key]
    assert set(texts) == {ENGLISH, CHINESE}
    fields = {language: {name for _, name, _, _ in Formatter().parse(text) if name} for language, text in texts.items()}
    assert fields[ENGLISH] == fields[CHINESE]
    assert not re.search("[一-鿿]", texts[ENGLISH])
    assert texts[CHINESE].strip()


@pytest.mark.parametrize(
    "keys",
    [
        [f"run.{name}" for name in names(run_pb2.RunStatus, "RUN_STATUS_")],
        [f"step.{name}" for name in names(run_pb2.StepStatus, "STEP_STATUS_")],
        [f"effect.{name}" for name in names(run_pb2.StepKind, "STEP_KIND_") if name != "CALL"],
        [f"effect.{name}" for name in names(options_pb2.Effect, "EFFECT_")],
        [f"order.{name}" for name in names(work_order_pb2.WorkOrderStatus, "WORK_ORDER_STATUS_")],
        [f"orders.outcome.{name}" for name in names(work_order_pb2.WorkOrderOutcome, "WORK_ORDER_OUTCOME_")],
        [f"payment.{name}" for name in names(payment_pb2.PaymentStatus, "PAYMENT_STATUS_")],
        [f"payment.kind.{name}" for name in names(payment_pb2.PaymentKind, "PAYMENT_KIND_")],
        [f"batch.{name}" for name in names(payment_batch_pb2.BatchStatus, "BATCH_STATUS_")],
        [f"batch.kind.{name}" for name in names(payment_batch_pb2.BatchKind, "BATCH_KIND_")],
        [f"batch.line.{name}" for name in OUTCOMES],
        [f"held.{name}" for name in names(held_command_pb2.HeldCommandStatus, "HELD_COMMAND_STATUS_")],
        [f"break.{name}" for name in names(reconciliation_pb2.BreakState, "BREAK_STATE_")],
        [f"side.{name}" for name in names(reconciliation_pb2.ItemSide, "ITEM_SIDE_")],
        [f"difference.{name}" for name in names(reconciliation_pb2.DifferenceStatus, "DIFFERENCE_STATUS_")],
        [f"statement.{name}" for name in names(bank_statement_pb2.BankStatementStatus, "BANK_STATEMENT_STATUS_")],
        [f"proposal.{name}" for name in Proposal],
        [f"loan.{name}" for name in names(loan_pb2.LoanStatus, "LOAN_STATUS_")],
        [f"account.{name}" for name in names(account_pb2.AccountStatus, "ACCOUNT_STATUS_")],
        [f"accounts.tier.{name}" for name in names(account_class_pb2.AccountTier, "ACCOUNT_TIER_")],
        [f"accounts.order.{name}" for name in names(account_statement_pb2.StatementOrder, "STATEMENT_ORDER_")],
        [f"entries.kind.{name}" for name in names(ledger_pb2.EntryKind, "ENTRY_KIND_")],
        [f"entries.flaw.{name}" for name in names(ledger_seal_pb2.ProofFlaw, "PROOF_FLAW_")],
        [f"entries.dimension.{field.name}" for field in dimension_pb2.Dimensions.DESCRIPTOR.fields],
        [f"periods.kind.{name}" for name in names(book_period_pb2.PeriodKind, "PERIOD_KIND_")],
        [f"periods.late.{name}" for name in names(book_day_pb2.LateEntries, "LATE_ENTRIES_")],
        [f"dormancy.{name}" for name in names(dormancy_pb2.DormancyStatus, "DORMANCY_STATUS_")],
        [f"deposit.{name}" for name in names(term_deposit_pb2.TermDepositStatus, "TERM_DEPOSIT_STATUS_")],
        [
            f"deposits.instruction.{name}"
            for name in names(term_deposit_pb2.MaturityInstruction, "MATURITY_INSTRUCTION_")
        ],
        [f"freeze.{name}" for name in names(account_freeze_pb2.FreezeStatus, "FREEZE_STATUS_")],
        [f"limit.{name}" for name in names(limit_pb2.LimitStatus, "LIMIT_STATUS_")],
        [f"import.{name}" for name in names(file_import_pb2.ImportPhase, "IMPORT_PHASE_")],
        [f"node.{name}" for name in names(limit_node_pb2.NodeKind, "NODE_KIND_")],
        [f"closing.{name}" for name in names(closing_pb2.ClosingState, "CLOSING_STATE_")],
        [f"closing.step.{name}" for name in names(closing_pb2.ClosingStepState, "CLOSING_STEP_STATE_")],
        [f"notification.{name}" for name in names(notification_pb2.NotificationStatus, "NOTIFICATION_STATUS_")],
        [f"notification.reason.{name}" for name in names(notification_pb2.NotificationReason, "NOTIFICATION_REASON_")],
        [f"delivery.{name}" for name in names(notification_pb2.DeliveryOutcome, "DELIVERY_OUTCOME_")],
        [f"channel.{name}" for name in names(notification_template_pb2.NotificationChannel, "NOTIFICATION_CHANNEL_")],
        [f"webhook.{name}" for name in names(webhook_endpoint_pb2.WebhookEndpointStatus, "WEBHOOK_ENDPOINT_STATUS_")],
        [f"webhook.signature.{name}" for name in SIGNATURES],
        [f"webhooks.done.{name}" for name in (*webhook_endpoints.VERBS, "replay")],
        [f"rule.to.{name}" for name in names(notification_rule_pb2.NotificationRecipientKind, RECIPIENT)],
        [f"rules.done.{name}" for name in notification_rules.VERBS],
        [f"delegation.{name}" for name in delegations.STATES],
        [f"job.{name}" for name in names(job_pb2.JobTrigger, "JOB_TRIGGER_")],
        [f"job.{name}" for name in names(job_pb2.JobRunStatus, "JOB_RUN_STATUS_")],
        [f"risk.flag.{name}" for name in names(loan_risk_pb2.RiskFlagKind, "RISK_FLAG_KIND_")],
        [f"risk.evidence.{name}" for name in names(loan_risk_pb2.ImpairmentEvidence, "IMPAIRMENT_EVIDENCE_")],
        [f"risk.category.{name}" for name in names(classification_pb2.RiskCategory, "RISK_CATEGORY_")],
        [f"risk.stage.{name}" for name in names(allowance_pb2.ImpairmentStage, "IMPAIRMENT_STAGE_")],
        [f"risk.reason.{name}" for name in names(allowance_pb2.StageReason, "STAGE_REASON_")],
        [f"service.{name}" for name in PACKAGES],
        [f"nav.{name}" for name in NAVIGATION],
    ],
    ids=lambda keys: keys[0].partition(".")[0],
)
def test_everything_the_contracts_can_say_has_a_word(keys: list[str]) -> None:
    assert keys
    assert set(keys) - set(catalogue()) == set()


def test_data_with_both_languages_falls_back_to_english() -> None:
    assert Words(CHINESE).either("Limit", "额度") == "额度"
    assert Words(CHINESE).either("Limit", "") == "Limit"
    assert Words(ENGLISH).either("Limit", "额度") == "Limit"
