"""Whole closes on the whole platform: undisturbed, previewed, and cut off before and after every single call."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from tests.gateway.console.conftest import Bank, live
from zhongtai.asset_liability.v1 import position_day_pb2
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.gateway.client.ensuring import Wanted, ensure
from zhongtai.gateway.job.scheduling import LEASE_LASTS, Scheduler
from zhongtai.gateway.v1 import closing_pb2
from zhongtai.operations.v1 import book_day_pb2, held_command_pb2, ledger_pb2, work_order_pb2
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.clock import SystemClock
from zhongtai.runtime.convert import date_message, date_of
from zhongtai.runtime.settings import Jobs
from zhongtai.testing.embedded import embedded, tables

NIGHTS = 2
PATIENCE_S = 60
CHECKER = Call(Caller("checker_zhao", "checker_zhao", frozenset({"operations.*", "role:checker"})))
OVERRIDE = "zhongtai.gateway.v1.JobService.OverrideJob"
CONTROLLER = Wanted("controller", ("gateway.*", "operations.*", "asset_liability.*"))


@dataclass
class Later(SystemClock):
    """A clock that can be put forward, past the lease of a process that died."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@dataclass
class Dying:
    """The way to the services of a process that dies before or after its next call, every time."""

    platform: Any
    deaths: int = 0
    undisturbed: bool = False
    called: set[str] = field(default_factory=set)

    async def call(self, request: Message, call: Call) -> Message:
        if self.undisturbed:
            return await self._calls(request, call)
        key = f"{request.DESCRIPTOR.full_name}:{getattr(request, 'request_id', '')}:{call.business_date}"
        if f"before {key}" not in self.called:
            self.called.add(f"before {key}")
            self._die()
        reply = await self._calls(request, call)
        if f"after {key}" not in self.called:
            self.called.add(f"after {key}")
            self._die()
        return reply

    async def _calls(self, request: Message, call: Call) -> Message:
        found: Message = await self.platform.calls.call(request, call)
        return found

    def _die(self) -> None:
        self.deaths += 1
        raise asyncio.CancelledError


@asynccontextmanager
async def bank_of(folder: Path) -> AsyncIterator[tuple[Bank, Later]]:
    """A platform with a loan, whose jobs a test runs."""
    async with embedded(folder, jobs=Jobs(run=False)) as platform:
        bank, clock = Bank(platform, folder), Later()
        await live(bank)
        platform.services["gateway"].clock = clock
        await ensure(platform.services["gateway"], folder, (CONTROLLER,))
        yield bank, clock


async def next_date(bank: Bank, clock: Later) -> date:
    """Moves the bank on to its next date; answers the one that is over."""
    over = bank.platform.clock.business_date()
    bank.platform.clock.today = clock.today = over + timedelta(days=1)
    return over


async def close(bank: Bank, clock: Later, way: Dying, over: date) -> closing_pb2.Closing:
    """Closes a date; whenever the process that runs the jobs has died, another one does when its lease is over."""
    await bank.call(closing_pb2.BeginClosingRequest(request_id=f"close-{over}", business_date=date_message(over)))
    ended = (closing_pb2.CLOSING_STATE_STOPPED, closing_pb2.CLOSING_STATE_CLOSED)
    async with asyncio.timeout(PATIENCE_S):
        while True:
            clock.ahead += LEASE_LASTS + timedelta(seconds=1)
            scheduler = Scheduler(bank.platform.services["gateway"], way, settle_seconds=3600, pause=_no_pause)
            await scheduler.look()
            await scheduler.settled()
            await scheduler.close()
            reply = await bank.call(closing_pb2.GetClosingRequest(business_date=date_message(over)))
            if reply.closing.state in ended:
                found: closing_pb2.Closing = reply.closing
                return found


async def quiet(bank: Bank) -> None:
    """Waits until no fact is on its way any more."""
    before: Any = None
    while before != (before := tables(bank.data)):
        await asyncio.sleep(0.3)


async def _no_pause(_: float) -> None:
    await asyncio.sleep(0.01)


# What closes leave, without the ids and the moments of their making.
LEFT = (
    ("operations", "SELECT book, business_date, status FROM book_day"),
    (
        "operations",
        "SELECT book, CASE WHEN owner LIKE 'acc%' THEN 'an account' ELSE owner END, currency, booking_date,"
        " closing_minor FROM ledger_balance",
    ),
    (
        "operations",
        "SELECT booking_date, value_date, account_code, side, amount_minor, amount_currency"
        " FROM ledger_entry JOIN ledger_leg USING (book, number)",
    ),
    ("asset_liability", "SELECT * FROM position_day_line"),
    ("asset_liability", "SELECT * FROM gap_day"),
    ("reporting", "SELECT business_date, digest FROM portfolio_day"),
)


def books(folder: Path) -> list[list[Any]]:
    """The states of dates, the balances and the legs, the positions, gaps and reports that closes leave."""
    return [sorted(rows_of(folder, service, statement)) for service, statement in LEFT]


def rows_of(folder: Path, service: str, statement: str) -> list[Any]:
    with closing(sqlite3.connect(folder / f"{service}.db")) as store:
        return store.execute(statement).fetchall()


def tamper(folder: Path) -> None:
    """Changes what the first entry says, straight in the database, behind the triggers that forbid it."""
    with closing(sqlite3.connect(folder / "operations.db")) as store:
        for (trigger,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            store.execute(f'DROP TRIGGER "{trigger}"')
        store.execute("UPDATE ledger_entry SET narrative = 'nothing to see' WHERE number = 1")
        store.commit()


async def test_a_close_cut_off_around_every_call_leaves_the_same_books(tmp_path: Path) -> None:
    left = {}
    for name in ("undisturbed", "killed"):
        async with bank_of(tmp_path / name) as (bank, clock):
            way = Dying(bank.platform, undisturbed=name == "undisturbed")
            for _ in range(NIGHTS):
                found = await close(bank, clock, way, await next_date(bank, clock))
                assert found.state == closing_pb2.CLOSING_STATE_CLOSED
        left[name] = books(tmp_path / name)
    assert way.deaths >= NIGHTS * 2 * 10, "before and after each of ten steps and more"
    assert [len(left["killed"][place]) for place in (0, -1)] == [NIGHTS, NIGHTS]
    assert len(left["killed"][3]) >= NIGHTS * 2, "of loans and deposits, each night"
    assert left["killed"] == left["undisturbed"]


async def test_a_preview_tells_what_the_close_books_and_leaves_no_trace(tmp_path: Path) -> None:
    async with bank_of(tmp_path) as (bank, clock):
        over = await next_date(bank, clock)
        await quiet(bank)
        before = traces(tmp_path)
        reply = await bank.call(closing_pb2.PreviewClosingRequest(business_date=date_message(over)))
        assert traces(tmp_path) == before
        (of_loans,) = [step for step in reply.steps if step.job_id == "end_of_day"]
        told = {figure.name: figure.amount.minor_units for figure in of_loans.figures}
        assert [step.holds for step in reply.steps if step.job_id in ("ledger_proof", "ledger_chain")] == [True, True]
        await close(bank, clock, Dying(bank.platform, undisturbed=True), over)
        found = await bank.call(position_day_pb2.GetPositionDayRequest(business_date=date_message(over)))
    previewed = {step.job_id: step.figures for step in reply.steps}
    (total,) = found.position_day.totals
    assert {
        figure.name: figure.amount if figure.HasField("amount") else figure.count for figure in previewed["positions"]
    } == {
        "totals.positions": total.positions,
        **{
            f"totals.{name}": getattr(total, name)
            for name in ("assets", "liabilities", "off_balance_sheet", "transfer_charge")
        },
    }
    earned = [row[-1] for row in books(tmp_path)[1] if row[1] == "6011"]
    assert earned == [-told["figures.interest_accrued"]]


async def test_postings_go_on_while_a_date_is_closed_and_belong_to_the_next(tmp_path: Path) -> None:
    async with bank_of(tmp_path) as (bank, clock):
        over = await next_date(bank, clock)
        posted: list[ledger_pb2.Entry] = []
        posting = asyncio.create_task(_post_on_and_on(bank, posted))
        found = await close(bank, clock, Dying(bank.platform, undisturbed=True), over)
        assert found.state == closing_pb2.CLOSING_STATE_CLOSED
        assert not posting.done(), "nothing was refused"
        posting.cancel()
        asked = book_day_pb2.GetBookDayRequest(book="general", business_date=date_message(over))
        day = (await bank.call(asked)).book_day
        began, ended = day.cut_off_at.ToDatetime(), day.closed_at.ToDatetime()
        assert [entry for entry in posted if began < entry.posted_at.ToDatetime() < ended]
        assert {date_of(entry.booking_date) for entry in posted} == {over + timedelta(days=1)}


async def _post_on_and_on(bank: Bank, posted: list[ledger_pb2.Entry]) -> None:
    """What customers do meanwhile; a refusal ends it."""
    amount = Money(currency_code="CNY", minor_units=100)
    legs = [
        ledger_pb2.Leg(account_code="1001", side=ledger_pb2.SIDE_DEBIT, amount=amount),
        ledger_pb2.Leg(account_code="6021", side=ledger_pb2.SIDE_CREDIT, amount=amount),
    ]
    while True:
        draft = ledger_pb2.EntryDraft(reference="a fee", legs=legs)
        reply = await bank.call(ledger_pb2.PostEntryRequest(request_id=f"online-{len(posted)}", draft=draft))
        posted.append(reply.entry)
        await asyncio.sleep(0.01)


async def test_a_broken_ledger_stops_the_close_at_its_proof_and_names_the_entry(tmp_path: Path) -> None:
    async with bank_of(tmp_path) as (bank, clock):
        over = await next_date(bank, clock)
        tamper(tmp_path)
        way = Dying(bank.platform, undisturbed=True)
        found = await close(bank, clock, way, over)
        assert found.state == closing_pb2.CLOSING_STATE_STOPPED
        failed = [step for step in found.steps if step.state == closing_pb2.CLOSING_STEP_STATE_FAILED]
        assert [(step.job.job_id, step.proof, step.run.reason) for step in failed] == [
            ("ledger_chain", True, "PROOF_MUST_HOLD")
        ]
        day = await bank.call(book_day_pb2.GetBookDayRequest(book="general", business_date=date_message(over)))
        assert day.book_day.status == book_day_pb2.BOOK_DAY_STATUS_POSTED
        form = {"date": over.isoformat(), "job": "ledger_chain", "reason": "known since yesterday"}
        await shown_and_sent(bank, CONTROLLER.client_id, form)
        await approved_by_another(bank)
        found = await close(bank, clock, way, over)
        steps = {step.job.job_id: step for step in found.steps}
        assert steps["book_closed"].state == closing_pb2.CLOSING_STEP_STATE_DONE
        assert steps["book_sealed"].run.reason == "LEDGER_MUST_BE_INTACT", "what was broken is not sealed"
        (passed,) = [step for step in found.steps if step.state == closing_pb2.CLOSING_STEP_STATE_OVERRIDDEN]
        assert (passed.run.override.asked_by, passed.run.override.approved_by) == (
            CONTROLLER.client_id,
            CHECKER.caller.subject,
        )


async def shown_and_sent(bank: Bank, client_id: str, form: dict[str, str]) -> None:
    """Somebody looks at the proof that failed, down to its entry, and asks to go on, by the page of the close."""
    async with bank.signed_in(client_id, language="zh-CN") as http:
        proof = await http.get("/console/closing/proofs", params={"date": form["date"], "job": form["job"]})
        assert "its content does not give its hash" in proof.text
        assert "nothing to see" in proof.text, "the entry itself is shown"
        page = (await http.get("/console/closing", params={"date": form["date"]})).text
        assert "总账哈希链核验" in page
        assert "<svg" in page
        token = page.split('name="form_token" value="')[1].split('"')[0]
        sent = {**form, "form_token": token, "request_id": "override"}
        refused = await http.post("/console/closing/override", data={**sent, "date": "2020-01-01"})
        assert "JOB_RUN_NOT_FOUND" in refused.text
        sent["request_id"] = "override on its date"
        answer = await http.post("/console/closing/override", data=sent)
        assert "已申请，须由另一人复核" in (await http.get(answer.headers["location"])).text


async def approved_by_another(bank: Bank) -> None:
    """Somebody else approves what is held, and it is carried out."""
    (held,) = (await bank.call(held_command_pb2.ListHeldCommandsRequest(rpc=OVERRIDE))).commands
    decision = work_order_pb2.DecideWorkOrderRequest(
        request_id="decide", work_order_id=held.work_order_id, outcome="WORK_ORDER_OUTCOME_APPROVED"
    )
    await bank.platform.calls.call(decision, CHECKER)
    executed, tried = 0, 0
    async with asyncio.timeout(PATIENCE_S):
        while not executed:
            tried += 1
            asked = held_command_pb2.ExecuteHeldCommandsRequest(request_id=f"execute-{tried}")
            executed = (await bank.call(asked)).executed
            await asyncio.sleep(0.1)


def traces(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every store. How far a relay has told is a trace of earlier events only."""
    return {name: rows for name, rows in tables(folder).items() if not name.endswith(".relay")}
