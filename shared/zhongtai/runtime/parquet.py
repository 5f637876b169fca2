"""Apache Parquet files as exact texts, read by DuckDB, which is loaded when the first such file is read.

A cell is told as a person would write it: decimals with all their places, dates as 2026-01-31, nothing as an empty
text. Floating-point columns are told apart by `Column.exact`, so that no amount is ever read from one.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from zhongtai.kernel.refusals import Invalid

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_PLAIN = {"VARCHAR", "BOOLEAN", "DATE", "FLOAT", "DOUBLE", *_WHOLE, *(f"U{kind}" for kind in _WHOLE)}
# One thread and little memory: whoever reads a file shares the machine with those who are served meanwhile.
_SETTINGS = {"threads": 1, "memory_limit": "256MB", "autoinstall_known_extensions": False}


class ParquetMustBeReadable(Invalid):
    """The file cannot be read as Parquet: it is cut off, or written as something else.

    文件无法按Parquet读取：文件不完整或为其他格式。
    """


class ColumnMustBePlain(Invalid):
    """The column {column} holds {holds}, which is no plain value: write it as a text, a number or a date.

    列“{column}”的类型为{holds}，不是普通值：请写成文本、数字或日期。
    """

    column: str
    holds: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, and its type as DuckDB calls it."""

    name: str
    kind: str

    @property
    def exact(self) -> bool:
        """False where its numbers are floating-point."""
        return self.kind not in ("FLOAT", "DOUBLE")

    @property
    def text(self) -> str:
        """The expression of its cells as texts; an instant at midnight is the date it begins."""
        quoted = '"' + self.name.replace('"', '""') + '"'
        text = f"CAST({quoted} AS VARCHAR)"
        if self.kind.startswith("TIMESTAMP"):
            day = f"CAST({quoted} AS DATE)"
            text = f"CASE WHEN {quoted} = {day} THEN CAST({day} AS VARCHAR) ELSE {text} END"
        return f"COALESCE({text}, '')"


@dataclass(frozen=True, slots=True)
class Parquet:
    """A Parquet file that was looked at."""

    path: Path
    columns: tuple[Column, ...]
    rows: int

    def texts(self, first: int, most: int) -> Sequence[Sequence[str]]:
        """At most so many rows from the `first` on, from 0. Raises `ParquetMustBeReadable`."""
        cells = ", ".join(column.text for column in self.columns)
        between = "file_row_number >= ? AND file_row_number < ? ORDER BY file_row_number"
        statement = f"SELECT {cells} FROM read_parquet(?, file_row_number = true) WHERE {between}"
        found: Sequence[Sequence[str]] = _asked(statement, [str(self.path), first, first + most])
        return found


def opened(path: Path) -> Parquet:
    """Looks at a file. Raises `ParquetMustBeReadable`, `ColumnMustBePlain`."""
    described = _asked("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)])
    ((rows,),) = _asked("SELECT COALESCE(SUM(num_rows), 0) FROM parquet_file_metadata(?)", [str(path)])
    columns = tuple(Column(row[0], row[1]) for row in described)
    for column in columns:
        if not column.kind.startswith(("DECIMAL", "TIMESTAMP")) and column.kind not in _PLAIN:
            raise ColumnMustBePlain(column=column.name[:40], holds=column.kind[:40])
    return Parquet(path, columns, int(rows))


def _asked(statement: str, parameters: Sequence[Any]) -> list[Any]:
    duckdb = import_module("duckdb")
    with closing(duckdb.connect(":memory:", config=_SETTINGS)) as connection:
        try:
            found: list[Any] = connection.execute(statement, parameters).fetchall()
        except duckdb.Error:
            raise ParquetMustBeReadable from None
        return found
