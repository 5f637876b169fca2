"""Events of one key are applied in order: none before the one in front of it, and none lost behind it."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from zhongtai.common.v1.money_pb2 import Money
from zhongtai.credit.v1 import limit_pb2, loan_pb2
from zhongtai.kernel.refusals import Contended, Refusal, Unreachable
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.consumers import Patience, apply
from zhongtai.runtime.contracts import method_of
from zhongtai.runtime.database import Store
from zhongtai.runtime.envelope import Envelope
from zhongtai.runtime.journal import AUDIT_ENTRY
from zhongtai.runtime.service import EventMustWait, Service
from zhongtai.testing.templates import fresh_sqlite

TELLER = Call(Caller("teller", "tests", frozenset({"*"})))
AT_ONCE = Patience(first_pause_seconds=0, longest_pause_seconds=0, unreachable_tries=6)


def event(event_id: str, key: str = "loan_1", limit_id: str = "lim_none") -> Envelope:
    repaid = loan_pb2.LoanRepaid(loan_id=key, limit_id=limit_id, principal=Money(currency_code="CNY", minor_units=0))
    return Envelope(
        event_id=event_id,
        subject="zhongtai.credit.v1.LoanRepaid",
        key=key,
        source="credit",
        sequence=1,
        occurred_at=datetime(2026, 1, 5, tzinfo=UTC),
        business_date=date(2026, 1, 5),
        payload=repaid.SerializeToString(),
    )


@pytest.mark.parametrize("group", [256, 1])
async def test_no_event_goes_before_one_of_its_key_that_failed(tmp_path: Path, group: int) -> None:
    """Whether they share a commit or each has its own."""
    store = Store.open(fresh_sqlite("credit", tmp_path), "credit", group=group)
    service = Service("credit", store, GivenClock())
    try:
        grant: Any = limit_pb2.GrantLimitRequest(request_id="1", customer_id="cus_1", product_line="test")
        grant.amount.currency_code, grant.amount.minor_units = "CNY", 100
        granted: Any = await service.dispatch(method_of(grant), grant, TELLER)
        good = granted.limit_id
        events = [event("a"), event("b", limit_id=good), event("c", key="loan_2", limit_id=good), event("d")]
        answers = await service.deliver(events)
        told = [answer.reason if isinstance(answer, Refusal) else answer for answer in answers]
        assert told == ["LIMIT_NOT_FOUND", "EVENT_MUST_WAIT", None, "EVENT_MUST_WAIT"]
        failures = await apply(service, events, AT_ONCE)
        assert [failure.envelope.event_id for failure in failures] == ["a", "d"], "what waited is applied in the end"
        assert await service.deliver([events[1]]) == [None]
        assert await store.read(lambda reading: len(reading.rows(AUDIT_ENTRY.select()))) == 1
    finally:
        await asyncio.to_thread(store.close)


class Away(Unreachable):
    """It is away.

    暂不可用。
    """


class Lost(Contended):
    """It lost the race.

    未抢到。
    """


class Failing:
    """A service that fails each event as often as it is told, and writes down what it applied."""

    name = "failing"

    def __init__(self, error: type[Refusal], **times: int) -> None:
        self._error = error
        self._left = Counter(times)
        self.applied: list[str] = []

    @property
    def subjects(self) -> set[str]:
        """Every event."""
        return {"*"}

    async def deliver(self, envelopes: Sequence[Envelope]) -> list[BaseException | None]:
        """Applies what is not to fail, none behind one of its key that failed."""
        answers: list[BaseException | None] = []
        stopped: set[str] = set()
        for envelope in envelopes:
            if envelope.key in stopped:
                answers.append(EventMustWait(event_id=envelope.event_id))
            elif self._left[envelope.event_id]:
                self._left[envelope.event_id] -= 1
                stopped.add(envelope.key)
                answers.append(self._error())
            else:
                self.applied.append(envelope.event_id)
                answers.append(None)
        return answers


async def test_what_waits_is_applied_after_what_is_tried_again() -> None:
    """Also from the fourth try on, when events are brought one by one."""
    service = Failing(Away, a=5)
    assert await apply(service, [event("a"), event("b"), event("c", key="other")], AT_ONCE) == []
    assert service.applied == ["c", "a", "b"]


async def test_what_waits_is_not_buried_with_what_it_waited_for() -> None:
    service = Failing(Lost, a=99, b=99)
    events = [event(name) for name in "abcd"]
    failures = await apply(service, events, AT_ONCE)
    assert [(failure.envelope.event_id, type(failure.error)) for failure in failures] == [("a", Lost), ("b", Lost)]
    assert service.applied == ["c", "d"]
