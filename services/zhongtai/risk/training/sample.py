"""The applicants a scorecard is trained from: a CSV file read into columns, and its honest split into two halves."""

import csv
import hashlib
import io
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zhongtai.kernel.refusals import Invalid
from zhongtai.risk.training.binning import Words
from zhongtai.risk.training.measures import Booleans

SMALLEST_OF_EACH = 50
COLUMN_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")

# Words in a column's name that mark what the law of many countries keeps out of a credit decision.
PROTECTED_WORDS = frozenset(
    {"sex", "gender", "race", "ethnic", "ethnicity", "nationality", "foreign", "religion", "marital"}
    | {"personal", "pregnancy", "disability"}
)


class ColumnsUnknown(Invalid):
    """The file has no column {columns}: its columns are {known}.

    文件中没有列{columns}：现有列为{known}。
    """

    columns: str
    known: str


class ColumnNamesMustBePlain(Invalid):
    """Rename the columns {columns}: small letters, digits and underscores, beginning with a letter, each name once.

    请重命名列{columns}：仅用小写字母、数字和下划线，以字母开头，且不得重复。
    """

    columns: str


class RowsMustFitHeader(Invalid):
    """Row {row} of the file has not as many fields as its header: mend the file.

    文件第{row}行的字段数与表头不符：请修正文件。
    """

    row: int


class SampleTooSmall(Invalid):
    """The file has {goods} goods and {bads} bads by "{bad}"; at least {smallest} of each are needed: check
    which value means bad.

    按“{bad}”计，文件中有{goods}个好客户、{bads}个坏客户；每类至少需要{smallest}个：请核对哪个值表示坏客户。
    """

    goods: int
    bads: int
    bad: str
    smallest: int


class FileMustBeUtf8(Invalid):
    """The file is not UTF-8 text: save it as UTF-8.

    文件不是UTF-8文本：请另存为UTF-8编码。
    """


@dataclass(frozen=True, slots=True)
class Sample:
    """The applicants of a file: columns of texts of one length ("" is missing), and who was bad."""

    columns: Mapping[str, Words]
    bad: Booleans
    sha256: str


def read(path: Path, target: str, bad: str) -> Sample:
    """Reads a CSV file in UTF-8. Spaces around a value do not count; an empty value is missing."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileMustBeUtf8() from error
    rows = list(csv.reader(io.StringIO(text)))
    header, body = (rows[0], [row for row in rows[1:] if row]) if rows else ([], [])
    must_be_columns({target}, header)
    wrong = [name for name in header if not COLUMN_NAME.fullmatch(name) or header.count(name) > 1]
    if wrong:
        raise ColumnNamesMustBePlain(columns=", ".join(wrong))
    for number, row in enumerate(body, start=2):
        if len(row) != len(header):
            raise RowsMustFitHeader(row=number)
    columns = {
        name: np.array([value.strip() for value in values], dtype=np.str_)
        for name, values in zip(header, zip(*body, strict=True), strict=False)
    }
    is_bad: Booleans = columns.pop(target, np.array([], dtype=np.str_)) == bad
    goods, bads = int((~is_bad).sum()), int(is_bad.sum())
    if min(goods, bads) < SMALLEST_OF_EACH:
        raise SampleTooSmall(goods=goods, bads=bads, bad=bad, smallest=SMALLEST_OF_EACH)
    return Sample(columns, is_bad, hashlib.sha256(content).hexdigest())


def is_protected(column: str) -> bool:
    """Whether a column's name holds a protected word."""
    return not PROTECTED_WORDS.isdisjoint(column.split("_"))


def split(sample: Sample, seed: int) -> Booleans:
    """Which applicants are of the development sample: half of the goods and half of the bads.

    Who is chosen hangs on the seed and the applicant's own attributes alone, not on the order of the file;
    applicants with the very same attributes stay in their order.
    """
    rows = zip(*(sample.columns[name] for name in sorted(sample.columns)), strict=True)
    keys = [hashlib.sha256("\x1f".join((str(seed), *row)).encode()).digest() for row in rows]
    development = np.zeros(len(sample.bad), dtype=np.bool_)
    for those in (~sample.bad, sample.bad):
        ordered = sorted((int(row) for row in np.flatnonzero(those)), key=lambda row: keys[row])
        development[ordered[: (len(ordered) + 1) // 2]] = True
    return development


def must_be_columns(names: Collection[str], columns: Collection[str]) -> None:
    """Refuses names that no column has, telling those there are."""
    if unknown := sorted(set(names).difference(columns)):
        raise ColumnsUnknown(columns=", ".join(unknown), known=", ".join(columns))
