"""The RPCs of pledges, and the events after which the cover of a loan is looked at again."""

from zhongtai.credit.collateral import store as collateral_store
from zhongtai.credit.collateral.domain import Collateral
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan_risk import keeping
from zhongtai.credit.pledge import domain, store
from zhongtai.credit.v1 import collateral_pb2 as collateral_v1
from zhongtai.credit.v1 import loan_pb2 as loan_v1
from zhongtai.credit.v1 import pledge_pb2 as v1
from zhongtai.kernel.money import Money
from zhongtai.runtime.convert import message_of, money_of
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
def pledge_collateral(request: v1.PledgeCollateralRequest, unit: Unit) -> v1.PledgeCollateralResponse:
    """Lets an item secure a loan."""
    item = collateral_store.items.load(unit, request.collateral_id)
    pledge = _pledge(unit, item, request.loan_id, money_of(request.secured))
    return v1.PledgeCollateralResponse(pledge_id=pledge.pledge_id, pledge=message_of(pledge, v1.Pledge))


@rpc
def release_pledge(request: v1.ReleasePledgeRequest, unit: Unit) -> v1.ReleasePledgeResponse:
    """Takes a pledge off an item."""
    item = collateral_store.items.load(unit, request.collateral_id)
    pledge = store.pledges.load(unit, item.collateral_id, request.pledge_id)
    released = _release(unit, item, pledge)
    return v1.ReleasePledgeResponse(pledge=message_of(released, v1.Pledge))


@rpc
def substitute_collateral(request: v1.SubstituteCollateralRequest, unit: Unit) -> v1.SubstituteCollateralResponse:
    """Puts another item in the place of one."""
    item = collateral_store.items.load(unit, request.collateral_id)
    old = store.pledges.load(unit, item.collateral_id, request.pledge_id)
    old.must_stand()
    substitute = collateral_store.items.load(unit, request.substitute_id)
    new = _pledge(unit, substitute, old.loan_id, old.secured)
    _release(unit, item, old)
    return v1.SubstituteCollateralResponse(pledge_id=new.pledge_id, pledge=message_of(new, v1.Pledge))


@rpc
def realise_collateral(request: v1.RealiseCollateralRequest, unit: Unit) -> v1.RealiseCollateralResponse:
    """Shares what an item brought among its pledges."""
    item = collateral_store.items.load(unit, request.collateral_id)
    standing = store.standing_on(unit, item.collateral_id)
    owed = {pledge.loan_id: _borrowing(unit, pledge.loan_id).owed for pledge in standing}
    keeping.note(unit, owed)
    sold, fact = domain.realise(item, money_of(request.proceeds), request.payment_id, standing, owed)
    collateral_store.items.save(unit, sold)
    released = [pledge.release() for pledge in standing]
    store.pledges.save_all(unit, [pledge for pledge, _ in released])
    unit.record(fact)
    unit.record_all([told for _, facts in released for told in facts])
    return message_of(fact, v1.RealiseCollateralResponse)


@rpc
def review_coverage(request: v1.ReviewCoverageRequest, unit: Unit) -> v1.ReviewCoverageResponse:
    """Compares a loan with its cover."""
    coverage = _coverage(unit, _borrowing(unit, request.loan_id))
    _review(unit, coverage)
    return v1.ReviewCoverageResponse(
        coverage=message_of(coverage, v1.Coverage), shortfall=_latest_call(unit, request.loan_id)
    )


@rpc
def sweep_coverage(request: v1.SweepCoverageRequest, unit: Unit) -> v1.SweepCoverageResponse:
    """Reviews the cover of the next loans."""
    loan_ids = store.pledged_loans(unit, request.position)
    for loan_id in loan_ids:
        _review(unit, _coverage(unit, _borrowing(unit, loan_id)))
    return v1.SweepCoverageResponse(
        loans=len(loan_ids), next_position=loan_ids[-1] if len(loan_ids) == store.SWEPT_AT_ONCE else ""
    )


@rpc
def get_coverage(request: v1.GetCoverageRequest, view: View) -> v1.GetCoverageResponse:
    """What secures a loan."""
    coverage = _coverage(view, _borrowing(view, request.loan_id))
    return v1.GetCoverageResponse(
        coverage=message_of(coverage, v1.Coverage), shortfall=_latest_call(view, request.loan_id)
    )


@rpc
def list_pledges(request: v1.ListPledgesRequest, view: View) -> v1.ListPledgesResponse:
    """Pledges by item."""
    conditions = []
    if request.collateral_id:
        conditions.append(store.PLEDGE.c.collateral_id == request.collateral_id)
    if request.loan_id:
        conditions.append(store.PLEDGE.c.loan_id == request.loan_id)
    found, page = store.pledges.page(view, request.page, *conditions)
    return v1.ListPledgesResponse(pledges=[message_of(pledge, v1.Pledge) for pledge in found], page=page)


@on
def collateral_valued(event: collateral_v1.CollateralValued, unit: Unit) -> None:
    """What an item is worth changes the cover of every loan it secures."""
    for loan_id in dict.fromkeys(pledge.loan_id for pledge in store.standing_on(unit, event.collateral_id)):
        _review(unit, _coverage(unit, _borrowing(unit, loan_id)))


@on
def loan_repaid(event: loan_v1.LoanRepaid, unit: Unit) -> None:
    """A loan that owes less may be covered again."""
    if store.standing_for(unit, event.loan_id):
        _review(unit, _coverage(unit, _borrowing(unit, event.loan_id)))


@on
def loan_owed_again(event: loan_v1.LoanOwedAgain, unit: Unit) -> None:
    """A loan that owes more may lack cover."""
    if store.standing_for(unit, event.loan_id):
        _review(unit, _coverage(unit, _borrowing(unit, event.loan_id)))


def _pledge(unit: Unit, item: Collateral, loan_id: str, secured: Money) -> domain.Pledge:
    """Writes a new pledge, and meets a call for cover that it answers."""
    loan = _borrowing(unit, loan_id)
    keeping.note(unit, [loan_id])
    item, pledge, fact = domain.pledge(
        item,
        unit.new_id("pledge"),
        loan,
        secured,
        on_item=store.standing_on(unit, item.collateral_id),
        of_loan=len(store.standing_for(unit, loan_id)),
    )
    collateral_store.items.save(unit, item)
    store.pledges.add(unit, pledge)
    unit.record(fact)
    _review(unit, _coverage(unit, loan))
    return pledge


def _release(unit: Unit, item: Collateral, pledge: domain.Pledge) -> domain.Pledge:
    """Releases a pledge that its loan can do without; one that is released stays as it is."""
    released, facts = pledge.release()
    if facts:
        _coverage(unit, _borrowing(unit, pledge.loan_id)).must_do_without(pledge)
        keeping.note(unit, [one.loan_id for one in store.standing_on(unit, item.collateral_id)])
        collateral_store.items.save(unit, item.securing(-pledge.secured))
        store.pledges.save(unit, released)
        unit.record_all(facts)
    return released


def _review(unit: Unit, coverage: domain.Coverage) -> None:
    """Keeps what a look at a loan's cover changed."""
    latest = store.shortfalls.find(unit, coverage.loan_id)
    reviewed, fact = coverage.review(latest, unit.business_date)
    if reviewed is None or fact is None:
        return
    if latest is None:
        store.shortfalls.add(unit, reviewed)
    else:
        store.shortfalls.save(unit, reviewed)
    unit.record(fact)


def _coverage(view: View, loan: domain.Borrowing) -> domain.Coverage:
    return domain.coverage(loan.loan_id, loan.owed, store.securing(view, loan.loan_id))


def _borrowing(view: View, loan_id: str) -> domain.Borrowing:
    loan = loan_store.summaries.load(view, loan_id)
    return domain.Borrowing(loan.loan_id, loan.status, loan.outstanding)


def _latest_call(view: View, loan_id: str) -> v1.Shortfall | None:
    latest = store.shortfalls.find(view, loan_id)
    return None if latest is None else message_of(latest, v1.Shortfall)
