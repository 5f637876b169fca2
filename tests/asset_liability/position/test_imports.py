"""Loans that were taken over become positions with what is left of them, whatever came before."""

from datetime import date
from typing import Any

from tests.asset_liability import book
from zhongtai.asset_liability.v1 import position_pb2 as v1
from zhongtai.credit.v1 import limit_pb2, loan_import_pb2
from zhongtai.runtime.convert import date_message, date_of, money_message
from zhongtai.testing.doors import Door

CAME_OVER = date(2026, 3, 10)


def taken_over(loan_id: str, limit_id: str, outstanding: int, granted: int = 0, **changes: Any) -> Any:
    """A loan of three instalments, the first of which is in arrears since 2 March."""
    fields: dict[str, Any] = {
        "loan_id": loan_id,
        "limit_id": limit_id,
        "customer_id": "cus_1",
        "product_id": "consumer_instalment",
        "product_line": "consumer",
        "principal": money_message(book.yuan(2 * outstanding)),
        "outstanding": money_message(book.yuan(outstanding)),
        "limit_granted": money_message(book.yuan(granted)) if granted else None,
        "nominal_interest_rate": {"value": "0.12"},
        "day_count": "DAY_COUNT_ACT_365",
        "start_date": date_message(date(2025, 1, 2)),
        "first_due_date": date_message(book.START),
        "due_days_later": [0, 31, 30],
        "principal_minor_units": [outstanding - 300, 100, 200],
        "interest_minor_units": [30, 20, 10],
    }
    return loan_import_pb2.ImportedLoan(**{**fields, **changes})


def told(*loans: Any) -> loan_import_pb2.LoansImported:
    """The event of a batch."""
    whole = money_message(book.yuan(sum(loan.outstanding.minor_units for loan in loans)))
    return loan_import_pb2.LoansImported(
        batch_id="imp_1/1/CNY", imported_on=date_message(CAME_OVER), outstanding=whole, loans=loans
    )


async def position(door: Door, position_id: str) -> v1.Position:
    """A position."""
    found: v1.Position = (await door.call(v1.GetPositionRequest(position_id=position_id))).position
    return found


async def test_a_loan_counts_with_what_is_outstanding_of_it(door: Door) -> None:
    # A repayment overtook the event: both orders leave the same.
    await door.deliver(book.loan_repaid(500, 30, 10), event_id="repaid")
    await door.deliver(
        told(taken_over("loan_1", "lim_1", 1_000, 1_500), taken_over("loan_2", "lim_1", 500)), event_id="imported"
    )
    loan = await position(door, "loan_1")
    assert loan.outstanding.minor_units == 500
    left = [(date_of(flow.due_date), flow.principal.minor_units, flow.interest.minor_units) for flow in loan.cash_flows]
    assert left == [(date(2026, 3, 2), 200, 0), (date(2026, 4, 2), 100, 20), (date(2026, 5, 2), 200, 10)]
    assert (await position(door, "lim_1")).outstanding.minor_units == 0


async def test_a_limit_that_was_there_is_drawn(door: Door) -> None:
    granted = limit_pb2.LimitGranted(
        limit_id="lim_1", customer_id="cus_1", product_line="consumer", granted=money_message(book.yuan(5_000))
    )
    await door.deliver(granted, event_id="granted")
    await door.deliver(told(taken_over("loan_1", "lim_1", 1_000)), event_id="imported")
    assert (await position(door, "lim_1")).outstanding.minor_units == 4_000
    await door.deliver(told(taken_over("loan_2", "lim_1", 4_200, 5_200)), event_id="imported more")
    assert (await position(door, "lim_1")).outstanding.minor_units == 0
