"""The RPCs of the business day."""

from datetime import date
from typing import Protocol, cast

from zhongtai.gateway.business_day import domain, store
from zhongtai.gateway.v1 import business_day_pb2 as v1
from zhongtai.runtime.convert import date_message
from zhongtai.runtime.kept import change_once
from zhongtai.runtime.orchestration import Orchestration
from zhongtai.runtime.unit import Unit, View, rpc


class Settable(Protocol):
    """A clock that is told the date."""

    today: date | None


@rpc
def get_business_date(request: v1.GetBusinessDateRequest, view: View) -> v1.GetBusinessDateResponse:
    """The date the bank is on."""
    _ = request
    day = store.load(view)
    return v1.GetBusinessDateResponse(business_date=date_message(view.business_date), movable=day.movable)


@rpc
async def advance_business_date(
    request: v1.AdvanceBusinessDateRequest, given: Orchestration
) -> v1.AdvanceBusinessDateResponse:
    """Moves the date, and then the clock of this process: calls from here carry the new date."""
    to = domain.day_of(request.to.year, request.to.month, request.to.day)

    def advance(unit: Unit) -> v1.AdvanceBusinessDateResponse:
        kept = store.load(unit)
        day, fact = kept.advance(kept.business_date or given.clock.business_date(), to)
        store.save(unit, day)
        if fact:
            unit.record(fact)
        return v1.AdvanceBusinessDateResponse(business_date=date_message(to))

    reply, moved = await change_once(given, request, advance)
    if moved:
        # Changes are answered in the order of their commits, so the clock never goes back either.
        cast(Settable, given.clock).today = to
    return reply
