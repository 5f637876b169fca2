"""The RPCs of guarantees."""

from zhongtai.credit.guarantee import domain, store
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan_risk import keeping
from zhongtai.credit.v1 import guarantee_pb2 as v1
from zhongtai.runtime.convert import message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def give_guarantee(request: v1.GiveGuaranteeRequest, unit: Unit) -> v1.GiveGuaranteeResponse:
    """Takes a guarantee of a loan."""
    loan = loan_store.summaries.load(unit, request.loan_id)
    guarantee, fact = domain.give(
        unit.new_id("gua"),
        value_of(request, domain.Promises),
        currency=loan.principal.currency,
        maturity_date=loan.maturity_date,
        today=unit.business_date,
    )
    keeping.note(unit, [guarantee.loan_id])
    keeping.ends_after(unit, guarantee.loan_id, guarantee.valid_until)
    store.guarantees.add(unit, guarantee)
    unit.record(fact)
    return v1.GiveGuaranteeResponse(guarantee_id=guarantee.guarantee_id, guarantee=message_of(guarantee, v1.Guarantee))


@rpc
def release_guarantee(request: v1.ReleaseGuaranteeRequest, unit: Unit) -> v1.ReleaseGuaranteeResponse:
    """Lets the guarantors go."""
    guarantee, facts = store.guarantees.load(unit, request.guarantee_id).release()
    keeping.note(unit, [guarantee.loan_id])
    store.guarantees.save(unit, guarantee)
    unit.record_all(facts)
    return v1.ReleaseGuaranteeResponse(guarantee=message_of(guarantee, v1.Guarantee))


@rpc
def sweep_guarantees(request: v1.SweepGuaranteesRequest, unit: Unit) -> v1.SweepGuaranteesResponse:
    """Ends those of the next guarantees whose last day has gone by."""
    found = store.past(unit, request.position)
    ended = [(guarantee, facts) for guarantee, facts in (one.expire(unit.business_date) for one in found) if facts]
    keeping.note(unit, [guarantee.loan_id for guarantee, _ in ended])
    store.guarantees.save_all(unit, [guarantee for guarantee, _ in ended])
    unit.record_all([fact for _, facts in ended for fact in facts])
    return v1.SweepGuaranteesResponse(
        expired=len(ended), next_position=found[-1].guarantee_id if len(found) == store.SWEPT_AT_ONCE else ""
    )


@rpc
def get_guarantee(request: v1.GetGuaranteeRequest, view: View) -> v1.GetGuaranteeResponse:
    """One guarantee."""
    guarantee = store.guarantees.load(view, request.guarantee_id)
    return v1.GetGuaranteeResponse(guarantee=message_of(guarantee, v1.Guarantee))


@rpc
def list_guarantees(request: v1.ListGuaranteesRequest, view: View) -> v1.ListGuaranteesResponse:
    """Guarantees by id."""
    conditions = [store.GUARANTEE.c.loan_id == request.loan_id] if request.loan_id else []
    found, page = store.guarantees.page(view, request.page, *conditions)
    return v1.ListGuaranteesResponse(guarantees=[message_of(one, v1.Guarantee) for one in found], page=page)
