"""Files as they go wrong: each is refused with what is wrong, and with its line where it has one."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.operations.bank import Bank
from tests.operations.bank_statement.files import NOSTRO, begun, booking, camt, landing, lines_of
from tests.operations.bank_statement.test_domain import announced
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.bank_statement.commands import app
from zhongtai.operations.bank_statement.domain import FILE_BYTES_MAX, StatementEntry
from zhongtai.operations.bank_statement.reading import read
from zhongtai.operations.v1 import bank_statement_pb2 as v1
from zhongtai.runtime.violations import RequestInvalid

HEADER = "booking_date,amount,reference\n"
GOOD = "2026-05-04,5.00,R-1\n"
CHINESE = "交易日期,借方发生额,贷方发生额,流水号,对方户名,对方账号,摘要\n20260504,,{},1,张三,6222,工资\n"
# What a file holds, how it is read, what it is refused by, and in which line.
BAD: dict[str, tuple[bytes, str, str, int]] = {
    "GBK, read as UTF-8": (CHINESE.format(5).encode("gbk"), "plain", "HEADER_MUST_BE_READABLE", 0),
    "UTF-8, read as GB18030": (CHINESE.format(5).encode(), "chinese_two_columns", "HEADER_MUST_BE_READABLE", 0),
    "one name in GBK": (f"{HEADER}{GOOD}2026-05-04,5,张三\n".encode("gbk"), "plain", "TEXT_MUST_BE_IN_ENCODING", 3),
    "UTF-16": ((HEADER + GOOD).encode("utf-16"), "plain", "HEADER_MUST_BE_READABLE", 0),
    "UTF-16 without its mark": ((HEADER + GOOD).encode("utf-16-le"), "plain", "HEADER_MUST_BE_READABLE", 0),
    "a workbook": (b"PK\x03\x04" + bytes(range(256)), "plain", "HEADER_MUST_BE_READABLE", 0),
    "nothing": (b"", "plain", "HEADER_MUST_BE_READABLE", 0),
    "lines that end as on old machines": (
        (HEADER + GOOD).replace("\n", "\r").encode(),
        "plain",
        "HEADER_MUST_BE_READABLE",
        0,
    ),
    "semicolons": ((HEADER + GOOD).replace(",", ";").encode(), "plain", "STATEMENT_DELIMITER_MUST_MATCH", 0),
    "tabs": ((HEADER + GOOD).replace(",", "\t").encode(), "plain", "STATEMENT_DELIMITER_MUST_MATCH", 0),
    "a title above the header": (f"对账单\n{HEADER}{GOOD}".encode(), "plain", "COLUMN_MUST_BE_THERE", 0),
    "a column twice": (b"booking_date,amount,amount\n", "plain", "COLUMN_MUST_NOT_REPEAT", 0),
    "thousands": (f'{HEADER}{GOOD}2026-05-04,"1,234.00",R\n'.encode(), "plain", "GROUPING_MUST_BE_LEFT_OUT", 3),
    "thousands that are none": (
        CHINESE.format('"1,23.00"').encode("gbk"),
        "chinese_two_columns",
        "CELL_MUST_BE_NUMBER",
        2,
    ),
    "separators in a row": (
        CHINESE.format('"1,,234.00"').encode("gbk"),
        "chinese_two_columns",
        "CELL_MUST_BE_NUMBER",
        2,
    ),
    "a power of ten": (f"{HEADER}2026-05-04,1e5,R\n".encode(), "plain", "CELL_MUST_BE_NUMBER", 2),
    "a sign behind": (f"{HEADER}2026-05-04,5.00-,R\n".encode(), "plain", "CELL_MUST_BE_NUMBER", 2),
    "wide figures": (f"{HEADER}2026-05-04,５.00,R\n".encode(), "plain", "CELL_MUST_BE_NUMBER", 2),
    "too much": (f"{HEADER}2026-05-04,99999999999999999.00,R\n".encode(), "plain", "AMOUNT_OUT_OF_BOUNDS", 2),
    "no day of a calendar": (f"{HEADER}\n\n2026-02-30,5,R\n".encode(), "plain", "CELL_MUST_BE_DATE", 4),
    "a sum below": (f"{HEADER}{GOOD}合计,5.00,\n".encode(), "plain", "CELL_MUST_BE_DATE", 3),
    "no date": (f"{HEADER}{GOOD},5.00,R\n".encode(), "plain", "CELL_MUST_NOT_BE_EMPTY", 3),
    "no amount": (f"{HEADER}2026-05-04,,R\n".encode(), "plain", "STATEMENT_AMOUNT_MUST_BE_ONE", 2),
    "a quote that stays open": (f'{HEADER}2026-05-04,5,"R\n{GOOD}'.encode(), "plain", "ROW_MUST_BE_WELL_FORMED", 2),
    "a cell too few": (f"{HEADER}2026-05-04,5\n".encode(), "plain", "ROW_MUST_HAVE_ALL_CELLS", 2),
    "a cell too many": (f"{HEADER}2026-05-04,5,R,x\n".encode(), "plain", "ROW_MUST_HAVE_ALL_CELLS", 2),
    "a zero byte": (f"{HEADER}2026-05-04,5,R\0\n".encode(), "plain", "CELL_MUST_BE_SHORT", 2),
    "a line without end": (f"{HEADER}2026-05-04,5,{'R' * 70_000}\n".encode(), "plain", "ROW_MUST_BE_WELL_FORMED", 2),
}


def reasons(refusal: Refusal) -> tuple[str, int]:
    """What is wrong, and in which line; 0 where it is the whole file."""
    told = refusal.metadata
    return told.get("cause", refusal.reason), int(told.get("line", 0))


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_what_is_wrong_and_where(name: str) -> None:
    content, mapping, reason, line = BAD[name]
    with pytest.raises(Refusal) as told:
        read(announced(mapping=mapping), content, "CNY")
    assert reasons(told.value) == (reason, line)


@pytest.mark.parametrize("name", ["GBK, read as UTF-8", "thousands that are none", "a zero byte"])
async def test_a_bad_file_lands_nothing_and_is_told_in_both_languages(bank: Bank, name: str) -> None:
    await bank.internal("central_bank_settlement", NOSTRO)
    content, mapping, reason, line = BAD[name]
    statement_id = await begun(bank, content, form=v1.BANK_STATEMENT_FORM_CSV, mapping_name=mapping)
    refusal = await bank.door.refused(landing(bank, statement_id))
    assert reasons(refusal) == (reason, line)
    assert await lines_of(bank, statement_id) == []


@pytest.mark.parametrize(
    ("content", "mapping"),
    [
        (b"\xef\xbb\xbf" + (HEADER + GOOD).encode(), "plain"),
        (b"\xef\xbb\xbf" + CHINESE.format("5.00").encode(), "chinese_two_columns"),
        ((HEADER + "\n,,\n" + GOOD + "\n  ,,\n\n").encode(), "plain"),
        ((HEADER + GOOD).replace("\n", "\r\n").encode(), "plain"),
        (CHINESE.format('"1,234,005.00"').replace("1,234,00", "").encode("gb18030"), "chinese_two_columns"),
    ],
)
def test_what_spreadsheets_add_is_read_over(content: bytes, mapping: str) -> None:
    (found,) = read(announced(mapping=mapping), content, "CNY").entries
    assert isinstance(found, StatementEntry)
    assert found.minor_units == 5_00


async def test_a_file_of_a_gigabyte_is_refused_before_it_is_sent(bank: Bank, tmp_path: Path) -> None:
    await bank.internal("central_bank_settlement", NOSTRO)
    asked = v1.BeginBankStatementRequest(
        request_id=bank.request_id(),
        account_id=NOSTRO,
        form=v1.BANK_STATEMENT_FORM_CSV,
        size_bytes=1 << 30,
        content_hash="0" * 64,
    )
    refusal = await bank.door.refused(asked)
    assert isinstance(refusal, RequestInvalid)
    assert [one.field for one in refusal.violations] == ["size_bytes"]
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(1 << 30)
    done = CliRunner().invoke(app, ["check", str(large)])
    assert done.exit_code == 1
    assert f"{FILE_BYTES_MAX} at most" in done.stderr


def test_a_file_is_checked_on_the_spot(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.xml", tmp_path / "bad.csv"
    good.write_bytes(camt(booking(500_00, "R-1"), booking(-20_00, "R-2")))
    bad.write_bytes(BAD["a sum below"][0])
    done = CliRunner().invoke(app, ["check", str(good), "--json"])
    assert (done.exit_code, '"closing": "CNY 480.00"' in done.stdout) == (0, True)
    done = CliRunner().invoke(app, ["check", str(bad)])
    assert done.exit_code == 1
    assert "STATEMENT_ROW_MUST_BE_GOOD: Line 3, booking_date" in done.stderr.replace("\n", " ")
