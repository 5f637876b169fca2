"""Statements: a line is itself in every file, and what does not add up is refused."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.bank_statement.domain import (
    AnnouncedStatement,
    BankStatementForm,
    StatementContent,
    StatementEntry,
)
from zhongtai.operations.bank_statement.reading import read
from zhongtai.operations.bank_statement.store import MAPPINGS

ENTRIES = st.builds(
    StatementEntry,
    line=st.integers(1, 100),
    booking_date=st.dates(date(2026, 5, 1), date(2026, 5, 3)),
    value_date=st.just(date(2026, 5, 1)),
    minor_units=st.integers(-3, 3),
    reference=st.sampled_from(["", "R-1"]),
)


def announced(form: BankStatementForm = BankStatementForm.CSV, mapping: str = "plain") -> AnnouncedStatement:
    return AnnouncedStatement(
        account_id="acc_1",
        external_account="",
        form=form,
        mapping=MAPPINGS[mapping],
        name="",
        size_bytes=1,
        content_hash="",
    )


def rows(text: str, mapping: str = "plain", encoding: str = "utf-8") -> list[StatementEntry]:
    return list(read(announced(mapping=mapping), text.encode(encoding), "CNY").entries)


@given(st.lists(ENTRIES, max_size=12), st.integers(0, 12))
def test_files_that_overlap_bring_each_line_once(entries: list[StatementEntry], cut: int) -> None:
    def ids(part: list[StatementEntry]) -> list[str]:
        return StatementContent("CNY", part).line_ids("acc_1")

    whole = ids(entries)
    assert len(set(whole)) == len(entries)
    assert set(ids(entries[:cut])) <= set(whole)
    assert set(ids(entries[cut:])) <= set(whole)


def test_the_id_of_a_line_never_changes_its_form() -> None:
    said = StatementEntry(
        3, date(2026, 5, 4), date(2026, 5, 5), -1234, "R'1", counterparty_name="张三\\", remittance_information="结息"
    )
    # What was landed by the first release: a line of an old file is known again for ever.
    first, second = "76d698f5680e2404320fbd4cfaddfef3", "cd7636fc1b61cc070bb7decf672c9ed5"
    assert StatementContent("CNY", [said, said]).line_ids("acc_1") == [first, second]


@pytest.mark.parametrize(
    ("text", "mapping", "encoding", "minor_units"),
    [
        ("booking_date,amount\n2026-05-04,12.34\n20260504,-0.01\n", "plain", "utf-8", [1234, -1]),
        ("booking_date,amount,side\n2026/05/04,12.34,DBIT\n2026/05/04,5,c\n", "plain", "utf-8", [-1234, 500]),
        (
            '交易日期,借方发生额,贷方发生额,流水号,对方户名,对方账号,摘要\n20260504,0.00,"1,234.56",1,张三,6222,工资\n'
            "20260504,8.00,,2,李四,6223,手续费\n",
            "chinese_two_columns",
            "gbk",
            [123456, -800],
        ),
        (
            "交易日期,交易金额,借贷标志,流水号,对方户名,对方账号,摘要,余额\n20260504,9,贷,1,,,,9\n20260504,2,借,2,,,,7\n",
            "chinese_side",
            "gb18030",
            [900, -200],
        ),
    ],
)
def test_files_are_read_as_banks_write_them(text: str, mapping: str, encoding: str, minor_units: list[int]) -> None:
    found = rows(text, mapping, encoding)
    assert [one.minor_units for one in found] == minor_units
    assert {one.booking_date for one in found} == {date(2026, 5, 4)}


@pytest.mark.parametrize(
    ("row", "field", "cause"),
    [
        ("2026-05-04,12.345,,", "amount", "AMOUNT_MUST_BE_IN_MINOR_UNITS"),
        ('2026-05-04,"1,234.00",,', "amount", "GROUPING_MUST_BE_LEFT_OUT"),
        ("04.05.2026,1,,", "booking_date", "CELL_MUST_BE_DATE"),
        ("2026-05-04,,,", "amount", "STATEMENT_AMOUNT_MUST_BE_ONE"),
        ("2026-05-04,1,1,", "amount", "STATEMENT_AMOUNT_MUST_BE_ONE"),
        ("2026-05-04,1,,USD", "currency", "CURRENCY_MUST_MATCH"),
        ("2026-05-04,1", "*", "ROW_MUST_HAVE_ALL_CELLS"),
    ],
)
def test_a_bad_row_refuses_the_file_with_its_line_and_field(row: str, field: str, cause: str) -> None:
    with pytest.raises(Refusal) as told:
        rows(f"booking_date,amount,credit,currency\n2026-05-04,1,,CNY\n{row}\n")
    assert told.value.reason == "STATEMENT_ROW_MUST_BE_GOOD"
    assert (told.value.metadata["line"], told.value.metadata["field"], told.value.metadata["cause"]) == (
        "3",
        field,
        cause,
    )


def test_a_side_that_is_none_is_refused() -> None:
    with pytest.raises(Refusal) as told:
        rows("booking_date,amount,side\n2026-05-04,1,left\n")
    assert told.value.metadata["cause"] == "STATEMENT_SIDE_MUST_BE_KNOWN"


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_every_mapping_that_ships_reads_a_file_with_its_columns(mapping: str) -> None:
    columns = [one.column for one in MAPPINGS[mapping].columns] or ["booking_date", "amount"]
    samples = {"交易日期": "20260504", "booking_date": "20260504", "借方发生额": "0.00", "借贷标志": "贷"}
    cells = [samples.get(name, "5.00") for name in columns]
    codec = MAPPINGS[mapping].encoding.codec
    (found,) = rows(",".join(columns) + "\n" + ",".join(cells) + "\n", mapping, codec)
    assert found.minor_units == 500
