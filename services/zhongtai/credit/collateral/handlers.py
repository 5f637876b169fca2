"""The RPCs of collateral: items and their valuations."""

from zhongtai.credit.collateral import domain, store
from zhongtai.credit.loan_risk import keeping
from zhongtai.credit.pledge import store as pledge_store
from zhongtai.credit.v1 import collateral_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, money_message, money_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def register_collateral(request: v1.RegisterCollateralRequest, unit: Unit) -> v1.RegisterCollateralResponse:
    """Takes an item with its first valuation."""
    application = value_of(request, domain.Application)
    item, valuation, fact = domain.register(
        unit.new_id("col"),
        application,
        registered=store.of_title(unit, application.kind, application.title_number),
        today=unit.business_date,
    )
    store.items.add(unit, item)
    store.valuations.add(unit, valuation)
    unit.record(fact)
    return v1.RegisterCollateralResponse(collateral_id=item.collateral_id, collateral=_message(item))


@rpc
def return_collateral(request: v1.ReturnCollateralRequest, unit: Unit) -> v1.ReturnCollateralResponse:
    """Gives an item back."""
    item, facts = store.items.load(unit, request.collateral_id).give_back()
    store.items.save(unit, item)
    unit.record_all(facts)
    return v1.ReturnCollateralResponse(collateral=_message(item))


@rpc
def value_collateral(request: v1.ValueCollateralRequest, unit: Unit) -> v1.ValueCollateralResponse:
    """Adds a valuation."""
    item, valuation, fact = store.items.load(unit, request.collateral_id).revalue(
        money_of(request.value),
        valued_on=date_of(request.valued_on),
        valuer=request.valuer,
        today=unit.business_date,
    )
    keeping.note(unit, [one.loan_id for one in pledge_store.standing_on(unit, item.collateral_id)])
    store.items.save(unit, item)
    store.valuations.add(unit, valuation)
    unit.record(fact)
    return v1.ValueCollateralResponse(collateral=_message(item))


@rpc
def get_collateral(request: v1.GetCollateralRequest, view: View) -> v1.GetCollateralResponse:
    """One item."""
    return v1.GetCollateralResponse(collateral=_message(store.items.load(view, request.collateral_id)))


@rpc
def list_collateral(request: v1.ListCollateralRequest, view: View) -> v1.ListCollateralResponse:
    """Items by id."""
    conditions = [store.COLLATERAL.c.owner_id == request.owner_id] if request.owner_id else []
    found, page = store.items.page(view, request.page, *conditions)
    return v1.ListCollateralResponse(collateral=[_message(item) for item in found], page=page)


@rpc
def list_valuations(request: v1.ListValuationsRequest, view: View) -> v1.ListValuationsResponse:
    """The valuations of an item."""
    item = store.items.load(view, request.collateral_id)
    of_item = store.VALUATION.c.collateral_id == item.collateral_id
    found, page = store.valuations.page(view, request.page, of_item)
    return v1.ListValuationsResponse(valuations=[message_of(one, v1.Valuation) for one in found], page=page)


def _message(item: domain.Collateral) -> v1.Collateral:
    return message_of(item, v1.Collateral, lendable=money_message(item.lendable))
