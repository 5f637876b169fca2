"""The RPCs of the risk of loans, and the events by which it is found out."""

from datetime import date

from zhongtai.credit.allowance import judging
from zhongtai.credit.allowance.domain import NOTHING_TOLD
from zhongtai.credit.allowance_model import store as model_store
from zhongtai.credit.classification import store as classification_store
from zhongtai.credit.classification.domain import findings_of
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan.domain import LoanStatus, LoanSummary
from zhongtai.credit.loan_day import store as loan_day_store
from zhongtai.credit.loan_risk import circumstances, domain, keeping, reading, store
from zhongtai.credit.loan_risk.knowing import of_kind
from zhongtai.credit.v1 import classification_pb2 as classification_v1
from zhongtai.credit.v1 import loan_account_pb2 as account_v1
from zhongtai.credit.v1 import loan_day_pb2 as day_v1
from zhongtai.credit.v1 import loan_restructuring_pb2 as restructuring_v1
from zhongtai.credit.v1 import loan_risk_pb2 as v1
from zhongtai.runtime.convert import date_message, date_of, message_of, money_message, value_of
from zhongtai.runtime.unit import Unit, View, on, rpc

# An operation that makes arrears go away without their payment, where there are any, is a restructuring (第十七条).
EASING_OPERATIONS = frozenset({"Reschedule", "ReAge", "ReAmortize"})
_BY_EVENT = "zhongtai.credit"
_NON_PERFORMING = classification_v1.RISK_CATEGORY_SUBSTANDARD


@rpc
def place_risk_flag(request: v1.PlaceRiskFlagRequest, unit: Unit) -> v1.PlaceRiskFlagResponse:
    """Places a flag on a loan."""
    loan = loan_store.summaries.load(unit, request.loan_id)
    by = unit.caller.acting
    flag = _place(unit, loan, value_of(request, domain.Finding), by)
    return v1.PlaceRiskFlagResponse(flag_id=flag.flag_id, flag=message_of(flag, v1.RiskFlag))


@rpc
def lift_risk_flag(request: v1.LiftRiskFlagRequest, unit: Unit) -> v1.LiftRiskFlagResponse:
    """Lifts a flag."""
    placed = store.flags.load(unit, request.loan_id, request.flag_id)
    by = unit.caller.acting
    flag, fact = placed.lift(request.reason, by=by, on=unit.business_date)
    if fact is not None:
        keeping.note(unit, [flag.loan_id])
        store.flags.save(unit, flag)
        unit.record(fact)
    return v1.LiftRiskFlagResponse(flag=message_of(flag, v1.RiskFlag))


@rpc
def list_risk_flags(request: v1.ListRiskFlagsRequest, view: View) -> v1.ListRiskFlagsResponse:
    """Every flag of a loan."""
    found, page = store.flags.page(view, request.page, store.FLAG.c.loan_id == request.loan_id)
    return v1.ListRiskFlagsResponse(flags=[message_of(flag, v1.RiskFlag) for flag in found], page=page)


@rpc
def get_loan_risk(request: v1.GetLoanRiskRequest, view: View) -> v1.GetLoanRiskResponse:
    """What is known of a loan today, and what it makes of it."""
    loan, today = loan_store.summaries.load(view, request.loan_id), view.business_date
    rule_set = classification_store.in_force(view, classification_store.DECREE, today)
    model = model_store.valid_on(view, model_store.DEFAULT_MODEL, today)
    known = reading.known_on(view, [loan], today)[loan.loan_id]
    probation, closed = known.circumstances.probation, loan_day_store.last(view, loan.loan_id)
    asked = known.classification(reading.impaired_loss_share(known, loan.outstanding, model))
    judgement = judging.judged(view, loan, NOTHING_TOLD, model)
    return v1.GetLoanRiskResponse(
        facts=message_of(reading.facts_of(known, loan.outstanding, rule_set=rule_set, model=model), v1.RiskFacts),
        flags=[message_of(flag, v1.RiskFlag) for flag in known.flags],
        classification_facts=message_of(asked, classification_v1.ClassificationFacts),
        missed_on=None if probation.missed_on is None else date_message(probation.missed_on),
        cleared_on=None if probation.cleared_on is None else date_message(probation.cleared_on),
        category=f"RISK_CATEGORY_{judgement.category}",
        findings=[
            message_of(finding, classification_v1.ClassificationFinding)
            for finding in findings_of(rule_set, asked, judgement.days_past_due, today)
            if finding.applies
        ],
        stage=f"IMPAIRMENT_STAGE_{judgement.stage}",
        reasons=[f"STAGE_REASON_{reason}" for reason in judgement.reasons],
        carried=money_message(judging.carried(view, loan)),
        closed_on=None if closed is None else date_message(closed.business_date),
    )


@on
def loan_account_changed(event: account_v1.LoanAccountChanged, unit: Unit) -> None:
    """A loan whose plan was eased while it was past due, or as its arrears went away with it, was restructured."""
    if event.operation not in EASING_OPERATIONS:
        return
    loan = loan_store.summaries.load(unit, event.loan_id)
    known = reading.known_on(unit, [loan], unit.business_date)[loan.loan_id]
    if loan.status is LoanStatus.ACTIVE and known.is_in_difficulty:
        _restructured(unit, loan, f"{event.operation} {event.operation_id}", unit.business_date)


@on
def loan_restructured(event: restructuring_v1.LoanRestructured, unit: Unit) -> None:
    """A loan whose terms were eased for a borrower in financial difficulty is a restructured asset (第十七条)."""
    loan = loan_store.summaries.load(unit, event.loan_id)
    if event.borrower_in_difficulty and loan.status is LoanStatus.ACTIVE:
        _restructured(unit, loan, event.reason, date_of(event.restructured_on))


@on
def loan_classified(event: classification_v1.LoanClassified, unit: Unit) -> None:
    """What one loan of a customer that is no retail customer is, decides what the others are."""
    before, now = event.previous_category, event.category
    if (before >= _NON_PERFORMING) != (now >= _NON_PERFORMING):
        _look_at_others(unit, event.loan_id, event.customer_id)


@on
def loan_reclassified(event: day_v1.LoanReclassified, unit: Unit) -> None:
    """The same, where the close of a day found it."""
    if (event.category_before >= _NON_PERFORMING) != (event.category >= _NON_PERFORMING):
        _look_at_others(unit, event.loan_id, loan_store.summaries.load(unit, event.loan_id).customer_id)


def _place(unit: Unit, loan: LoanSummary, finding: domain.Finding, by: str) -> domain.RiskFlag:
    flag, fact = domain.place(
        finding,
        flag_id=unit.new_id("flag"),
        loan_id=loan.loan_id,
        status=loan.status,
        currency=loan.principal.currency,
        standing=store.standing(unit, loan.loan_id, unit.business_date),
        by=by,
        on=unit.business_date,
    )
    keeping.note_loan(unit, loan)
    store.flags.add(unit, flag)
    unit.record(fact)
    if flag.kind is domain.RiskFlagKind.RESTRUCTURED:
        keeping.observe(unit, loan)
    return flag


def _restructured(unit: Unit, loan: LoanSummary, reason: str, since: date) -> None:
    """Flags a restructuring that an event told, once for a day, whichever event told it first."""
    standing = store.standing(unit, loan.loan_id, unit.business_date)
    if all(flag.since != since for flag in of_kind(standing, domain.RiskFlagKind.RESTRUCTURED)):
        _place(unit, loan, domain.Finding(domain.RiskFlagKind.RESTRUCTURED, reason, since), _BY_EVENT)


def _look_at_others(unit: Unit, loan_id: str, customer_id: str) -> None:
    """Has the close look at the customer's other loans, where any says that it is no retail customer."""
    for other in circumstances.owed_by(unit, customer_id):
        standing = store.standing(unit, other.loan_id, unit.business_date)
        if other.loan_id != loan_id and of_kind(standing, domain.RiskFlagKind.NON_RETAIL):
            keeping.note_loan(unit, other)
