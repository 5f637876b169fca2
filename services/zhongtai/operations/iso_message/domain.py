"""A message of ISO 20022 (报文): what eight kinds of XML documents say, as values, whatever their version.

Always true: what is written is valid by the schema of its kind, and what was written is read as the same values. Signed
amounts are above zero where the owner of the account is credited.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Unmet

CONTENT_MAX = 64 * 1024 * 1024
BOOKINGS_MAX = 5_000
# A message that is acted on is one unit of work.
TRANSACTIONS_MAX = 1_000
# A BIC, or the twelve digits of China's payment systems (支付系统行号).
_AGENT = re.compile(r"[A-Z0-9]{8}|[A-Z0-9]{11}|[0-9]{12}")


class XmlMustBeShort(Invalid):
    """The document has {size} bytes, {maximum} at most: split it.

    文档为{size}字节，最多{maximum}字节：请拆分。
    """

    size: int
    maximum: int


class XmlMustBePlain(Invalid):
    """Line {line} declares a document type or an entity: leave declarations out, messages have none.

    第{line}行含文档类型或实体声明：报文不得包含此类声明，请删除。
    """

    line: int


class XmlMustBeWellFormed(Invalid):
    """The document is no XML at line {line}, column {column}: mend it, or send it whole.

    文档在第{line}行第{column}列不是有效的XML：请修改或完整发送。
    """

    line: int
    column: int


class MessageKindMustBeKnown(Invalid):
    """The document is of the kind “{namespace}”, which is not read here: send one of {known}.

    文档类型“{namespace}”不受支持：请使用{known}之一。
    """

    namespace: str
    known: str


class MessageMustMatchItsSchema(Invalid):
    """Line {line}, {path}: {problem}, by the schema {schema}; mend it there.

    第{line}行，{path}：不符合模式{schema}（{problem}），请修改。
    """

    schema: str
    line: int
    path: str
    problem: str


class MessageMustHoldAmounts(Invalid):
    """Line {line}, {path}: “{text}” is no amount in {currency}; use no more decimals than the currency has.

    第{line}行，{path}：“{text}”不是有效的{currency}金额，请勿超过该币种的小数位数。
    """

    line: int
    path: str
    text: str
    currency: str


class MessageMustAddUp(Invalid):
    """Line {line}, {path}: it says {stated}, and the transactions come to {found}; mend it, or send them all.

    第{line}行，{path}：报文载明{stated}，实际合计{found}，请修改或完整发送。
    """

    line: int
    path: str
    stated: str
    found: str


class StatementMustBeShort(Invalid):
    """There are more than {maximum} bookings from {from_date} to {to_date}: ask for fewer days.

    {from_date}至{to_date}的记账超过{maximum}笔：请缩短期间。
    """

    from_date: date
    to_date: date
    maximum: int


class DatesMustBeInOrder(Invalid):
    """{from_date} is after {to_date}: state the earlier date first.

    {from_date}晚于{to_date}：请先填写较早的日期。
    """

    from_date: date
    to_date: date


class PaymentMustFitMessage(Unmet):
    """The payment {payment_id} is a {payment_kind}, which a {message_kind} does not tell of: ask for another kind.

    支付{payment_id}为{payment_kind}，不适用{message_kind}报文：请选择其他报文类型。
    """

    payment_id: str
    payment_kind: str
    message_kind: str


class EntryMustMoveAccount(Unmet):
    """The entry {entry_id} does not move the account {account_id}: name one of its entries.

    凭证{entry_id}未涉及账户{account_id}：请填写该账户的凭证。
    """

    entry_id: str
    account_id: str


class TransactionsMustBeFewer(Invalid):
    """The message has {found} transactions, {maximum} at most: split it, or send a payment batch.

    报文含{found}笔交易，最多{maximum}笔：请拆分，或使用批量支付。
    """

    found: int
    maximum: int


class TransactionMustBeComplete(Invalid):
    """Transaction {position} says no {field} that can be carried out: mend it there and send the whole message.

    第{position}笔交易的{field}缺失或无法执行：请修改后重新发送整个报文。
    """

    position: int
    field: str


class MessageKind(StrEnum):
    """What a message is for."""

    PAIN_001 = "PAIN_001"
    PAIN_002 = "PAIN_002"
    PACS_002 = "PACS_002"
    PACS_008 = "PACS_008"
    PACS_009 = "PACS_009"
    PACS_004 = "PACS_004"
    CAMT_053 = "CAMT_053"
    CAMT_054 = "CAMT_054"

    @property
    def schema(self) -> str:
        """The schema by which it is written."""
        return _WRITTEN_BY[self]


_WRITTEN_BY = {
    MessageKind.PAIN_001: "pain.001.001.09",
    MessageKind.PAIN_002: "pain.002.001.12",
    MessageKind.PACS_002: "pacs.002.001.10",
    MessageKind.PACS_008: "pacs.008.001.08",
    MessageKind.PACS_009: "pacs.009.001.08",
    MessageKind.PACS_004: "pacs.004.001.09",
    MessageKind.CAMT_053: "camt.053.001.08",
    MessageKind.CAMT_054: "camt.054.001.08",
}
# What is read beside them: what many banks and companies still send.
ALSO_READ = {
    "pain.001.001.03": MessageKind.PAIN_001,
    "camt.053.001.02": MessageKind.CAMT_053,
    "camt.054.001.02": MessageKind.CAMT_054,
}
SCHEMAS = {schema: kind for kind, schema in _WRITTEN_BY.items()} | ALSO_READ


@dataclass(frozen=True, slots=True)
class MessageParty:
    """A debtor or a creditor: the name, the account (IBAN or another), and the bank's BIC or clearing number (行号)."""

    name: str = ""
    account: str = ""
    agent: str = ""

    @property
    def has_agent(self) -> bool:
        """Whether its bank is named as rails name banks."""
        return bool(_AGENT.fullmatch(self.agent))


NOBODY = MessageParty()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderlyingTransfer:
    """The customer's transfer that a transfer between banks covers (UndrlygCstmrCdtTrf), with the instructed amount."""

    debtor: MessageParty
    creditor: MessageParty
    amount: Money | None = None
    remittance_information: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTransaction:
    """A transfer, what became of one, or one that comes back; what a kind does not carry is empty.

    In a transfer between banks (pacs.009) debtor and creditor are the banks themselves, named by `agent`.
    """

    return_id: str = ""
    instruction_id: str = ""
    end_to_end_id: str = ""
    transaction_id: str = ""
    uetr: str = ""
    amount: Money | None = None
    charges: Money | None = None
    on: date | None = None
    debtor: MessageParty = NOBODY
    creditor: MessageParty = NOBODY
    charge_bearer: str = ""
    purpose_code: str = ""
    remittance_information: str = ""
    status: str = ""
    reason_code: str = ""
    underlying: UnderlyingTransfer | None = None


@dataclass(frozen=True, slots=True)
class MessageBalance:
    """A balance of a statement, above zero where the owner has money: OPBD, CLBD and the like."""

    code: str
    amount: Money
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageBooking:
    """One line of a statement: an amount above zero where the owner is credited."""

    amount: Money
    status: str = "BOOK"
    reversal: bool = False
    booking_date: date | None = None
    value_date: date | None = None
    entry_reference: str = ""
    servicer_reference: str = ""
    bank_transaction_code: str = ""
    end_to_end_id: str = ""
    transactions: int = 0
    counterparty: MessageParty = NOBODY
    remittance_information: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageStatement:
    """The bookings of an account, with balances (camt.053) or without (camt.054)."""

    statement_id: str
    account: str
    currency_code: str
    created_at: datetime
    from_date: date | None = None
    to_date: date | None = None
    balances: tuple[MessageBalance, ...] = ()
    bookings: tuple[MessageBooking, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IsoMessage:
    """A message: who sent it when, and what it says.

    Transfers are settled by `settlement_method`: COVE where another message covers them, INDA where who is instructed
    holds the account, "" by a clearing system. A report says of all its transactions at once how they stand (`status`).
    """

    kind: MessageKind
    message_id: str
    created_at: datetime
    initiating_party: str = ""
    original_message_id: str = ""
    original_schema: str = ""
    settlement_method: str = ""
    instructed_agent: str = ""
    status: str = ""
    reason_code: str = ""
    transactions: tuple[MessageTransaction, ...] = ()
    statements: tuple[MessageStatement, ...] = ()

    def must_be_acted_on(self, complete: Callable[[MessageTransaction], Mapping[str, bool]]) -> "IsoMessage":
        """The message itself; refuses one with too many transactions, and one of which `complete` misses a field.

        ISO allows what nobody can carry out, such as an amount of nothing.
        """
        if len(self.transactions) > TRANSACTIONS_MAX:
            raise TransactionsMustBeFewer(found=len(self.transactions), maximum=TRANSACTIONS_MAX)
        for position, one in enumerate(self.transactions, 1):
            for field, is_there in complete(one).items():
                if not is_there:
                    raise TransactionMustBeComplete(position=position, field=field)
        return self
