"""The RPCs of participations, and the events by which what is lent and what comes back is shared."""

from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.participation import domain, store
from zhongtai.credit.v1 import loan_account_pb2 as account_v1
from zhongtai.credit.v1 import loan_pb2 as loan_v1
from zhongtai.credit.v1 import participation_pb2 as v1
from zhongtai.runtime.convert import decimal_of, message_of, money_of
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
def agree_participation(request: v1.AgreeParticipationRequest, unit: Unit) -> v1.AgreeParticipationResponse:
    """Lets partners fund a loan."""
    loan = loan_store.summaries.load(unit, request.loan_id)
    earlier = store.participations.find(unit, loan.loan_id)
    partners = [
        domain.Partner(one.funder_id, decimal_of(one.share), decimal_of(one.servicing_fee)) for one in request.partners
    ]
    participation, fact = domain.agree(
        loan.loan_id,
        loan.status,
        loan.principal.currency,
        partners,
        least=store.MINIMUM_PARTNER_SHARE,
        earlier=earlier,
    )
    _keep(unit, participation, is_new=earlier is None)
    unit.record(fact)
    return v1.AgreeParticipationResponse(participation=message_of(participation, v1.Participation))


@rpc
def end_participation(request: v1.EndParticipationRequest, unit: Unit) -> v1.EndParticipationResponse:
    """Takes an agreement back."""
    participation, facts = store.participations.load(unit, request.loan_id).end()
    store.participations.save(unit, participation)
    unit.record_all(facts)
    return v1.EndParticipationResponse(participation=message_of(participation, v1.Participation))


@rpc
def sell_loan_part(request: v1.SellLoanPartRequest, unit: Unit) -> v1.SellLoanPartResponse:
    """Sells a part of what the bank itself has in a loan."""
    loan = loan_store.summaries.load(unit, request.loan_id)
    price = money_of(request.price)
    whole = domain.alone(loan.loan_id, loan.status, loan.outstanding, price)
    earlier = store.participations.find(unit, loan.loan_id)
    funded = earlier if earlier is not None and earlier.status is domain.ParticipationStatus.STANDING else whole
    participation, fact = funded.sell(
        request.buyer_id, money_of(request.principal), price, decimal_of(request.servicing_fee)
    )
    _keep(unit, participation, is_new=earlier is None)
    unit.record(fact)
    return v1.SellLoanPartResponse(participation=message_of(participation, v1.Participation))


@rpc
def get_participation(request: v1.GetParticipationRequest, view: View) -> v1.GetParticipationResponse:
    """Who funds a loan."""
    participation = store.participations.load(view, request.loan_id)
    return v1.GetParticipationResponse(participation=message_of(participation, v1.Participation))


@rpc
def list_participations(request: v1.ListParticipationsRequest, view: View) -> v1.ListParticipationsResponse:
    """Participations by loan."""
    found, page = store.participations.page(view, request.page)
    return v1.ListParticipationsResponse(participations=[message_of(one, v1.Participation) for one in found], page=page)


@on
def loan_disbursed(event: loan_v1.LoanDisbursed, unit: Unit) -> None:
    """Shares what was lent; what was of a serviced loan its account tells."""
    participation = _standing(unit, event.loan_id)
    if participation is not None and not event.serviced:
        principal = money_of(event.principal)
        _record(unit, participation.follow("", principal, principal.nothing, lent=True))


@on
def loan_repaid(event: loan_v1.LoanRepaid, unit: Unit) -> None:
    """Shares what came back; what did of a serviced loan its account tells."""
    participation = _standing(unit, event.loan_id)
    if participation is not None and not event.serviced:
        interest = money_of(event.interest)
        _record(unit, participation.follow(event.payment_id, money_of(event.outstanding), interest, lent=False))


@on
def loan_account_changed(event: account_v1.LoanAccountChanged, unit: Unit) -> None:
    """Shares what an operation on a serviced loan lent or brought back."""
    participation = _standing(unit, event.loan_id)
    if participation is not None:
        outstanding = money_of(event.outstanding)
        booked, reverted = (
            sum((money_of(one.interest) for one in told if one.kind in domain.PAYMENTS), outstanding.nothing)
            for told in (event.booked, event.reverted)
        )
        lent = any(one.kind == domain.DISBURSEMENT for one in event.booked)
        _record(unit, participation.follow(event.operation_id, outstanding, booked - reverted, lent=lent))


def _record(unit: Unit, followed: tuple[domain.Participation, domain.Facts]) -> None:
    """Keeps what an event changed."""
    participation, facts = followed
    if facts:
        store.participations.save(unit, participation)
        unit.record_all(facts)


def _standing(unit: Unit, loan_id: str) -> domain.Participation | None:
    """The participation of a loan that stands, if there is one."""
    found = store.participations.find(unit, loan_id)
    return found if found is not None and found.status is domain.ParticipationStatus.STANDING else None


def _keep(unit: Unit, participation: domain.Participation, *, is_new: bool) -> None:
    if is_new:
        store.participations.add(unit, participation)
    else:
        store.participations.save(unit, participation)
