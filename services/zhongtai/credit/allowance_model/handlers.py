"""The RPCs of allowance models."""

from zhongtai.credit.allowance_model import domain, store
from zhongtai.credit.v1 import allowance_model_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def publish_allowance_model(request: v1.PublishAllowanceModelRequest, unit: Unit) -> v1.PublishAllowanceModelResponse:
    """Publishes one version of a model."""
    model = value_of(request.model, domain.AllowanceModel)
    fact = domain.publish(
        model,
        published=store.models.find(unit, model.model_id, model.version),
        latest_version=store.latest_version(unit, model.model_id),
    )
    if fact is not None:
        store.models.add(unit, model)
        unit.record(fact)
    return v1.PublishAllowanceModelResponse(model_id=model.model_id, version=model.version)


@rpc
def get_allowance_model(request: v1.GetAllowanceModelRequest, view: View) -> v1.GetAllowanceModelResponse:
    """The model valid on a day."""
    on = date_of(request.on) if request.HasField("on") else view.business_date
    model = store.valid_on(view, request.model_id, on)
    return v1.GetAllowanceModelResponse(model=message_of(model, v1.AllowanceModel))
