"""An import from a file (文件导入): received in parts, checked whole, then landed piece by piece, or abandoned.

Always true: good + bad = rows that were checked, landed ≤ good, and nothing is abandoned that began to land.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Refusal, Taken, Unmet
from zhongtai.kernel.tabular import Columns, Form, Source, TextEncoding

PART_BYTES = 524_288
ROWS_MAX = 5_000_000
FINDINGS_MAX = 100_000
FINDINGS_OF_ROW = 32
_THOUSAND = 1_000


class FileImportNotFound(Missing):
    """There is no import {import_id}: check the id.

    导入{import_id}不存在：请核对编号。
    """

    import_id: str


class FileAlreadySealed(Unmet):
    """The file of {import_id} was sealed: send further rows as another file.

    导入{import_id}的文件已封存：其余数据请另发文件。
    """

    import_id: str


class PartMustFollow(Unmet):
    """Part {expected} comes next, not part {number}: send the parts in order.

    下一部分应为第{expected}部分，而非第{number}部分：请按顺序发送。
    """

    number: int
    expected: int


class PartMustBeFull(Invalid):
    """Part {number} has {size} bytes where {expected} were announced: each part but the last is full.

    第{number}部分为{size}字节，应为{expected}字节：除末尾外每部分须满。
    """

    number: int
    size: int
    expected: int


class PartTaken(Taken):
    """Part {number} was received with other bytes: abandon the import, and begin again.

    第{number}部分已收到，但内容不同：请放弃该导入后重新开始。
    """

    number: int


class FileMustBeWhole(Unmet):
    """{received} of {size} bytes were received: send the rest before sealing the file.

    已收到{received}字节，共{size}字节：请发送其余部分后再封存。
    """

    received: int
    size: int


class FileMustMatchItsHash(Invalid):
    """The bytes that were received are not those announced: abandon the import, and send the file again.

    收到的内容与所报摘要不符：请放弃该导入后重新发送。
    """


class FileMustNotHaveMoreRows(Invalid):
    """The file has more than {maximum} rows: split it.

    文件超过{maximum}行：请拆分。
    """

    maximum: int


class FileMustBeChecked(Unmet):
    """The import is {phase}: it lands after all of it was checked.

    导入状态为{phase}：须全部校验后方可落地。
    """

    phase: str


class RowsMustAllBeGood(Unmet):
    """{bad_rows} rows are bad, and this import lands all or nothing: mend them, and send the file again.

    有{bad_rows}行有误，而该导入要求全部正确：请修改后重新发送。
    """

    bad_rows: int


class FileMustNotHaveLanded(Unmet):
    """The import is {phase}: what has landed stays.

    导入状态为{phase}：已落地的数据不可撤回。
    """

    phase: str


class ImportKind(StrEnum):
    """What the rows of a file are of."""

    LOANS = "LOANS"


class FileFormat(StrEnum):
    """How a file is written."""

    CSV = "CSV"
    PARQUET = "PARQUET"


class ImportPhase(StrEnum):
    """Where an import stands."""

    RECEIVING = "RECEIVING"
    CONVERTING = "CONVERTING"
    CHECKING = "CHECKING"
    CHECKED = "CHECKED"
    LANDING = "LANDING"
    LANDED = "LANDED"
    ABANDONING = "ABANDONING"
    ABANDONED = "ABANDONED"


@dataclass(frozen=True, slots=True)
class ImportTotal:
    """What the good rows of one group come to."""

    group: str
    rows: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Announced:
    """A file as it was announced."""

    kind: ImportKind
    format: FileFormat
    encoding: TextEncoding
    delimiter: str
    name: str
    size_bytes: int
    content_hash: str
    mapping: tuple[Source, ...]
    ignored_columns: tuple[str, ...]
    all_or_nothing: bool

    def told_by(self) -> str:
        """What tells it from a file with other bytes, or read another way, as a hash; its name does not."""
        said = [str(getattr(self, one.name)) for one in fields(Announced) if one.name != "name"]
        return sha256("\n".join(said).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of a file, or of its text; `starts_at` counts bytes from 0."""

    import_id: str
    text: bool
    number: int
    starts_at: int
    digest: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a row: the `number`th of it, from 0."""

    import_id: str
    line: int
    number: int
    key: str
    field: str
    reason: str
    sentence: str
    sentence_zh: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of some rows: how many are good, what those come to, and what is wrong with the others by line."""

    good: int
    totals: Sequence[ImportTotal]
    wrong: Sequence[tuple[int, str, Sequence[tuple[str, Refusal]]]]

    def findings(self, import_id: str) -> list[Finding]:
        """What is wrong, to be kept."""
        return [
            Finding(
                import_id, line, number, key, field, refusal.reason, refusal.sentence("en"), refusal.sentence("zh-CN")
            )
            for line, key, refusals in self.wrong
            for number, (field, refusal) in enumerate(refusals[:FINDINGS_OF_ROW])
        ]


@dataclass(frozen=True, slots=True)
class FileImport(Announced):
    """An import, and how far it is.

    `received_bytes` and `parts` are of the file as it was sent; `text_bytes` has the text it is read from, in which
    records begin at byte `begins`, on line `begins_line`. The next is at byte `cursor`, on `line`; so many `findings`
    are kept.
    """

    import_id: str
    fingerprint: str
    begun_at: datetime
    begun_by: str
    phase: ImportPhase = ImportPhase.RECEIVING
    received_bytes: int = 0
    parts: int = 0
    text_bytes: int = 0
    columns: Columns | None = None
    begins: int = 0
    begins_line: int = 0
    cursor: int = 0
    line: int = 0
    rows: int = 0
    good_rows: int = 0
    bad_rows: int = 0
    findings: int = 0
    landed_rows: int = 0
    pieces: int = 0
    totals: tuple[ImportTotal, ...] = ()

    @property
    def form(self) -> Form:
        """How its text is written."""
        return Form(self.encoding, self.delimiter)

    @property
    def progress(self) -> int:
        """How far the phase under way is, in thousandths."""
        if self.phase is ImportPhase.RECEIVING:
            return self.received_bytes * _THOUSAND // self.size_bytes
        if self.phase in (ImportPhase.CHECKING, ImportPhase.LANDING):
            return self.cursor * _THOUSAND // max(self.text_bytes, 1)
        return 0 if self.phase in (ImportPhase.CONVERTING, ImportPhase.ABANDONING) else _THOUSAND

    def append(self, number: int, content: bytes, received: Part | None) -> tuple["FileImport", Part | None]:
        """The file with one more part; none where that very part is there (`received`) already."""
        digest = sha256(content).hexdigest()
        if received is not None:
            if received.digest != digest:
                raise PartTaken(number=number)
            return self, None
        if self.phase is not ImportPhase.RECEIVING:
            raise FileAlreadySealed(import_id=self.import_id)
        if number != self.parts:
            raise PartMustFollow(number=number, expected=self.parts)
        expected = min(PART_BYTES, self.size_bytes - self.received_bytes)
        if len(content) != expected:
            raise PartMustBeFull(number=number, size=len(content), expected=expected)
        text = self.format is FileFormat.CSV
        part = Part(self.import_id, text, number, self.received_bytes, digest, content)
        return replace(self, parts=number + 1, received_bytes=self.received_bytes + len(content)), part

    def must_be_whole(self, digests: Iterable[str]) -> None:
        """Refuses a file that is cut off, or is not the one announced."""
        if self.received_bytes != self.size_bytes:
            raise FileMustBeWhole(received=self.received_bytes, size=self.size_bytes)
        if sha256(b"".join(map(bytes.fromhex, digests))).hexdigest() != self.content_hash:
            raise FileMustMatchItsHash

    def seal(self, columns: Columns, begins: int, line: int) -> "FileImport":
        """The file, its columns found: records begin at that byte, on that line."""
        parquet = self.format is FileFormat.PARQUET
        return replace(
            self,
            phase=ImportPhase.CONVERTING if parquet else ImportPhase.CHECKING,
            columns=columns,
            text_bytes=0 if parquet else self.size_bytes,
            begins=begins,
            begins_line=line,
            cursor=begins,
            line=line,
        )

    def converted(self, rows: int, text_bytes: int, *, more: bool) -> "FileImport":
        """So many more rows are written out as text; once all are, they are checked."""
        further = replace(self, cursor=self.cursor + rows, text_bytes=self.text_bytes + text_bytes)
        return further if more else replace(further, phase=ImportPhase.CHECKING, cursor=0)

    def read(self, taken: int, lines: int) -> "FileImport":
        """The import once so many bytes and lines more were dealt with."""
        return replace(self, cursor=self.cursor + taken, line=self.line + lines)

    def find(self, checked: Checked) -> tuple["FileImport", list[Finding]]:
        """The import with what is wrong with some rows, which is to be kept as far as there is room."""
        found = checked.findings(self.import_id)[: FINDINGS_MAX - self.findings]
        return replace(self, findings=self.findings + len(found)), found

    def with_checked(self, checked: Checked) -> "FileImport":
        """The import once some rows were checked."""
        rows = self.rows + checked.good + len(checked.wrong)
        if rows > ROWS_MAX:
            raise FileMustNotHaveMoreRows(maximum=ROWS_MAX)
        good, bad = self.good_rows + checked.good, self.bad_rows + len(checked.wrong)
        return replace(self, rows=rows, good_rows=good, bad_rows=bad, totals=_added(self.totals, checked.totals))

    def with_landed(self, landed: Checked) -> "FileImport":
        """The import with one more piece landed; a row that something else has made bad meanwhile is a bad one now."""
        late = len(landed.wrong)
        rows = (self.good_rows - late, self.bad_rows + late, self.landed_rows + landed.good)
        assert rows[2] <= rows[0], "no more rows land than are good"
        return replace(self, good_rows=rows[0], bad_rows=rows[1], landed_rows=rows[2], pieces=self.pieces + 1)

    @property
    def read_through(self) -> bool:
        """True where the text has no more rows."""
        return self.cursor >= self.text_bytes

    def ended(self) -> "FileImport":
        """The import once its phase has come to its end."""
        following = {
            ImportPhase.CHECKING: ImportPhase.CHECKED,
            ImportPhase.LANDING: ImportPhase.LANDED,
            ImportPhase.ABANDONING: ImportPhase.ABANDONED,
        }
        return replace(self, phase=following[self.phase])

    def land(self) -> "FileImport":
        """Lets the good rows land; changes nothing where they do, or did."""
        if self.phase in (ImportPhase.LANDING, ImportPhase.LANDED):
            return self
        if self.phase is not ImportPhase.CHECKED:
            raise FileMustBeChecked(phase=self.phase)
        if self.all_or_nothing and self.bad_rows:
            raise RowsMustAllBeGood(bad_rows=self.bad_rows)
        return replace(self, phase=ImportPhase.LANDING, cursor=self.begins, line=self.begins_line)

    def abandon(self) -> "FileImport":
        """Gives it up before it lands; changes nothing where it was given up."""
        if self.phase in (ImportPhase.ABANDONING, ImportPhase.ABANDONED):
            return self
        if self.phase in (ImportPhase.LANDING, ImportPhase.LANDED):
            raise FileMustNotHaveLanded(phase=self.phase)
        return replace(self, phase=ImportPhase.ABANDONING)


def begin(import_id: str, announced: Announced, *, now: datetime, subject: str) -> FileImport:
    """An import that waits for the first part of its file."""
    said = {one.name: getattr(announced, one.name) for one in fields(announced)}
    return FileImport(**said, import_id=import_id, fingerprint=announced.told_by(), begun_at=now, begun_by=subject)


def _added(totals: Iterable[ImportTotal], more: Iterable[ImportTotal]) -> tuple[ImportTotal, ...]:
    """The totals by group and currency, in order."""
    found: dict[tuple[str, str], ImportTotal] = {}
    for one in (*totals, *more):
        key = (one.group, one.amount.currency)
        had = found.get(key)
        found[key] = one if had is None else ImportTotal(one.group, had.rows + one.rows, had.amount + one.amount)
    return tuple(found[key] for key in sorted(found))
