"""The RPC that tells of instalments, piece by piece; which loans are meant is read beside the writer."""

from datetime import timedelta

from zhongtai.credit.instalment_notice import domain, store
from zhongtai.credit.v1 import instalment_notice_pb2 as v1
from zhongtai.runtime.convert import date_of
from zhongtai.runtime.kept import change_once
from zhongtai.runtime.orchestration import Orchestration
from zhongtai.runtime.unit import Unit, rpc


@rpc
async def notice_instalments(
    request: v1.NoticeInstalmentsRequest, given: Orchestration
) -> v1.NoticeInstalmentsResponse:
    """Tells of the next loans on the morning after a date."""
    on = date_of(request.business_date) + timedelta(days=1)
    loans = await given.read(lambda view: store.to_tell(view, on, request.position), "instalment notices")

    def tell(unit: Unit) -> v1.NoticeInstalmentsResponse:
        last = max(store.RULES.due_dates(on))
        told = domain.told(loans, store.owed(unit, loans, last), store.given(unit, loans), on)
        store.notices.add_all(unit, [notice for notice, _ in told])
        unit.record_all([fact for _, fact in told])
        more = loans[-1].loan_id if len(loans) == domain.AT_ONCE else ""
        return v1.NoticeInstalmentsResponse(told=len(told), next_position=more)

    reply, _ = await change_once(given, request, tell)
    return reply
