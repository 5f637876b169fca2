"""Allowance models through the door."""

from tests.credit.examples import day, plant_seeds, rate, request_id
from zhongtai.credit.v1 import allowance_model_pb2 as v1
from zhongtai.testing.doors import Door


async def test_a_version_is_published_once_and_found_by_day(door: Door) -> None:
    await plant_seeds(door)
    model = (await door.call(v1.GetAllowanceModelRequest(model_id="ifrs9"))).model
    assert (model.version, len(model.grades), model.unsecured_loss.value) == (1, 10, "0.45")
    assert (await door.call(v1.PublishAllowanceModelRequest(request_id=request_id(), model=model))).version == 1
    model.cure_months = 1
    changed = await door.refused(v1.PublishAllowanceModelRequest(request_id=request_id(), model=model))
    assert changed.reason == "ALLOWANCE_MODEL_VERSION_TAKEN"
    model.version = 2
    model.valid_from.CopyFrom(day(2030, 1, 1))
    await door.call(v1.PublishAllowanceModelRequest(request_id=request_id(), model=model))
    assert [it.model.version for it in await door.facts(v1.AllowanceModelPublished)] == [1, 2]
    for on, version in ((day(2029, 12, 31), 1), (day(2030, 1, 1), 2)):
        assert (await door.call(v1.GetAllowanceModelRequest(model_id="ifrs9", on=on))).model.version == version
    none = await door.refused(v1.GetAllowanceModelRequest(model_id="ifrs9", on=day(2019, 1, 1)))
    assert none.reason == "ALLOWANCE_MODEL_NOT_FOUND"


async def test_a_probability_is_between_none_and_certain(door: Door) -> None:
    await plant_seeds(door)
    model = (await door.call(v1.GetAllowanceModelRequest(model_id="ifrs9"))).model
    model.version = 2
    model.grades[0].cumulative[0].CopyFrom(rate("1.5"))
    refusal = await door.refused(v1.PublishAllowanceModelRequest(request_id=request_id(), model=model))
    assert refusal.kind == "Invalid"
