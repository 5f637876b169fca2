"""Files of rows (文件): their records, and which of our fields each column holds. What a cell says is in `cells`.

A file is bytes in UTF-8 or GB18030 (which holds GBK), its records by RFC 4180. No byte of a longer character is a line
feed, a quote or a separator in either, so records are found in the bytes and every one is decoded by itself: a file may
be read from any record on. Nothing goes through a float.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from zhongtai.kernel.refusals import Invalid, Refusal

RECORD_BYTES_MAX = 1 << 16
COLUMNS_MAX = 256
_SHOWN = 40
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class HeaderMustBeReadable(Invalid):
    """Line 1 names no columns in {encoding}: send a file whose first line does, or name its encoding (UTF_8, GB18030).

    第1行无法按{encoding}读出列名：请提供首行为列名的文件，或指明其编码（UTF_8或GB18030）。
    """

    encoding: str


class ColumnMustNotRepeat(Invalid):
    """The column {column} stands twice in the file: keep one of them.

    列“{column}”重复出现：请只保留一列。
    """

    column: str


class ColumnMustBeKnown(Invalid):
    """The column {column} is none of ours ({nearest} is near): map it to a field, or have it ignored.

    列“{column}”无法识别（相近字段：{nearest}）：请映射到字段，或声明忽略。
    """

    column: str
    nearest: str


class ColumnMustBeThere(Invalid):
    """The file has no column for {field}: add the column {column}, or map another one or a constant to the field.

    文件缺少字段{field}所需的列“{column}”：请补充该列，或为该字段映射其他列或常量。
    """

    field: str
    column: str


class FieldMustBeKnown(Invalid):
    """The mapping names the field {field}, which there is not ({nearest} is near): use one of the fields.

    映射中的字段{field}不存在（相近字段：{nearest}）：请使用已有字段。
    """

    field: str
    nearest: str


class ColumnMustBeExact(Invalid):
    """The column {column} holds floating-point numbers, which are not exact: write {field} as decimals or as texts.

    列“{column}”为浮点数，不能精确表示：请将{field}写为定点小数或文本。
    """

    column: str
    field: str


class RowMustBeWellFormed(Invalid):
    """The line is no record of the file: check its quotes and its length.

    该行不是有效记录：请检查引号与长度。
    """


class RowMustHaveAllCells(Invalid):
    """The line has {found} cells, the header {expected}: write one cell for each column.

    该行有{found}个单元格，表头有{expected}列：每列须有一个单元格。
    """

    found: int
    expected: int


class TextMustBeInEncoding(Invalid):
    """The line is not in {encoding}: name the encoding of the file (UTF_8 or GB18030), or save it in that one.

    该行不是{encoding}编码：请指明文件编码（UTF_8或GB18030），或另存为该编码。
    """

    encoding: str


class TextEncoding(StrEnum):
    """How the text of a file is written."""

    UTF_8 = "UTF_8"
    GB18030 = "GB18030"

    @property
    def codec(self) -> str:
        """Its name in Python."""
        return "gb18030" if self is TextEncoding.GB18030 else "utf-8"


class Content(StrEnum):
    """What a field holds."""

    TEXT = "TEXT"
    DATE = "DATE"
    AMOUNT = "AMOUNT"
    DECIMAL = "DECIMAL"
    WHOLE = "WHOLE"

    @property
    def exact(self) -> bool:
        """True where a floating-point number would lose something."""
        return self in (Content.AMOUNT, Content.DECIMAL, Content.WHOLE)


@dataclass(frozen=True, slots=True)
class Field:
    """One of our fields: its name, what it holds, whether each row must fill it in, and how long a text may be."""

    name: str
    content: Content = Content.TEXT
    required: bool = True
    longest: int = 64


@dataclass(frozen=True, slots=True)
class Source:
    """Where the cells of a field come from: a column of the file, or one constant for all rows."""

    field: str
    column: str = ""
    constant: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field's cell stands in a record, by its place; a text stands for itself."""

    width: int
    sources: tuple[int | str, ...]

    def cells(self, record: Sequence[str]) -> tuple[str, ...]:
        """The cells of the fields, in their order."""
        return tuple([record[source] if isinstance(source, int) else source for source in self.sources])


@dataclass(frozen=True, slots=True)
class Layout:
    """The fields of a kind of file, in order; the first is the key of a row."""

    fields: tuple[Field, ...]

    def columns(self, header: Sequence[str], mapping: Sequence[Source], ignored: Sequence[str]) -> Columns:
        """Finds every field. Raises the refusals of columns; `*` among the ignored is every column not mapped."""
        names = [one.name for one in self.fields]
        for name in header:
            if header.count(name) > 1:
                raise ColumnMustNotRepeat(column=name[:_SHOWN])
        mapped = {one.field: one for one in mapping}
        for name in mapped:
            if name not in names:
                raise FieldMustBeKnown(field=name[:_SHOWN], nearest=_nearest(name, names))
        places = {name: place for place, name in enumerate(header)}
        sources: list[int | str] = []
        for one in self.fields:
            source = mapped.get(one.name, Source(one.name))
            column = source.column or one.name
            if source.constant:
                sources.append(source.constant)
            elif column in places:
                sources.append(places[column])
            elif one.required or source.column:
                raise ColumnMustBeThere(field=one.name, column=column[:_SHOWN])
            else:
                sources.append("")
        used = {source for source in sources if isinstance(source, int)}
        for place, name in enumerate(header):
            if place not in used and name not in ignored and "*" not in ignored:
                raise ColumnMustBeKnown(column=name[:_SHOWN], nearest=_nearest(name, names))
        return Columns(len(header), tuple(sources))


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its first line, and its cells, or why it has none."""

    line: int
    cells: tuple[str, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Records that were read; how many bytes and lines they took."""

    records: list[Record]
    taken: int
    lines: int


@dataclass(frozen=True, slots=True)
class Form:
    """How a file of separated values is written."""

    encoding: TextEncoding = TextEncoding.UTF_8
    delimiter: str = ","

    def header(self, content: bytes) -> tuple[list[str], int, int]:
        """The names of the columns, and how many bytes and lines they take. Raises `HeaderMustBeReadable`."""
        mark = len(_BYTE_ORDER_MARK) if content.startswith(_BYTE_ORDER_MARK) else 0
        read = self.read(content[mark:], most=1, line=1, final=True)
        names = [name for record in read.records if record.line == 1 for name in record.cells]
        if (
            not any(names)
            or len(names) > COLUMNS_MAX
            or not all(name and name.replace("\t", "").isprintable() for name in names)
        ):
            raise HeaderMustBeReadable(encoding=self.encoding)
        return names, mark + read.taken, read.lines

    def read(self, content: bytes, *, most: int, line: int, final: bool) -> Reading:
        """At most so many records of the bytes, the first on that line; `final` where the file ends with them.

        Where more bytes follow, a record they might go on in is left for later. Empty lines are passed over.
        """
        records: list[Record] = []
        at, lines = 0, 0
        while at < len(content) and len(records) < most:
            if not final and len(content) - at < RECORD_BYTES_MAX:
                break
            end = content.find(b"\n", at) + 1 or len(content)
            first = content[at:end]
            if b'"' in first:
                record, end, taken = self._quoted(content, at, end, line + lines)
                records.append(record)
            else:
                taken = 1
                if stripped := first.strip(b"\r\n"):
                    records.append(self._plain(stripped, line + lines))
            at, lines = end, lines + taken
        return Reading(records, at, lines)

    def _plain(self, written: bytes, line: int) -> Record:
        if len(written) > RECORD_BYTES_MAX or b"\r" in written:
            return Record(line, refusal=RowMustBeWellFormed())
        try:
            text = written.decode(self.encoding.codec)
        except UnicodeDecodeError:
            return Record(line, refusal=TextMustBeInEncoding(encoding=self.encoding))
        return Record(line, tuple([cell.strip() for cell in text.split(self.delimiter)]))

    def _quoted(self, content: bytes, at: int, end: int, line: int) -> tuple[Record, int, int]:
        """A record with quotes, which may go on over lines. One that does not close is bad by its first line alone."""
        taken: list[int] = []

        def lines() -> Iterator[str]:
            start = at
            while start < len(content) and start - at < RECORD_BYTES_MAX:
                stop = content.find(b"\n", start) + 1 or len(content)
                taken.append(stop)
                yield content[start:stop].decode(self.encoding.codec)
                start = stop

        try:
            cells = next(csv.reader(lines(), delimiter=self.delimiter, strict=True), [])
        except UnicodeDecodeError:
            # A later line may be another record, which an unclosed quote has run into.
            refusal = RowMustBeWellFormed() if len(taken) > 1 else TextMustBeInEncoding(encoding=self.encoding)
            return Record(line, refusal=refusal), end, 1
        except csv.Error:
            return Record(line, refusal=RowMustBeWellFormed()), end, 1
        return Record(line, tuple([cell.strip() for cell in cells])), taken[-1], len(taken)


def _nearest(name: str, names: Sequence[str]) -> str:
    return next(iter(get_close_matches(name, names, n=1, cutoff=0.3)), names[0])
