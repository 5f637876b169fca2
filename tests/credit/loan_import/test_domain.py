"""What a row tells and by which rules it is a loan: whatever stands in a file, landed and listed are all its rows."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.credit.loan_files import ARREARS, LOAN
from zhongtai.credit.loan.domain import Instalment
from zhongtai.credit.loan_import import engine
from zhongtai.credit.loan_import.domain import NAMES, Batch, LoanRow, Names, loan_row
from zhongtai.credit.product.domain import Product
from zhongtai.kernel.cells import Cells
from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.schedule import Amortisation, months_later, repayment_schedule

TODAY = date(2026, 1, 5)


def product(**changes: Any) -> Product:
    """A product of CNY 100.00 to 200,000.00 over 3 to 72 months, with changes."""
    fields: dict[str, Any] = {
        "product_id": "consumer_instalment",
        "version": 1,
        "name": "Consumer instalment loan",
        "name_zh": "个人消费分期贷款",
        "product_line": "consumer",
        "currency_code": "CNY",
        "minimum_amount": Money("CNY", 10_000),
        "maximum_amount": Money("CNY", 20_000_000),
        "minimum_term_months": 3,
        "maximum_term_months": 72,
        "amortisation": Amortisation.EQUAL_INSTALMENT,
        "day_count": DayCount.ACT_365,
        "nominal_interest_rate": Decimal("0.12"),
        "valid_from": date(2020, 1, 1),
        "valid_to": None,
        "customer_kinds": (),
        "required_consents": (),
    }
    return Product(**{**fields, **changes})


def read(changes: dict[str, str], of: Product | None = None) -> tuple[LoanRow | None, list[tuple[str, str]]]:
    """The loan of a row, and what is wrong with it by field and reason."""
    cells = Cells(dict.fromkeys(NAMES, "") | LOAN | changes)
    row = loan_row(2, cells, lambda *_: of or product(), today=TODAY)
    return row, [(field, refusal.reason) for field, refusal in cells.wrong]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"customer_id": ""}, ("customer_id", "CELL_MUST_NOT_BE_EMPTY")),
        ({"customer_id": "x" * 65}, ("customer_id", "CELL_MUST_BE_SHORT")),
        ({"currency": "RMB"}, ("currency", "CURRENCY_UNKNOWN")),
        ({"currency": "USD"}, ("principal", "CURRENCY_MUST_MATCH")),
        ({"principal": "12000.001"}, ("principal", "AMOUNT_MUST_BE_IN_MINOR_UNITS")),
        ({"principal": "1.2e4"}, ("principal", "CELL_MUST_BE_NUMBER")),
        ({"principal": "12,000"}, ("principal", "GROUPING_MUST_BE_LEFT_OUT")),
        ({"principal": "９"}, ("principal", "CELL_MUST_BE_NUMBER")),
        ({"principal": "999999999999999999"}, ("principal", "AMOUNT_OUT_OF_BOUNDS")),
        ({"principal": "300000"}, ("principal", "AMOUNT_MUST_BE_WITHIN_PRODUCT")),
        ({"outstanding": "0"}, ("outstanding", "OUTSTANDING_MUST_BE_OF_PRINCIPAL")),
        ({"outstanding": "-8200"}, ("outstanding", "OUTSTANDING_MUST_BE_OF_PRINCIPAL")),
        ({"nominal_interest_rate": "12"}, ("nominal_interest_rate", "RATE_OUT_OF_BOUNDS")),
        ({"annual_percentage_rate": "-0.1"}, ("annual_percentage_rate", "RATE_OUT_OF_BOUNDS")),
        ({"term_months": "12.0"}, ("term_months", "CELL_MUST_BE_WHOLE")),
        ({"term_months": "73"}, ("principal", "TERM_MUST_BE_WITHIN_PRODUCT")),
        ({"start_date": "2025/08/20"}, ("start_date", "CELL_MUST_BE_DATE")),
        ({"start_date": "20250820"}, ("start_date", "CELL_MUST_BE_DATE")),
        ({"start_date": "2026-01-06"}, ("start_date", "START_MUST_NOT_BE_AHEAD")),
        ({"last_due_date": "2025-12-19"}, ("last_due_date", "LAST_DUE_DATE_MUST_BE_OF_SCHEDULE")),
        ({"last_due_date": "2026-01-20"}, ("last_due_date", "LAST_DUE_DATE_MUST_BE_OF_SCHEDULE")),
        ({"arrears_principal": "900.00"}, ("arrears_since", "ARREARS_MUST_HAVE_BEEN_DUE")),
        ({"arrears_since": "2025-11-20"}, ("arrears_since", "ARREARS_MUST_HAVE_BEEN_DUE")),
        (ARREARS | {"arrears_since": "2025-12-21"}, ("arrears_since", "ARREARS_MUST_HAVE_BEEN_DUE")),
        (ARREARS | {"arrears_principal": "8200.01"}, ("arrears_principal", "ARREARS_MUST_BE_OF_OUTSTANDING")),
        (ARREARS | {"arrears_interest": "-1"}, ("arrears_principal", "ARREARS_MUST_BE_OF_OUTSTANDING")),
        (
            ARREARS | {"start_date": "2024-12-20"},
            ("arrears_principal", "PRINCIPAL_MUST_BE_IN_ARREARS_AT_MATURITY"),
        ),
    ],
)
def test_each_rule_is_told_by_its_name(changes: dict[str, str], wrong: tuple[str, str]) -> None:
    row, told = read(changes)
    assert row is None
    assert told == [wrong]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    _, told = read({"customer_id": "", "principal": "x", "start_date": "y", "term_months": "z"})
    assert [field for field, _ in told] == ["customer_id", "principal", "term_months", "start_date"]


def test_a_matured_loan_may_be_all_arrears() -> None:
    row, told = read({"start_date": "2024-12-20", "outstanding": "900.00"} | ARREARS)
    assert (told, row is not None and row.to_come.minor_units) == ([], 0)


def test_a_bullet_loan_has_no_due_date_before_its_end() -> None:
    bullet = product(amortisation=Amortisation.BULLET)
    row, told = read({"last_due_date": "2025-08-20", "outstanding": "12000.00"}, bullet)
    assert (told, row is not None and row.elapsed_months) == ([], 0)
    assert read({}, bullet)[1] == [("last_due_date", "LAST_DUE_DATE_MUST_BE_OF_SCHEDULE")]


@st.composite
def under_way(draw: st.DrawFn) -> tuple[dict[str, str], Product]:
    """A loan somewhere in its life, with arrears or without, and its product."""
    term = draw(st.integers(3, 72))
    start = draw(st.dates(date(2021, 1, 1), TODAY))
    amortisation = draw(st.sampled_from(Amortisation))
    gone = sum(months_later(start, month) <= TODAY for month in range(1, term + 1))
    elapsed = gone if amortisation is not Amortisation.BULLET else term if gone == term else 0
    principal = draw(st.integers(1_000_000, 20_000_000))
    owed = draw(st.integers(600_000, principal))
    late = elapsed == term or (elapsed > 0 and draw(st.booleans()))
    arrears = owed if elapsed == term else draw(st.integers(1, owed)) if late else 0
    row = {
        "principal": f"{principal // 100}.{principal % 100:02d}",
        "outstanding": f"{owed // 100}.{owed % 100:02d}",
        "term_months": str(term),
        "start_date": start.isoformat(),
        "last_due_date": months_later(start, elapsed).isoformat(),
    }
    if late:
        since = draw(st.dates(start + timedelta(days=1), months_later(start, elapsed)))
        row |= {"arrears_principal": f"{arrears // 100}.{arrears % 100:02d}", "arrears_interest": "12.34"}
        row["arrears_since"] = since.isoformat()
    return row, product(amortisation=amortisation, day_count=draw(st.sampled_from(DayCount)))


@given(under_way())
def test_the_lines_of_a_loan_are_a_loan_and_its_schedule_is_the_kernels(drawn: tuple[dict[str, str], Product]) -> None:
    row, told = read(*drawn)
    assert row is not None, told
    found = engine.remaining([row])
    if found.refusals:
        return  # some cent is too little for its months: the kernel says so
    flows = found.flows[0]
    if row.to_come:
        expected = repayment_schedule(
            principal=row.to_come,
            nominal_interest_rate=row.nominal_interest_rate,
            term_months=row.term_months,
            start=row.start_date,
            day_count=row.product.day_count,
            amortisation=row.product.amortisation,
            elapsed_months=row.elapsed_months,
        )
        got = list(zip(flows.due, flows.principal, flows.interest, strict=True))
        assert got == [(one.due_date, one.principal.minor_units, one.interest.minor_units) for one in expected]
    lines = list(engine.lines(row, flows))
    assert [line[0] for line in lines] == sorted(line[0] for line in lines), "in the order of their due dates"
    loan_is_whole(row, lines)
    unpaid = engine.unpaid(row, flows)
    assert sum(unpaid.principal) == row.outstanding.minor_units


def loan_is_whole(row: LoanRow, lines: list[tuple[date, int, int, int, int]]) -> None:
    """Makes instalments and checks what a `Loan` checks: principal repaid + outstanding = principal lent."""

    def cny(minor_units: int) -> Money:
        return Money("CNY", minor_units)

    instalments = [
        Instalment("l", number, due, cny(part), cny(interest), cny(part + interest), cny(left), cny(paid), cny(0))
        for number, (due, part, interest, left, paid) in enumerate(lines, start=1)
    ]
    assert sum(one.principal.minor_units for one in instalments) == row.principal.minor_units
    assert sum(one.principal_unpaid.minor_units for one in instalments) == row.outstanding.minor_units


def test_names_are_unique_in_order_and_always_the_same() -> None:
    first, second = (Names.of(f"imp_01ke5tp1m0xne0bhy5tq8s9wg{tail}") for tail in "34")
    names = [first.name("loan", line) for line in (2, 3, 33, 1_000_000)]
    assert names == sorted(names) == [first.name("loan", line) for line in (2, 3, 33, 1_000_000)]
    assert {len(name) for name in names} == {31}
    assert not set(names) & {second.name("loan", line) for line in (2, 3, 33, 1_000_000)}


def test_only_the_very_amount_of_a_batch_is_shared_out() -> None:
    batch = Batch("imp_1/1/CNY", "imp_1", 2, 9, Money("CNY", 100))
    assert [batch.booked(amount) for amount in (100, -100, 99, 0)] == [1, -1, 0, 0]
