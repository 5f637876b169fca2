"""An import through the door: received whole or refused by name, checked before anything is seen, landed once."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.credit.examples import plant_seeds, product_message, request_id
from tests.credit.loan_files import begun, checked, csv_file, findings, go_on, landed, loan, sent
from zhongtai.credit.file_import.domain import PART_BYTES
from zhongtai.credit.v1 import file_import_pb2 as v1
from zhongtai.credit.v1 import limit_pb2, loan_import_pb2, loan_pb2, product_pb2
from zhongtai.testing.doors import Door


@pytest.fixture(autouse=True)
async def products(door: Door) -> None:
    """The products that ship with credit."""
    await plant_seeds(door)


async def loans(door: Door) -> list[loan_pb2.Loan]:
    """All loans there are."""
    return list((await door.call(loan_pb2.ListLoansRequest())).loans)


async def seal(door: Door, import_id: str) -> str:
    """The reason for which a file is not sealed."""
    return (await door.refused(v1.SealFileRequest(request_id=request_id(), import_id=import_id))).reason


async def test_nothing_is_seen_before_it_lands(door: Door) -> None:
    found = await checked(door, csv_file([loan(1), loan(2)]))
    assert (found.phase, found.good_rows, found.progress) == (v1.IMPORT_PHASE_CHECKED, 2, 1000)
    assert await loans(door) == []
    assert not (await door.call(limit_pb2.ListLimitsRequest())).limits
    assert not await door.facts(loan_import_pb2.LoansImported)


async def test_the_same_file_again_lands_nothing_twice(door: Door) -> None:
    content = csv_file([loan(1), loan(2)])
    first = await landed(door, content)
    again = await landed(door, content, name="another name")
    assert again == first
    other = await landed(door, content + csv_file([loan(3)]).split(b"\n", 1)[1])
    assert (other.good_rows, other.bad_rows, len(await loans(door))) == (1, 2, 3)
    assert [reason for _, _, reason in await findings(door, other.import_id)] == ["REFERENCE_ALREADY_IMPORTED"] * 2


@pytest.mark.parametrize(
    ("encoding", "said", "end"),
    [
        ("utf-8", v1.TEXT_ENCODING_UNSPECIFIED, "\n"),
        ("utf-8-sig", v1.TEXT_ENCODING_UTF_8, "\r\n"),
        ("gbk", v1.TEXT_ENCODING_GB18030, "\r\n"),
        ("gb18030", v1.TEXT_ENCODING_GB18030, "\n"),
    ],
)
async def test_a_file_may_be_written_as_chinese_banks_write_them(
    door: Door, encoding: str, said: v1.TextEncoding, end: str
) -> None:
    rows = [loan(1, decision_id="甲乙丙", reference="旧系统-1"), loan(2, decision_id='"多行\n文本"', reference="旧-2")]
    mapping = [v1.ColumnSource(field="customer_id", column="客户号"), v1.ColumnSource(field="grade", constant="BB")]
    content = csv_file(rows, end=end).replace(b"customer_id", "客户号".encode()).decode().encode(encoding)
    found = await landed(door, content, encoding=said, mapping=mapping)
    assert (found.rows, found.landed_rows) == (2, 1)
    assert await findings(door, found.import_id) == [(3, "decision_id", "CELL_MUST_BE_SHORT")]
    (one,) = await loans(door)
    assert (one.decision_id, one.customer_id, one.grade) == ("甲乙丙", "cus_1", "BB")


async def test_a_line_that_is_no_record_is_bad_by_itself(door: Door) -> None:
    lines = csv_file([loan(1), loan(2), loan(3), loan(4)]).split(b"\n")
    lines[2] = b'"OLD-2,never closed'
    lines[3] = lines[3] + b",more"
    lines[4] = lines[4].replace(b"cus_4", "客".encode("gbk"))
    found = await landed(door, b"\n".join(lines))
    assert (found.rows, found.landed_rows) == (4, 1)
    assert await findings(door, found.import_id) == [
        (3, "", "ROW_MUST_BE_WELL_FORMED"),
        (4, "", "ROW_MUST_HAVE_ALL_CELLS"),
        (5, "", "TEXT_MUST_BE_IN_ENCODING"),
    ]


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b"reference,reference", "COLUMN_MUST_NOT_REPEAT"),
        (b"reference,costumer_id", "COLUMN_MUST_BE_THERE"),
        (b"", "HEADER_MUST_BE_READABLE"),
        (b"a,,b", "HEADER_MUST_BE_READABLE"),
        ("客户".encode("gbk"), "HEADER_MUST_BE_READABLE"),
    ],
)
async def test_a_header_that_is_not_understood_is_refused_by_name(door: Door, header: bytes, reason: str) -> None:
    assert await seal(door, await sent(door, header + b"\n1,2\n")) == reason


async def test_unknown_columns_are_refused_unless_they_are_ignored(door: Door) -> None:
    content = csv_file([loan(1) | {"branch": "0017"}])
    assert await seal(door, await sent(door, content)) == "COLUMN_MUST_BE_KNOWN"
    assert (await landed(door, content, ignored_columns=["*"])).landed_rows == 1
    mapping = [v1.ColumnSource(field="brunch", column="branch")]
    assert await seal(door, await sent(door, content, mapping=mapping)) == "FIELD_MUST_BE_KNOWN"


async def test_parts_come_in_order_full_and_once(door: Door) -> None:
    content = csv_file([loan(number) for number in range(6_000)])
    assert len(content) > PART_BYTES
    import_id = await begun(door, content)

    def part(number: int, sent: bytes) -> v1.AppendFilePartRequest:
        return v1.AppendFilePartRequest(request_id=request_id(), import_id=import_id, number=number, content=sent)

    assert (await door.refused(part(1, content[:PART_BYTES]))).reason == "PART_MUST_FOLLOW"
    assert (await door.refused(part(0, content[: PART_BYTES - 1]))).reason == "PART_MUST_BE_FULL"
    for _ in range(2):
        assert (await door.call(part(0, content[:PART_BYTES]))).received_bytes == PART_BYTES
    assert (await door.refused(part(0, b"x" * PART_BYTES))).reason == "PART_TAKEN"
    assert await seal(door, import_id) == "FILE_MUST_BE_WHOLE"
    assert (await door.refused(v1.LandFileImportRequest(request_id=request_id(), import_id=import_id))).reason == (
        "FILE_MUST_BE_CHECKED"
    )
    await door.call(part(1, b"\n" + content[PART_BYTES + 1 :]))
    assert await seal(door, import_id) == "FILE_MUST_MATCH_ITS_HASH"
    await door.call(v1.AbandonFileImportRequest(request_id=request_id(), import_id=import_id))
    assert (await go_on(door, import_id)).phase == v1.IMPORT_PHASE_ABANDONED
    assert (await door.refused(part(2, b"x"))).reason == "FILE_ALREADY_SEALED"


async def test_what_is_abandoned_leaves_no_trace(door: Door) -> None:
    content = csv_file([loan(1), loan(2, outstanding="0")])
    found = await checked(door, content)
    for _ in range(2):
        await door.call(v1.AbandonFileImportRequest(request_id=request_id(), import_id=found.import_id))
    assert (await go_on(door, found.import_id)).phase == v1.IMPORT_PHASE_ABANDONED
    assert await findings(door, found.import_id) == []
    assert (await door.refused(loan_import_pb2.GetImportedLoanRequest(reference="OLD-1"))).reason == (
        "IMPORTED_LOAN_NOT_FOUND"
    )
    again = await landed(door, content)
    assert (again.import_id != found.import_id, again.landed_rows) == (True, 1)
    abandon = v1.AbandonFileImportRequest(request_id=request_id(), import_id=again.import_id)
    assert (await door.refused(abandon)).reason == "FILE_MUST_NOT_HAVE_LANDED"
    unknown = v1.GetFileImportRequest(import_id="imp_unknown")
    assert (await door.refused(unknown)).reason == "FILE_IMPORT_NOT_FOUND"


async def test_all_or_nothing_lands_nothing_where_a_row_is_bad(door: Door) -> None:
    found = await checked(door, csv_file([loan(1), loan(2, grade="x" * 17)]), all_or_nothing=True)
    refused = await door.refused(v1.LandFileImportRequest(request_id=request_id(), import_id=found.import_id))
    assert (refused.reason, refused.metadata) == ("ROWS_MUST_ALL_BE_GOOD", {"bad_rows": "1"})
    assert await loans(door) == []
    again = await checked(door, csv_file([loan(1)]), all_or_nothing=True)
    assert await findings(door, again.import_id) == [(2, "reference", "REFERENCE_ALREADY_IMPORTED")], "it is staged"
    for one in (again, found):
        await door.call(v1.AbandonFileImportRequest(request_id=request_id(), import_id=one.import_id))
        await go_on(door, one.import_id)
    assert (await landed(door, csv_file([loan(1)]), all_or_nothing=True)).landed_rows == 1


async def test_what_changed_since_the_check_is_told(door: Door) -> None:
    reply = await door.call(
        limit_pb2.GrantLimitRequest(
            request_id=request_id(),
            customer_id="cus_1",
            product_line="consumer",
            amount={"currency_code": "CNY", "minor_units": 1_000_000},
        )
    )
    found = await checked(door, csv_file([loan(1, limit_id=reply.limit_id), loan(1, reference="OLD-2"), loan(3)]))
    assert found.good_rows == 3
    await door.call(limit_pb2.FreezeLimitRequest(request_id=request_id(), limit_id=reply.limit_id))
    await door.call(v1.LandFileImportRequest(request_id=request_id(), import_id=found.import_id))
    done = await go_on(door, found.import_id)
    assert (done.landed_rows, done.good_rows, done.bad_rows) == (1, 1, 2)
    assert await findings(door, found.import_id) == [
        (2, "limit_id", "LIMIT_MUST_BE_ACTIVE"),
        (3, "limit_id", "LIMIT_MUST_BE_ACTIVE"),
    ]


def parquet_file(folder: Path, columns: str, rows: list[dict[str, Any]]) -> bytes:
    """The rows as Parquet, of the columns and types named."""
    path = folder / "loans.parquet"
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"CREATE TABLE loans ({columns})")
        marks = ", ".join("?" for _ in rows[0])
        connection.executemany(f"INSERT INTO loans VALUES ({marks})", [list(row.values()) for row in rows])
        connection.execute("COPY loans TO ? (FORMAT parquet)", [str(path)])
    return path.read_bytes()


COLUMNS = (
    "reference VARCHAR, customer_id VARCHAR, product_id VARCHAR, account_id BIGINT, currency VARCHAR, "
    "principal DECIMAL(18, 2), outstanding DECIMAL(18, 2), nominal_interest_rate DECIMAL(9, 6), "
    "annual_percentage_rate VARCHAR, term_months SMALLINT, start_date DATE, last_due_date TIMESTAMP"
)


def typed(number: int, **changes: Any) -> dict[str, Any]:
    """A row in the types of Parquet."""
    row: dict[str, Any] = loan(number) | {"account_id": number, "term_months": 12}
    row |= {name: Decimal(row[name]) for name in ("principal", "outstanding", "nominal_interest_rate")}
    row |= {"start_date": date(2025, 8, 20), "last_due_date": date(2025, 12, 20)}
    return row | changes


async def test_parquet_lands_as_exactly_as_text(door: Door, tmp_path: Path) -> None:
    rows = [typed(1), typed(2, principal=None), typed(3, reference="two\nlines"), typed(4)]
    found = await landed(door, parquet_file(tmp_path, COLUMNS, rows), format=v1.FILE_FORMAT_PARQUET)
    assert (found.rows, found.landed_rows) == (4, 2)
    assert await findings(door, found.import_id) == [
        (2, "principal", "CELL_MUST_NOT_BE_EMPTY"),
        (3, "reference", "CELL_MUST_BE_SHORT"),
    ]
    assert [one.outstanding.minor_units for one in await loans(door)] == [820_000, 820_000]
    assert [one.nominal_interest_rate.value for one in await loans(door)] == ["0.120000", "0.120000"]


async def test_parquet_that_is_not_exact_or_not_whole_is_refused_by_name(door: Door, tmp_path: Path) -> None:
    content = parquet_file(tmp_path, COLUMNS.replace("outstanding DECIMAL(18, 2)", "outstanding DOUBLE"), [typed(1)])
    kind = v1.FILE_FORMAT_PARQUET
    assert await seal(door, await sent(door, content, format=kind)) == "COLUMN_MUST_BE_EXACT"
    assert await seal(door, await sent(door, content[:-9], format=kind)) == "PARQUET_MUST_BE_READABLE"
    nested = parquet_file(
        tmp_path, COLUMNS.replace("currency VARCHAR", "currency VARCHAR[]"), [typed(1, currency=["CNY"])]
    )
    assert await seal(door, await sent(door, nested, format=kind)) == "COLUMN_MUST_BE_PLAIN"


async def test_a_row_goes_by_the_version_of_its_product(door: Door) -> None:
    second = product_message(version=2, maximum_amount={"currency_code": "CNY", "minor_units": 1_000_000})
    second.valid_from.CopyFrom(type(second.valid_from)(year=2025, month=9, day=1))
    await door.call(product_pb2.PublishProductRequest(request_id=request_id(), product=second))
    later = {"start_date": "2025-09-20", "last_due_date": "2025-12-20"}
    rows = [loan(1), loan(2, **later), loan(3, product_version="1", **later), loan(4, product_version="3")]
    found = await landed(door, csv_file(rows))
    assert await findings(door, found.import_id) == [
        (3, "principal", "AMOUNT_MUST_BE_WITHIN_PRODUCT"),
        (5, "product_id", "PRODUCT_VERSION_NOT_FOUND"),
    ]
    assert [one.product_version for one in await loans(door)] == [1, 1]
