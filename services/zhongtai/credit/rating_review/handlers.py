"""The RPCs of reviews, and the events of ratings that open and end them."""

from zhongtai.credit.limit_node import store as node_store
from zhongtai.credit.limit_node.domain import NodeKind
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan.domain import LoanStatus
from zhongtai.credit.rating import store as rating_store
from zhongtai.credit.rating_review import domain, store
from zhongtai.credit.rating_review.domain import GuarantorLink, ReviewTrigger
from zhongtai.credit.v1 import guarantee_pb2 as guarantee_v1
from zhongtai.credit.v1 import limit_node_pb2 as node_v1
from zhongtai.credit.v1 import rating_pb2 as rating_v1
from zhongtai.credit.v1 import rating_review_pb2 as v1
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
def sweep_ratings(request: v1.SweepRatingsRequest, unit: Unit) -> v1.SweepRatingsResponse:
    """Opens a review of what has expired, and of who is too long in arrears."""
    _ = request
    today = unit.business_date
    expired = store.open_all(unit, store.expired(unit, today), ReviewTrigger.EXPIRED)
    late = store.in_arrears(unit, domain.arrears_since(store.RULES, today))
    arrears = store.open_all(unit, late, ReviewTrigger.ARREARS)
    unit.record_all([*expired, *arrears])
    return v1.SweepRatingsResponse(
        expired=len(expired),
        arrears=len(arrears),
        more=store.RULES.opened_at_once in (len(expired), len(arrears)),
    )


@rpc
def request_rating_review(request: v1.RequestRatingReviewRequest, unit: Unit) -> v1.RequestRatingReviewResponse:
    """Opens a review because somebody asks for it."""
    customer = store.customers.load(unit, request.customer_id)
    if store.open_of(unit, request.customer_id) is None:
        unit.record_all(store.open_all(unit, [(customer, request.reason)], ReviewTrigger.REQUESTED))
    review = store.open_of(unit, request.customer_id)
    return v1.RequestRatingReviewResponse(review=message_of(review, v1.RatingReview))


@rpc
def lean_on_guarantor(request: v1.LeanOnGuarantorRequest, unit: Unit) -> v1.LeanOnGuarantorResponse:
    """Keeps that a rating leans on a guarantor."""
    link = GuarantorLink(request.guarantor_id, request.customer_id)
    link.must_be_of_two()
    if store.links.find(unit, link.guarantor_id, link.customer_id) is None:
        store.links.add(unit, link)
    return v1.LeanOnGuarantorResponse(customer_id=link.customer_id, guarantor_id=link.guarantor_id)


@rpc
def let_go_of_guarantor(request: v1.LetGoOfGuarantorRequest, unit: Unit) -> v1.LetGoOfGuarantorResponse:
    """Keeps that it does no more."""
    store.links.remove(unit, request.guarantor_id, request.customer_id)
    return v1.LetGoOfGuarantorResponse()


@rpc
def get_rating_validity(request: v1.GetRatingValidityRequest, view: View) -> v1.GetRatingValidityResponse:
    """The validity of a rating, and the review that is open."""
    customer = store.customers.load(view, request.customer_id)
    review = store.open_of(view, request.customer_id)
    return message_of(
        customer,
        v1.GetRatingValidityResponse,
        expired=customer.valid_until < view.business_date,
        review=None if review is None else message_of(review, v1.RatingReview),
    )


@rpc
def list_rating_reviews(request: v1.ListRatingReviewsRequest, view: View) -> v1.ListRatingReviewsResponse:
    """The reviews of a customer, or those that stand so."""
    columns = store.RATING_REVIEW.c
    status = v1.ReviewStatus.Name(request.status).removeprefix("REVIEW_STATUS_")
    conditions = [columns.customer_id == request.customer_id] if request.customer_id else []
    conditions += [columns.status == status] if request.status else []
    found, page = store.reviews.page(view, request.page, *conditions)
    return v1.ListRatingReviewsResponse(reviews=[message_of(one, v1.RatingReview) for one in found], page=page)


@on
def guarantee_given(event: guarantee_v1.GuaranteeGiven, unit: Unit) -> None:
    """The rating of whoever borrowed leans on the guarantors from now on."""
    customer_id = loan_store.summaries.load(unit, event.loan_id).customer_id
    found = [domain.GuaranteedCustomer(event.guarantee_id, one.guarantor_id, customer_id) for one in event.guarantors]
    store.guaranteed.add_all(unit, found)


@on
def guarantee_released(event: guarantee_v1.GuaranteeReleased, unit: Unit) -> None:
    """The rating of whoever borrowed stands alone; it is reviewed where the loan is still owed."""
    _let_go(unit, event.guarantee_id, event.loan_id)


@on
def guarantee_expired(event: guarantee_v1.GuaranteeExpired, unit: Unit) -> None:
    """The same, because the guarantors are no longer bound."""
    _let_go(unit, event.guarantee_id, event.loan_id)


@on
def limit_node_moved(event: node_v1.LimitNodeMoved, unit: Unit) -> None:
    """A customer who joins or leaves a group is reviewed."""
    node = node_store.nodes.load(unit, event.node_id)
    if node.kind is NodeKind.CUSTOMER:
        cause = event.parent or event.from_parent
        unit.record_all(store.open_all(unit, store.unreviewed(unit, node.subject, cause), ReviewTrigger.GROUP_CHANGED))


@on
def rating_assigned(event: rating_v1.RatingAssigned, unit: Unit) -> None:
    """Watches the new rating, and ends the review it was given for."""
    _follow(unit, event.customer_id)


@on
def rating_overridden(event: rating_v1.RatingOverridden, unit: Unit) -> None:
    """Watches the grade that somebody put over it."""
    _follow(unit, event.customer_id)


@on
def rating_withdrawn(event: rating_v1.RatingWithdrawn, unit: Unit) -> None:
    """Watches the rating before again."""
    _follow(unit, event.customer_id)


def _follow(unit: Unit, customer_id: str) -> None:
    """Takes up the rating a customer has now: it may end a review, and a worse grade opens those that lean on it."""
    before = store.customers.find(unit, customer_id)
    rating = rating_store.find_current(unit, customer_id)
    if rating is None:
        store.customers.remove(unit, customer_id)
        if before is not None:
            _fell(unit, customer_id)
        return
    place = rating_store.scales.load(unit, rating.scale_id, rating.scale_version).place_of(rating.grade)
    after = domain.rated(
        store.RULES,
        customer_id=customer_id,
        rating_id=rating.rating_id,
        grade=rating.grade,
        place=place,
        on=rating.assigned_on,
    )
    if before is None:
        store.customers.add(unit, after)
    else:
        store.customers.save(unit, after)
    review = store.open_of(unit, customer_id)
    if review is not None:
        ended, fact = review.ended_by(rating.rating_id)
        if fact is not None:
            store.reviews.save(unit, ended)
            unit.record(fact)
    if after.fell_since(before):
        _fell(unit, customer_id)


def _fell(unit: Unit, customer_id: str) -> None:
    """Opens reviews of those whose rating leans on one that is worse, or is no more: as guarantor, or as group."""
    unit.record_all(store.open_all(unit, store.leaning_on(unit, customer_id), ReviewTrigger.GUARANTOR_FELL))
    unit.record_all(store.open_all(unit, store.members_of(unit, customer_id), ReviewTrigger.GROUP_FELL))


def _let_go(unit: Unit, guarantee_id: str, loan_id: str) -> None:
    store.forget_guarantee(unit, guarantee_id)
    loan = loan_store.summaries.load(unit, loan_id)
    if loan.outstanding and loan.status is LoanStatus.ACTIVE:
        found = store.unreviewed(unit, loan.customer_id, guarantee_id)
        unit.record_all(store.open_all(unit, found, ReviewTrigger.GUARANTOR_LEFT))
