"""Facts: every event in, each once; lists and counts out."""

from zhongtai.reporting.fact import store
from zhongtai.reporting.fact.domain import Fact
from zhongtai.reporting.v1 import fact_pb2 as v1
from zhongtai.runtime.convert import instant_of, message_of
from zhongtai.runtime.plain import instant_text
from zhongtai.runtime.unit import Envelope, Unit, View, on, rpc


@on
def record(event: Envelope, unit: Unit) -> None:
    """Keeps an event as it was published.

    A replay, even one that forgets what was handled, finds it here and adds nothing.
    """
    if store.known(unit, event.event_id):
        return
    store.facts.add(
        unit,
        Fact(
            event_id=event.event_id,
            subject=event.subject,
            key=event.key,
            source=event.source,
            sequence=event.sequence,
            occurred_at=event.occurred_at,
            business_date=event.business_date,
            cause=event.cause,
            payload=event.payload,
        ),
    )


@rpc
def get_fact(request: v1.GetFactRequest, view: View) -> v1.GetFactResponse:
    """One fact with its payload."""
    return v1.GetFactResponse(fact=message_of(store.facts.load(view, request.event_id), v1.Fact))


@rpc
def list_facts(request: v1.ListFactsRequest, view: View) -> v1.ListFactsResponse:
    """A page of facts, without their payloads."""
    columns = store.FACT.c
    conditions = []
    if request.subject:
        conditions.append(columns.subject == request.subject)
    if request.key:
        conditions.append(columns.key == request.key)
    if request.HasField("occurred_from"):
        conditions.append(columns.occurred_at >= instant_text(instant_of(request.occurred_from)))
    if request.HasField("occurred_before"):
        conditions.append(columns.occurred_at < instant_text(instant_of(request.occurred_before)))
    found, page = store.summaries.page(view, request.page, *conditions)
    return v1.ListFactsResponse(facts=[message_of(fact, v1.Fact) for fact in found], page=page)


@rpc
def count_facts(request: v1.CountFactsRequest, view: View) -> v1.CountFactsResponse:
    """How many facts each subject has."""
    counts = store.counts(view, request.subject)
    return v1.CountFactsResponse(
        counts=[message_of(count, v1.SubjectCount) for count in counts], total=sum(count.count for count in counts)
    )
