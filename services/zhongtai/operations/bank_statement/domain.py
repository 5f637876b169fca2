"""A bank statement (对账单): a file that another bank sent of an account we keep with it, and its lines.

Always true: a line of an account is there once, in however many files it comes; a statement lands whole or not at all;
where it has balances, the opening one and the lines come to the closing one. Amounts are above zero where the other
bank credits us, which is where our own account is debited.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet
from zhongtai.kernel.tabular import Source, TextEncoding
from zhongtai.operations.account.domain import Account, AccountClass

PART_BYTES = 524_288
FILE_BYTES_MAX = 64 * 1024 * 1024
LINES_MAX = 1_000_000
TEXT_MAX = 500


class BankStatementNotFound(Missing):
    """There is no statement {statement_id}: check the id.

    对账单{statement_id}不存在：请核对编号。
    """

    statement_id: str


class StatementAccountMustBeOurs(Invalid):
    """{account_id} is a customer's account: statements are of our own accounts with other banks.

    {account_id}为客户账户：对账单须对应本行在他行的账户。
    """

    account_id: str


class StatementMappingNotFound(Missing):
    """There is no mapping {mapping_name}: use one of {known}, or give the columns.

    列映射{mapping_name}不存在：请使用{known}之一，或直接给出列。
    """

    mapping_name: str
    known: str


class StatementPartMustFollow(Unmet):
    """Part {expected} comes next, not part {number}: send the parts in order, each but the last full.

    下一部分应为第{expected}部分，而非第{number}部分：请按顺序发送，除末尾外每部分须满。
    """

    number: int
    expected: int


class StatementPartTaken(Taken):
    """Part {number} was received with other bytes: begin again with the file as it is.

    第{number}部分已收到，但内容不同：请以完整文件重新开始。
    """

    number: int


class StatementFileMustBeWhole(Unmet):
    """{received} of {size} bytes were received, or others than those announced: send the file again.

    已收到{received}字节，共{size}字节，或内容与所报摘要不符：请重新发送文件。
    """

    received: int
    size: int


class StatementFileMustBeShort(Invalid):
    """The file has {size} bytes, {maximum} at most: ask the bank for statements of fewer days.

    文件为{size}字节，最多{maximum}字节：请向对方银行索取较短期间的对账单。
    """

    size: int
    maximum: int


class StatementDelimiterMustMatch(Invalid):
    """The first line is one cell, “{header}”: name what separates the cells in the mapping; “{delimiter}” does not.

    首行只有一个单元格“{header}”：请在列映射中填写正确的分隔符，“{delimiter}”不是。
    """

    header: str
    delimiter: str


class StatementRowMustBeGood(Invalid):
    """Line {line}, {field}: {wrong}

    第{line}行，{field}：{wrong_zh}
    """

    line: int
    field: str
    wrong: str
    wrong_zh: str
    cause: str


class StatementAmountMustBeOne(Invalid):
    """State either amount, with its side or its sign, or one of credit and debit.

    请填写amount（带方向或正负号），或credit与debit之一。
    """


class StatementSideMustBeKnown(Invalid):
    """The side “{text}” is none of {known}.

    方向“{text}”无法识别，应为{known}之一。
    """

    text: str
    known: str


class StatementMustBeOfOneAccount(Invalid):
    """The file has no statement of the account {external_account}; it has {found}: name one of them.

    文件中没有账户{external_account}的对账单，仅有{found}：请指明其中之一。
    """

    external_account: str
    found: str


class StatementMustAddUp(Invalid):
    """{opening} and lines of {moved} do not come to {closing}: ask the bank for the whole statement.

    期初{opening}加发生额{moved}不等于期末{closing}：请向对方银行索取完整对账单。
    """

    opening: Money
    moved: Money
    closing: Money


class StatementMustNotHaveMoreLines(Invalid):
    """The statement has more than {maximum} lines: split it.

    对账单超过{maximum}行：请拆分。
    """

    maximum: int


class BankStatementForm(StrEnum):
    """How the file is written."""

    CAMT_053 = "CAMT_053"
    CSV = "CSV"


class BankStatementStatus(StrEnum):
    """How a statement stands."""

    RECEIVING = "RECEIVING"
    LANDED = "LANDED"


@dataclass(frozen=True, slots=True)
class StatementMapping:
    """How a bank writes its files: which column holds which of our fields, and what stands between thousands."""

    name: str
    title: str
    title_zh: str
    encoding: TextEncoding
    delimiter: str
    thousands: str
    columns: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedStatement:
    """A file as it was announced; `external_account` is our account's number with the other bank."""

    account_id: str
    external_account: str
    form: BankStatementForm
    mapping: StatementMapping
    name: str
    size_bytes: int
    content_hash: str

    def told_by(self) -> str:
        """What tells it from a file with other bytes, or read another way, as a hash; its name does not."""
        said = [repr(getattr(self, one.name)) for one in fields(AnnouncedStatement) if one.name != "name"]
        return sha256("\n".join(said).encode()).hexdigest()


class StatementEntry(NamedTuple):
    """One line as the other bank tells it, in minor units of the account; `line` is where it stands in the file."""

    line: int
    booking_date: date
    value_date: date
    minor_units: int
    reference: str
    end_to_end_id: str = ""
    counterparty_name: str = ""
    counterparty_account: str = ""
    remittance_information: str = ""
    bank_transaction_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """A line that landed, and the match that it is part of, if it is of one; `by_hand` where only people match it."""

    line_id: str
    account_id: str
    statement_id: str
    line: int
    booking_date: date
    value_date: date
    amount: Money
    reference: str
    end_to_end_id: str
    counterparty_name: str
    counterparty_account: str
    remittance_information: str
    bank_transaction_code: str
    match_id: str = ""
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class StatementContent:
    """What a file says: its lines in one currency, and the balances before and after them where it has them."""

    currency: str
    entries: Sequence[StatementEntry]
    opening: Money | None = None
    closing: Money | None = None

    def must_add_up(self) -> "StatementContent":
        """The content itself; refuses one that is too long, or whose balances are not those of its lines."""
        if len(self.entries) > LINES_MAX:
            raise StatementMustNotHaveMoreLines(maximum=LINES_MAX)
        moved = Money(self.currency, sum(entry.minor_units for entry in self.entries))
        if self.opening is not None and self.closing is not None and self.opening + moved != self.closing:
            raise StatementMustAddUp(opening=self.opening, moved=moved, closing=self.closing)
        return self

    def line_ids(self, account_id: str) -> list[str]:
        """The ids of the lines, which they have in every file: of equal lines the first, the second and so on.

        An id is a hash of what the line says; where it stands is left out, for files may overlap. What is hashed never
        changes its form: a line that landed years ago is found by it.
        """
        days = {day: repr(day) for entry in self.entries for day in entry[1:3]}
        seen: Counter[str] = Counter()
        found = []
        for _, booked, valued, minor_units, *texts in self.entries:
            amount = f"Money(currency={self.currency!r}, minor_units={minor_units})"
            said = "\n".join([days[booked], days[valued], amount, *map(repr, texts)])
            told = sha256(said.encode()).hexdigest()
            seen[told] += 1
            found.append(sha256(f"{account_id}\n{told}\n{seen[told]}".encode()).hexdigest()[:32])
        return found


def must_be_short(size_bytes: int) -> int:
    """The size of a file itself; refuses one that is too long to be read whole."""
    if size_bytes > FILE_BYTES_MAX:
        raise StatementFileMustBeShort(size=size_bytes, maximum=FILE_BYTES_MAX)
    return size_bytes


def must_be_ours(account: Account) -> Account:
    """The account itself; refuses a customer's."""
    if account.account_class is not AccountClass.INTERNAL:
        raise StatementAccountMustBeOurs(account_id=account.account_id)
    return account


@dataclass(frozen=True, slots=True)
class BankStatementLanded:
    """A statement was taken over."""

    statement_id: str
    account_id: str
    lines: int
    closing: Money | None


@dataclass(frozen=True, slots=True)
class StatementPart:
    """Some bytes of a file."""

    statement_id: str
    number: int
    digest: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BankStatement(AnnouncedStatement):
    """A statement: how much of it was received, and once it landed how many lines it has that were not there before."""

    statement_id: str
    fingerprint: str
    begun_at: datetime
    begun_by: str
    status: BankStatementStatus = BankStatementStatus.RECEIVING
    received_bytes: int = 0
    parts: int = 0
    lines: int = 0
    lines_before: int = 0
    opening: Money | None = None
    closing: Money | None = None
    from_date: date | None = None
    to_date: date | None = None

    @classmethod
    def begin(cls, statement_id: str, announced: AnnouncedStatement, *, now: datetime, subject: str) -> "BankStatement":
        """A statement of which nothing is there yet."""
        return cls(
            statement_id=statement_id,
            fingerprint=announced.told_by(),
            begun_at=now,
            begun_by=subject,
            **{one.name: getattr(announced, one.name) for one in fields(AnnouncedStatement)},
        )

    def append(
        self, number: int, content: bytes, received: StatementPart | None
    ) -> tuple["BankStatement", StatementPart | None]:
        """The statement with one more part; none where that very part is there already."""
        digest = sha256(content).hexdigest()
        if received is not None:
            if received.digest != digest:
                raise StatementPartTaken(number=number)
            return self, None
        expected = min(PART_BYTES, self.size_bytes - self.received_bytes)
        if number != self.parts or len(content) != expected:
            raise StatementPartMustFollow(number=number, expected=self.parts)
        further = replace(self, parts=number + 1, received_bytes=self.received_bytes + len(content))
        return further, StatementPart(self.statement_id, number, digest, content)

    def must_be_whole(self, content: bytes) -> bytes:
        """The content itself; refuses one that is cut off, or is not the one announced."""
        if len(content) != self.size_bytes or sha256(content).hexdigest() != self.content_hash:
            raise StatementFileMustBeWhole(received=self.received_bytes, size=self.size_bytes)
        return content

    def land(self, content: StatementContent, new_lines: int) -> tuple["BankStatement", BankStatementLanded]:
        """The statement once its lines are there."""
        days = [entry.booking_date for entry in content.entries]
        landed = replace(
            self,
            status=BankStatementStatus.LANDED,
            lines=len(content.entries),
            lines_before=len(content.entries) - new_lines,
            opening=content.opening,
            closing=content.closing,
            from_date=min(days, default=None),
            to_date=max(days, default=None),
        )
        return landed, BankStatementLanded(self.statement_id, self.account_id, landed.lines, landed.closing)
