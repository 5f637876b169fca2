"""The portfolio through the door: figures worked by hand, their sources, and events in any order."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from google.type.date_pb2 import Date
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reporting.portfolio import book
from tests.reporting.portfolio.book import EVENTS, Told
from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.reporting.v1 import portfolio_pb2 as v1
from zhongtai.runtime.convert import date_message
from zhongtai.testing.doors import Door, in_process, opened
from zhongtai.testing.templates import fresh_sqlite

MAY_3 = date(2026, 5, 3)


async def portfolio(door: Door, as_of: date = MAY_3) -> v1.GetPortfolioResponse:
    reply: v1.GetPortfolioResponse = await door.call(v1.GetPortfolioRequest(as_of=date_message(as_of)))
    return reply


def figures(line: Any) -> dict[str, int]:
    """The figures of a line by name: counts, and amounts in minor units."""
    found = [value for _, value in line.ListFields() if hasattr(value, "figure")]
    return {each.figure: each.value if isinstance(each, v1.CountFigure) else each.value.minor_units for each in found}


async def filled(door: Door) -> None:
    door.today(MAY_3)
    await book.tell(door, EVENTS)


async def test_applications_by_grade(door: Door) -> None:
    await filled(door)
    reply = await portfolio(door)
    lines = {line.grade: figures(line) for line in reply.approvals}
    assert lines == {
        "": {"applications": 2, "approved": 0, "referred": 0, "declined": 2, "taken_up": 0},
        "A": {"applications": 1, "approved": 1, "referred": 0, "declined": 0, "taken_up": 1},
        "B": {"applications": 1, "approved": 0, "referred": 1, "declined": 0, "taken_up": 1},
    }
    total = {"applications": 4, "approved": 1, "referred": 1, "declined": 2, "taken_up": 2}
    assert figures(reply.approvals_total) == total
    assert {line.reason: line.declined.value for line in reply.declines} == {"INCOME_TOO_LOW": 1, "SCORE_TOO_LOW": 2}


async def test_loans_by_product_and_grade(door: Door) -> None:
    await filled(door)
    reply = await portfolio(door)
    assert [(line.product_id, line.grade, line.currency_code) for line in reply.loans] == [
        ("consumer_instalment", "A", "CNY"),
        ("consumer_instalment", "B", "CNY"),
    ]
    # Loan 1: due 2 April 1,030.00 (paid) and 2 May 1,020.00. On 30E/360: 3,000.00 for 30 days, then 2,000.00 for 31:
    # (300,000 × 30 + 200,000 × 31) / 360 × 12 % = 5,066.67 fen, and at 3 % 1,266.67 fen.
    assert figures(reply.loans[0]) == {
        "loans_disbursed": 1,
        "disbursed": 300_000,
        "repaid_principal": 100_000,
        "repaid_interest": 3_000,
        "loans_outstanding": 1,
        "principal_outstanding": 200_000,
        "loans_in_arrears": 1,
        "arrears": 102_000,
        "interest_income": 5_067,
        "funding_cost": 1_267,
        "income_after_transfer_price": 3_800,
    }
    # Loan 2: due 2 April 2,050.96 and 2 May 2,032.88. On ACT/365: 6,000.00 for 62 days at 10 % is 10,191.78 fen, and at
    # 4 % 4,076.71 fen.
    assert figures(reply.loans[1]) == {
        "loans_disbursed": 1,
        "disbursed": 600_000,
        "repaid_principal": 0,
        "repaid_interest": 0,
        "loans_outstanding": 1,
        "principal_outstanding": 600_000,
        "loans_in_arrears": 1,
        "arrears": 205_096 + 203_288,
        "interest_income": 10_192,
        "funding_cost": 4_077,
        "income_after_transfer_price": 6_115,
    }
    (total,) = reply.loans_total
    first, second = figures(reply.loans[0]), figures(reply.loans[1])
    assert figures(total) == {name: first[name] + second[name] for name in first}


async def test_arrears_by_age(door: Door) -> None:
    await filled(door)
    lines = {line.bucket_id: figures(line) for line in (await portfolio(door)).arrears}
    assert lines == {
        "days_1_30": {"loans_in_arrears": 1, "arrears": 102_000, "principal_outstanding": 200_000},
        "days_31_60": {"loans_in_arrears": 1, "arrears": 408_384, "principal_outstanding": 600_000},
    }


async def test_an_instalment_may_be_paid_until_the_close_of_its_day(door: Door) -> None:
    await filled(door)
    assert not (await portfolio(door, book.APRIL_2)).arrears
    (line,) = (await portfolio(door, date(2026, 4, 3))).arrears
    assert (line.bucket_id, line.arrears.value.minor_units) == ("days_1_30", 205_096)


async def test_a_report_sees_what_its_day_had_seen(door: Door) -> None:
    await filled(door)
    reply = await portfolio(door, book.START)
    assert figures(reply.approvals_total) == {
        "applications": 4,
        "approved": 2,
        "referred": 1,
        "declined": 1,
        "taken_up": 2,
    }
    assert [line.grade for line in reply.approvals] == ["", "A", "B"]
    found = figures(reply.loans_total[0])
    assert (found["principal_outstanding"], found["repaid_principal"], found["interest_income"]) == (900_000, 0, 0)
    before = await portfolio(door, date(2026, 3, 1))
    assert not before.loans
    assert before.approvals_total.applications.value == 0


async def test_a_loan_paid_off_early_is_in_no_arrears(door: Door) -> None:
    door.today(date(2026, 6, 3))
    await book.tell(door, EVENTS[2:4])
    paid_off = book.repaid("loan_1", 300_000, 700, date(2026, 3, 9), "pay_4")
    await book.tell(door, [Told("evt_30", paid_off, date(2026, 3, 9))])
    # By now its schedule would have come to 3,060.00, more than the 3,007.00 that were paid.
    reply = await portfolio(door, date(2026, 6, 3))
    found = figures(reply.loans[0])
    assert (found["loans_outstanding"], found["arrears"], found["loans_in_arrears"]) == (0, 0, 0)
    # 3,000.00 for 7 days at 12 % on 30E/360 is 700 fen, on any later day too.
    assert found["interest_income"] == 700
    assert not reply.arrears


async def sources(door: Door, **asked: Any) -> list[str]:
    reply = await door.call(v1.ListSourcesRequest(as_of=date_message(MAY_3), **asked))
    return [source.event_id for source in reply.sources]


@pytest.mark.parametrize(
    ("asked", "events"),
    [
        ({"figure": "applications"}, ["01", "02", "06", "07", "11", "12"]),
        ({"figure": "applications", "grade": ""}, ["11", "12"]),
        ({"figure": "declined", "reason": "INCOME_TOO_LOW"}, ["11"]),
        ({"figure": "referred"}, ["06", "07"]),
        ({"figure": "taken_up", "grade": "B"}, ["09"]),
        ({"figure": "disbursed"}, ["04", "05", "09", "10"]),
        ({"figure": "loans_disbursed", "product_id": "mortgage"}, []),
        ({"figure": "repaid_interest", "grade": "A", "product_id": "consumer_instalment"}, ["17", "18", "19"]),
        ({"figure": "principal_outstanding", "grade": "A"}, ["04", "05", "17", "18", "19"]),
        ({"figure": "arrears", "bucket_id": "days_31_60"}, ["09", "10"]),
        ({"figure": "loans_in_arrears", "bucket_id": "days_1_30"}, ["04", "17"]),
        ({"figure": "income_after_transfer_price", "currency_code": "CNY"}, ["04", "05", "09", "10", "17", "18", "19"]),
        ({"figure": "income_after_transfer_price", "currency_code": "USD"}, []),
    ],
)
async def test_every_figure_names_its_sources(door: Door, asked: dict[str, str], events: list[str]) -> None:
    await filled(door)
    assert await sources(door, **asked) == [f"evt_{number}" for number in events]


async def test_a_figure_of_a_day_has_the_sources_of_that_day(door: Door) -> None:
    await filled(door)
    asked = v1.ListSourcesRequest(figure="principal_outstanding", as_of=date_message(book.START))
    found = [source.event_id for source in (await door.call(asked)).sources]
    assert found == ["evt_04", "evt_05", "evt_09", "evt_10"]


async def test_a_source_leads_to_its_ledger_entry(door: Door) -> None:
    await filled(door)
    asked = v1.ListSourcesRequest(figure="repaid_principal", as_of=date_message(MAY_3))
    event, entry, posted_by_the_ledger = (await door.call(asked)).sources
    assert (event.about, event.subject, event.on) == (
        "loan_1",
        "zhongtai.credit.v1.LoanRepaid",
        date_message(book.APRIL_2),
    )
    assert not event.HasField("ledger_entry")
    assert entry.ledger_entry == v1.LedgerReference(entry_id="ent_3", number=3, reference="pay_3")
    assert posted_by_the_ledger.ledger_entry == v1.LedgerReference(entry_id="ent_4", number=4, reference="loan_1")


async def test_sources_come_in_pages(door: Door) -> None:
    await filled(door)
    first = await door.call(v1.ListSourcesRequest(figure="disbursed", page=PageRequest(size=3)))
    assert len(first.sources) == 3
    rest = await sources(door, figure="disbursed", page=PageRequest(size=3, token=first.page.next_token))
    assert rest == ["evt_10"]


async def test_what_cannot_be_reported_is_refused(door: Door) -> None:
    await filled(door)
    tomorrow = Date(year=2026, month=5, day=4)
    assert (await door.refused(v1.GetPortfolioRequest(as_of=tomorrow))).reason == "AS_OF_MUST_NOT_BE_IN_THE_FUTURE"
    for asked, reason in (
        (v1.ListSourcesRequest(figure="disbursed", as_of=tomorrow), "AS_OF_MUST_NOT_BE_IN_THE_FUTURE"),
        (v1.ListSourcesRequest(figure="profit"), "FIGURE_MUST_BE_KNOWN"),
        (v1.ListSourcesRequest(figure="arrears", bucket_id="days_7"), "ARREARS_BUCKET_MUST_BE_KNOWN"),
        (v1.ListSourcesRequest(), "REQUEST_INVALID"),
    ):
        assert (await door.refused(asked)).reason == reason


async def everything(door: Door) -> list[Any]:
    days = (book.START, book.APRIL_2, MAY_3)
    found: list[Any] = [await portfolio(door, day) for day in days]
    return [*found, await sources(door, figure="applications"), await sources(door, figure="interest_income")]


@pytest.fixture(scope="module")
async def in_order(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    store = fresh_sqlite("reporting", tmp_path_factory.mktemp("in_order"))
    async with opened("reporting", store, in_process) as door:
        await filled(door)
        return await everything(door)


@settings(max_examples=20, deadline=None)
@given(order=st.permutations(EVENTS), again=st.lists(st.sampled_from(EVENTS), max_size=8))
async def test_duplicates_and_any_order_leave_the_same(
    in_order: list[Any], order: list[Told], again: list[Told]
) -> None:
    with TemporaryDirectory() as folder:
        async with opened("reporting", fresh_sqlite("reporting", Path(folder)), in_process) as door:
            door.today(MAY_3)
            await book.tell(door, order)
            await book.tell(door, again)
            assert await everything(door) == in_order
