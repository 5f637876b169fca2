"""The close through the door: begun at once, shown step by step, previewed without a trace."""

import json
from datetime import date
from typing import Any

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from tests.gateway.job.night import MustNotBe, look
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.credit.v1 import end_of_day_pb2
from zhongtai.gateway.closing.previewing import Figures, add_up
from zhongtai.gateway.job.scheduling import LEASE_LASTS, Scheduler
from zhongtai.gateway.v1 import closing_pb2 as v1
from zhongtai.gateway.v1 import job_pb2
from zhongtai.operations.v1 import book_period_pb2
from zhongtai.runtime import contracts
from zhongtai.runtime.call import Call
from zhongtai.runtime.convert import date_message
from zhongtai.runtime.seeds import seeds
from zhongtai.testing.doors import Door

MAY_4, MAY_5 = date(2026, 5, 4), date(2026, 5, 5)


def begin(request_id: str, on: date = MAY_4) -> v1.BeginClosingRequest:
    return v1.BeginClosingRequest(request_id=request_id, business_date=date_message(on))


class AllWell:
    """Services that do at once what they are asked, and whose proofs hold."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def call(self, request: Message, call: Call) -> Message:
        method = contracts.method_of(request)
        self.asked.append(method.descriptor.name)
        reply: Any = method.response_type()
        for name in ("proven", "intact", "agrees"):
            if name in reply.DESCRIPTOR.fields_by_name:
                setattr(reply, name, True)
        if method.descriptor.name == "ProveExposure":
            reply.proof.proven = True
        answer: Message = reply
        return answer


@pytest.fixture(autouse=True)
async def planted(door: Door) -> None:
    """The shipped jobs, defined on 4 May, on a platform that goes on to 5 May."""
    door.today(MAY_4)
    for request in seeds("gateway"):
        await door.call(request)
    door.today(MAY_5)


async def test_a_close_that_somebody_begins_waits_for_no_settling_and_goes_through_all_steps(door: Door) -> None:
    services = AllWell()
    scheduler = Scheduler(door.service, services, settle_seconds=3600)
    await look(scheduler)
    waiting = (await door.call(v1.GetClosingRequest(business_date=date_message(MAY_4)))).closing
    assert (waiting.state, waiting.done) == (v1.CLOSING_STATE_WAITING, 0)
    begun = (await door.call(begin("b"))).closing
    assert (begun.state, begun.steps[0].state) == (v1.CLOSING_STATE_UNDER_WAY, v1.CLOSING_STEP_STATE_RUNNING)
    await look(scheduler, len(begun.steps))
    closed = (await door.call(v1.GetClosingRequest())).closing
    assert (closed.state, closed.done) == (v1.CLOSING_STATE_CLOSED, len(closed.steps))
    assert closed.business_date == date_message(MAY_4)
    assert services.asked.count("AdvanceBookDay") == 5
    assert (await door.call(begin("again"))).closing == closed
    await scheduler.close()


class ReportsFail(AllWell):
    """Services of which reporting refuses, until it is mended."""

    def __init__(self) -> None:
        super().__init__()
        self.mended = False

    async def call(self, request: Message, call: Call) -> Message:
        if contracts.method_of(request).descriptor.name == "TakePortfolio" and not self.mended:
            raise MustNotBe
        return await super().call(request, call)


async def test_a_report_that_fails_opens_no_book_and_keeps_no_date_from_closing(door: Door) -> None:
    services = ReportsFail()
    scheduler = Scheduler(door.service, services, settle_seconds=3600)
    asked = v1.GetClosingRequest(business_date=date_message(MAY_4))
    await door.call(begin("b"))
    await look(scheduler, 30)
    found = (await door.call(asked)).closing
    assert (found.state, found.books_closed) == (v1.CLOSING_STATE_STOPPED, True)
    stands = {step.job.job_id: (step.guards, step.state) for step in found.steps}
    assert stands["book_closed"] == (True, v1.CLOSING_STEP_STATE_DONE)
    assert stands["portfolio_day"] == (False, v1.CLOSING_STEP_STATE_FAILED)
    assert stands["gaps"] == (False, v1.CLOSING_STEP_STATE_DONE), "what does not need it goes on"
    behind = {name for name, (guards, _) in stands.items() if not guards}
    assert behind == {"book_sealed", "positions", "gaps", "portfolio_day"}
    door.today(date(2026, 5, 6))
    await door.call(begin("the next", MAY_5))
    await look(scheduler, 30)
    following = (await door.call(v1.GetClosingRequest(business_date=date_message(MAY_5)))).closing
    assert following.books_closed
    services.mended = True
    await door.call(begin("mended", MAY_5))
    await look(scheduler, 30)
    for on in (MAY_4, MAY_5):
        found = (await door.call(v1.GetClosingRequest(business_date=date_message(on)))).closing
        assert found.state == v1.CLOSING_STATE_CLOSED, "the report of each date, one after the other"
    assert services.asked.count("TakePortfolio") == 2
    await scheduler.close()


async def test_a_close_that_cannot_be_begun_is_refused(door: Door) -> None:
    assert (await door.refused(begin("e", MAY_5))).reason == "CLOSING_DATE_MUST_BE_OVER"
    nowhere = v1.BeginClosingRequest(request_id="n", book="nowhere", business_date=date_message(MAY_4))
    assert (await door.refused(nowhere)).reason == "CLOSING_NOT_FOUND"
    assert (await door.refused(v1.GetClosingRequest(book="nowhere"))).reason == "CLOSING_NOT_FOUND"


async def test_a_close_begins_with_the_first_date_that_was_missed(door: Door) -> None:
    door.today(date(2026, 5, 9))
    for request_id in ("first", "under way"):
        assert (await door.call(begin(request_id, date(2026, 5, 8)))).closing.business_date == date_message(MAY_4)
    (run,) = (await door.call(job_pb2.ListJobRunsRequest(job_id="cut_off"))).runs
    assert run.occasion == "2026-05-04"
    scheduler = Scheduler(door.service, AllWell(), settle_seconds=0)
    await look(scheduler, 100)
    closed = (await door.call(v1.GetClosingRequest(business_date=date_message(date(2026, 5, 8))))).closing
    assert closed.state == v1.CLOSING_STATE_CLOSED
    runs = (await door.call(job_pb2.ListJobRunsRequest(job_id="book_closed"))).runs
    assert [run.occasion for run in runs] == [f"2026-05-0{day}" for day in range(4, 9)], "each by itself, in order"
    await scheduler.close()


def trust_job(job_id: str, to: str, *after: str) -> job_pb2.DefineJobRequest:
    """A step of the close of a second book."""
    step = job_pb2.JobStep(
        rpc="zhongtai.operations.v1.BookDayService.AdvanceBookDay",
        request=json.dumps({"book": "trust", "to": f"BOOK_DAY_STATUS_{to}"}),
        date_field="business_date",
    )
    job = job_pb2.Job(
        job_id=job_id,
        title=job_id,
        title_zh=job_id,
        trigger=job_pb2.JOB_TRIGGER_EVERY_DATE,
        after=after,
        each_date=True,
        in_step=True,
        steps=[step],
        calls_at_most=10,
    )
    return job_pb2.DefineJobRequest(request_id=job_id, job=job)


async def test_two_books_close_at_the_same_time_each_at_its_own_date(door: Door) -> None:
    door.today(MAY_4)
    await door.call(trust_job("trust_cut_off", "CUT_OFF"))
    assert (await door.refused(v1.GetClosingRequest(book="trust"))).reason == "CLOSING_NOT_FOUND", "nothing closes it"
    await door.call(trust_job("trust_closed", "CLOSED", "trust_cut_off"))
    door.today(MAY_5)
    scheduler = Scheduler(door.service, AllWell(), settle_seconds=3600)

    async def stands(book: str, on: date) -> tuple[int, int]:
        asked = v1.GetClosingRequest(book=book, business_date=date_message(on))
        found = (await door.call(asked)).closing
        return found.state, len(found.steps)

    of_general = (v1.CLOSING_STATE_CLOSED, (await stands("general", MAY_4))[1])
    for book in ("general", "trust"):
        request = v1.BeginClosingRequest(request_id=book, book=book, business_date=date_message(MAY_4))
        assert (await door.call(request)).closing.book == book
    await look(scheduler, 30)
    assert await stands("general", MAY_4) == of_general
    assert await stands("trust", MAY_4) == (v1.CLOSING_STATE_CLOSED, 2)
    await door.call(job_pb2.PauseJobRequest(request_id="pause", job_id="trust_cut_off"))
    for on in (MAY_5, date(2026, 5, 6)):
        door.today(date.fromordinal(on.toordinal() + 1))
        await door.call(begin(f"general {on}", on))
        await look(scheduler, 30)
        assert (await stands("general", on))[0] == v1.CLOSING_STATE_CLOSED
        assert await stands("trust", on) == (v1.CLOSING_STATE_STOPPED, 2), "it stands still, and holds nobody up"
    await door.call(job_pb2.ResumeJobRequest(request_id="resume", job_id="trust_cut_off"))
    scheduler = Scheduler(door.service, AllWell(), settle_seconds=0)
    door.now(door.clock.now() + LEASE_LASTS * 2)
    await look(scheduler, 30)
    runs = (await door.call(job_pb2.ListJobRunsRequest(job_id="trust_closed"))).runs
    assert [run.occasion for run in runs] == ["2026-05-04", "2026-05-05", "2026-05-06"], "date by date"
    await scheduler.close()


def test_a_preview_adds_up_every_amount_and_number_by_its_field() -> None:
    def line(product_id: str, minor_units: int) -> end_of_day_pb2.EndOfDayFigures:
        accrued = Money(currency_code="CNY", minor_units=minor_units)
        return end_of_day_pb2.EndOfDayFigures(product_id=product_id, loans=2, interest_accrued=accrued)

    figures: Figures = Figures()
    for reply in ([line("a", 10), line("b", 20)], [line("a", -5)]):
        add_up(end_of_day_pb2.PreviewEndOfDayResponse(figures=reply), "", figures)
    add_up(book_period_pb2.BookPeriod(through=date_message(MAY_4), closed_at=Timestamp(seconds=9)), "", figures)
    assert dict(figures) == {("figures.loans", ""): 6, ("figures.interest_accrued", "CNY"): 25}


async def test_a_preview_asks_only_what_reads(door: Door) -> None:
    door.service.calls = services = AllWell()
    reply = await door.call(v1.PreviewClosingRequest(business_date=date_message(MAY_4)))
    previewed = [step.job_id for step in reply.steps if step.previewed]
    assert previewed == [
        "deposits",
        "fx_positions",
        "term_deposits",
        "end_of_day",
        "ledger_chain",
        "ledger_proof",
        "portfolio_day",
        "positions",
        "gaps",
    ]
    assert services.asked == [
        "PreviewDepositAccrual",
        "GetFxPositions",
        "PreviewTermDepositAccrual",
        "PreviewEndOfDay",
        "VerifyLedger",
        "ProveLedger",
        "PreviewPortfolio",
        "PreviewPositions",
        "PreviewGaps",
    ]
    assert [step.holds for step in reply.steps if step.proof and step.previewed] == [True, True]
    waiting = (await door.call(v1.GetClosingRequest(business_date=date_message(MAY_4)))).closing
    assert waiting.state == v1.CLOSING_STATE_WAITING
