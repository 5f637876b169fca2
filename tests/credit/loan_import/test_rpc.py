"""A loan that was taken over is a loan: it is read, repaid and closed as any other, and everybody agrees on it."""

from datetime import date

from tests.credit.examples import fen, minor_units, plant_seeds, request_id
from tests.credit.loan_files import ARREARS, csv_file, findings, landed, loan
from zhongtai.credit.v1 import limit_pb2, loan_import_pb2, loan_pb2, repayment_pb2
from zhongtai.testing.doors import Door


async def loan_of(door: Door, reference: str) -> loan_pb2.Loan:
    """The loan of a reference."""
    known = await door.call(loan_import_pb2.GetImportedLoanRequest(reference=reference))
    reply = await door.call(loan_pb2.GetLoanRequest(loan_id=known.loan_id))
    found: loan_pb2.Loan = reply.loan
    return found


async def test_a_loan_under_way_lands_with_what_remains_of_it(door: Door) -> None:
    await plant_seeds(door)
    found = await landed(door, csv_file([loan(1), loan(2, **ARREARS)]))
    assert (found.rows, found.good_rows, found.bad_rows, found.landed_rows) == (2, 2, 0, 2)
    assert found.totals[0].amount == fen(1_640_000)
    plain, late = await loan_of(door, "OLD-1"), await loan_of(door, "OLD-2")
    for one in (plain, late):
        assert one.status == loan_pb2.LOAN_STATUS_ACTIVE
        assert minor_units(one.instalments, "principal") == one.principal.minor_units == 1_200_000
        assert minor_units(one.instalments, "principal_paid") == 380_000
        assert one.outstanding == fen(820_000)
    assert [one.due_date.month for one in plain.instalments] == [12, 1, 2, 3, 4, 5, 6, 7, 8]
    assert [one.due_date.month for one in late.instalments] == [11, 12, 1, 2, 3, 4, 5, 6, 7, 8]
    limit = await door.call(limit_pb2.GetLimitRequest(limit_id=plain.limit_id))
    assert (limit.limit.granted, limit.limit.used, limit.limit.available) == (fen(820_000), fen(820_000), fen(0))
    (told,) = await door.facts(loan_import_pb2.LoansImported)
    assert told.outstanding == fen(1_640_000)
    assert [sum(one.principal_minor_units) for one in told.loans] == [820_000, 820_000]


async def test_it_is_repaid_and_paid_off(door: Door) -> None:
    await plant_seeds(door)
    await landed(door, csv_file([loan(1, **ARREARS)]))
    one = await loan_of(door, "OLD-1")
    due = await door.call(repayment_pb2.QuoteRepaymentRequest(loan_id=one.loan_id))
    assert due.due.arrears == fen(90_000 + 8_150)
    await door.call(
        repayment_pb2.RepayLoanRequest(
            request_id=request_id(), loan_id=one.loan_id, amount=due.due.arrears, payment_id="pay_1"
        )
    )
    door.today(date(2026, 1, 20))
    figure = await door.call(repayment_pb2.QuotePayOffRequest(loan_id=one.loan_id))
    # From the last due date, 2025-12-20, on: 31 days at 12 % of what is not in arrears.
    assert figure.interest == fen(7_440)
    reply = await door.call(
        repayment_pb2.PayOffLoanRequest(
            request_id=request_id(), loan_id=one.loan_id, amount=figure.total, payment_id="pay_2"
        )
    )
    assert reply.status == loan_pb2.LOAN_STATUS_PAID_OFF


async def test_bad_rows_are_told_by_line_field_and_reason(door: Door) -> None:
    await plant_seeds(door)
    rows = [
        loan(1),
        loan(2, principal="12,000.00"),
        loan(3, outstanding="12000.01"),
        loan(4, product_id="no_such"),
        loan(1),
        loan(6, start_date="2025-02-30", nominal_interest_rate="12%"),
    ]
    content = csv_file(rows).replace(b"12,000.00", b'"12,000.00"')
    found = await landed(door, content)
    assert (found.rows, found.good_rows, found.bad_rows, found.landed_rows) == (6, 1, 5, 1)
    assert await findings(door, found.import_id) == [
        (3, "principal", "GROUPING_MUST_BE_LEFT_OUT"),
        (4, "outstanding", "OUTSTANDING_MUST_BE_OF_PRINCIPAL"),
        (5, "product_id", "PRODUCT_NOT_FOUND"),
        (6, "reference", "REFERENCE_MUST_NOT_REPEAT"),
        (7, "nominal_interest_rate", "CELL_MUST_BE_NUMBER"),
        (7, "start_date", "CELL_MUST_BE_DATE"),
    ]
