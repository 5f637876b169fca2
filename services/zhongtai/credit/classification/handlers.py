"""The RPCs of classification: message → value → verb → save → fact → reply."""

from zhongtai.credit.allowance_model import store as model_store
from zhongtai.credit.allowance_model.store import DEFAULT_MODEL
from zhongtai.credit.classification import domain, store
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan_risk import reading
from zhongtai.credit.repayment.domain import next_due_date
from zhongtai.credit.v1 import classification_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def publish_classification_rules(
    request: v1.PublishClassificationRulesRequest, unit: Unit
) -> v1.PublishClassificationRulesResponse:
    """Publishes one version of the rules."""
    rule_set = value_of(request.rule_set, domain.RuleSet)
    fact = domain.publish(
        rule_set,
        published=store.rule_sets.find(unit, rule_set.rule_set_id, rule_set.version),
        latest_version=store.latest_version(unit, rule_set.rule_set_id),
    )
    if fact is not None:
        store.rule_sets.add(unit, rule_set)
        unit.record(fact)
    return v1.PublishClassificationRulesResponse(rule_set_id=rule_set.rule_set_id, version=rule_set.version)


@rpc
def get_classification_rules(
    request: v1.GetClassificationRulesRequest, view: View
) -> v1.GetClassificationRulesResponse:
    """The rules in force on a day."""
    on = date_of(request.on) if request.HasField("on") else view.business_date
    rule_set = store.in_force(view, request.rule_set_id, on)
    return v1.GetClassificationRulesResponse(rule_set=message_of(rule_set, v1.ClassificationRuleSet))


@rpc
def classify_loan(request: v1.ClassifyLoanRequest, unit: Unit) -> v1.ClassifyLoanResponse:
    """Classifies an active loan today, by the rules in force."""
    loan = loan_store.load(unit, request.loan_id)
    loan.must_be_active()
    owed, non_performing = reading.debt_of_customer(unit, loan)
    kept = reading.classification_facts(unit, loan, model_store.valid_on(unit, DEFAULT_MODEL, unit.business_date))
    classification, fact = domain.classify(
        store.in_force(unit, request.rule_set_id or store.DECREE, unit.business_date),
        value_of(request.facts, domain.Facts).known(kept, owed=owed, non_performing=non_performing),
        classification_id=unit.new_id("cls"),
        loan_id=loan.loan_id,
        customer_id=loan.customer_id,
        days_past_due=domain.days_past_due(next_due_date(loan), unit.business_date),
        previous=reading.category_before(unit, loan.loan_id),
        on=unit.business_date,
    )
    store.classifications.add(unit, classification)
    unit.record(fact)
    told = message_of(classification, v1.Classification)
    return v1.ClassifyLoanResponse(
        classification_id=told.classification_id, category=told.category, classification=told
    )


@rpc
def get_classification(request: v1.GetClassificationRequest, view: View) -> v1.GetClassificationResponse:
    """The newest classification of a loan."""
    newest = store.newest(view, request.loan_id)
    return v1.GetClassificationResponse(classification=message_of(newest, v1.Classification))


@rpc
def list_classifications(request: v1.ListClassificationsRequest, view: View) -> v1.ListClassificationsResponse:
    """Every classification of a loan."""
    of_loan = store.CLASSIFICATION.c.loan_id == request.loan_id
    found, page = store.classifications.page(view, request.page, of_loan)
    return v1.ListClassificationsResponse(
        classifications=[message_of(one, v1.Classification) for one in found], page=page
    )
