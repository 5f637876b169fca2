"""From values to a document, by the newest schema of its kind that is written here; what comes out is valid."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from lxml import etree

from zhongtai.kernel.currencies import EXPONENTS
from zhongtai.kernel.money import Money
from zhongtai.operations.iso_message.bookings import NOT_PROVIDED
from zhongtai.operations.iso_message.documents import NAMESPACE, written
from zhongtai.operations.iso_message.domain import (
    IsoMessage,
    MessageBooking,
    MessageKind,
    MessageMustMatchItsSchema,
    MessageParty,
    MessageStatement,
    MessageTransaction,
)
from zhongtai.operations.iso_message.reading import BEIJING, CLEARING

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
# 支付系统行号: twelve digits, the members of China's payment systems.
_CNAPS = re.compile(r"[0-9]{12}")
_CODE = re.compile(r"[A-Z0-9]{1,4}")
_ROOTS = {
    MessageKind.PAIN_001: "CstmrCdtTrfInitn",
    MessageKind.PAIN_002: "CstmrPmtStsRpt",
    MessageKind.PACS_002: "FIToFIPmtStsRpt",
    MessageKind.PACS_008: "FIToFICstmrCdtTrf",
    MessageKind.PACS_009: "FICdtTrf",
    MessageKind.PACS_004: "PmtRtr",
    MessageKind.CAMT_053: "BkToCstmrStmt",
    MessageKind.CAMT_054: "BkToCstmrDbtCdtNtfctn",
}


class Element:
    """An element that is being written; its parts come in the order they are put."""

    def __init__(self, element: Any, kind: MessageKind) -> None:
        self.element = element
        self.kind = kind

    def put(self, path: str, text: str = "", **attributes: str) -> "Element":
        """A new element at a path beneath this one, all of whose steps are new."""
        element = self.element
        for step in path.split("/"):
            element = etree.SubElement(element, f"{{{NAMESPACE}{self.kind.schema}}}{step}")
        try:
            element.text = text or None
        except ValueError:
            # XML has no way to write most control characters.
            raise MessageMustMatchItsSchema(
                schema=self.kind.schema, line=0, path=path, problem="character_out_of_xml"
            ) from None
        for name, value in attributes.items():
            element.set(name, value)
        return Element(element, self.kind)

    def put_some(self, path: str, text: str) -> None:
        """The same, where there is a text."""
        if text:
            self.put(path, text)

    def put_amount(self, path: str, amount: Money | None) -> None:
        """An amount without its sign; none where there is none."""
        if amount is not None:
            exponent = EXPONENTS[amount.currency]
            whole, part = divmod(abs(amount.minor_units), 10**exponent)
            self.put(path, f"{whole}.{part:0{exponent}d}" if exponent else str(whole), Ccy=amount.currency)

    def put_day(self, path: str, day: date | None) -> None:
        """A date; none where there is none."""
        if day is not None:
            self.put(path, day.isoformat())


def write(message: IsoMessage) -> bytes:
    """The document of a message. Raises `MessageMustMatchItsSchema` where a value does not fit."""
    kind = message.kind
    namespace = NAMESPACE + kind.schema
    root = etree.Element(f"{{{namespace}}}Document", nsmap={None: namespace})
    body = Element(root, kind).put(_ROOTS[kind])
    header = body.put("GrpHdr")
    header.put("MsgId", message.message_id)
    header.put("CreDtTm", _moment(message.created_at))
    match kind:
        case MessageKind.PAIN_001:
            header.put("NbOfTxs", str(len(message.transactions)))
            header.put("InitgPty").put_some("Nm", message.initiating_party)
            _initiate(body, message)
        case MessageKind.PAIN_002:
            header.put("InitgPty").put_some("Nm", message.initiating_party)
            _report(body, message)
        case MessageKind.CAMT_053 | MessageKind.CAMT_054:
            for statement in message.statements:
                _state(body.put("Stmt" if kind is MessageKind.CAMT_053 else "Ntfctn"), statement)
        case _:
            _between_banks(header, body, message)
    return written(root, kind)


def _between_banks(header: Element, body: Element, message: IsoMessage) -> None:
    """Transfers from bank to bank, returns of them and reports on them."""
    kind = message.kind
    if kind is not MessageKind.PACS_002:
        header.put("NbOfTxs", str(len(message.transactions)))
        header.put("SttlmInf/SttlmMtd", message.settlement_method or CLEARING)
    if message.instructed_agent:
        _agent(header, "InstdAgt", message.instructed_agent)
    if kind is MessageKind.PACS_002:
        _original(body.put("OrgnlGrpInfAndSts"), message)
    elif message.original_message_id:
        _original(body.put("OrgnlGrpInf"), message)
    name, put = _TRANSACTIONS[kind]
    for one in message.transactions:
        put(body.put(name), one)


def _initiate(body: Element, message: IsoMessage) -> None:
    blocks = groupby(message.transactions, key=lambda one: (one.on, one.debtor))
    for number, ((on, debtor), transactions) in enumerate(blocks, 1):
        block = body.put("PmtInf")
        block.put("PmtInfId", str(number))
        block.put("PmtMtd", "TRF")
        block.put("ReqdExctnDt").put_day("Dt", on)
        block.put("Dbtr").put_some("Nm", debtor.name)
        _account(block, "DbtrAcct", debtor.account or NOT_PROVIDED)
        _agent(block, "DbtrAgt", debtor.agent or NOT_PROVIDED)
        for one in transactions:
            transfer = block.put("CdtTrfTxInf")
            _identify(transfer, one)
            transfer.put("Amt").put_amount("InstdAmt", one.amount)
            transfer.put_some("ChrgBr", one.charge_bearer)
            _creditor(transfer, one.creditor)
            _why(transfer, one)


def _report(body: Element, message: IsoMessage) -> None:
    _original(body.put("OrgnlGrpInfAndSts"), message)
    if not message.transactions:
        return
    block = body.put("OrgnlPmtInfAndSts")
    block.put("OrgnlPmtInfId", NOT_PROVIDED)
    for one in message.transactions:
        _stand(block.put("TxInfAndSts"), one)


def _stand(part: Element, one: MessageTransaction) -> None:
    """How a transaction stands."""
    part.put_some("OrgnlInstrId", one.instruction_id)
    part.put("OrgnlEndToEndId", one.end_to_end_id or NOT_PROVIDED)
    part.put_some("OrgnlTxId", one.transaction_id)
    part.put_some("OrgnlUETR", one.uetr)
    part.put_some("TxSts", one.status)
    _reason(part, "StsRsnInf", one.reason_code)


def _original(part: Element, message: IsoMessage) -> None:
    part.put("OrgnlMsgId", message.original_message_id or NOT_PROVIDED)
    part.put("OrgnlMsgNmId", message.original_schema or NOT_PROVIDED)
    part.put_some("GrpSts", message.status)
    _reason(part, "StsRsnInf", message.reason_code)


def _transfer(part: Element, one: MessageTransaction) -> None:
    _identify(part, one)
    part.put_amount("IntrBkSttlmAmt", one.amount)
    part.put_day("IntrBkSttlmDt", one.on)
    part.put("ChrgBr", one.charge_bearer or "SLEV")
    _parties(part, one.debtor, one.creditor)
    _why(part, one)


def _parties(part: Element, debtor: MessageParty, creditor: MessageParty) -> None:
    part.put("Dbtr").put_some("Nm", debtor.name)
    if debtor.account:
        _account(part, "DbtrAcct", debtor.account)
    _agent(part, "DbtrAgt", debtor.agent or NOT_PROVIDED)
    _agent(part, "CdtrAgt", creditor.agent or NOT_PROVIDED)
    part.put("Cdtr").put_some("Nm", creditor.name)
    if creditor.account:
        _account(part, "CdtrAcct", creditor.account)


def _cover(part: Element, one: MessageTransaction) -> None:
    """A transfer between banks, and the customer's that it covers."""
    _identify(part, one)
    part.put_amount("IntrBkSttlmAmt", one.amount)
    part.put_day("IntrBkSttlmDt", one.on)
    for name, bank in (("Dbtr", one.debtor), ("Cdtr", one.creditor)):
        _agent(part, name, bank.agent or NOT_PROVIDED, bank.name)
        if bank.account:
            _account(part, f"{name}Acct", bank.account)
    part.put_some("Purp/Cd", one.purpose_code)
    if one.underlying:
        covered = part.put("UndrlygCstmrCdtTrf")
        _parties(covered, one.underlying.debtor, one.underlying.creditor)
        covered.put_some("RmtInf/Ustrd", one.underlying.remittance_information)
        covered.put_amount("InstdAmt", one.underlying.amount)


def _return(part: Element, one: MessageTransaction) -> None:
    part.put_some("RtrId", one.return_id)
    part.put_some("OrgnlInstrId", one.instruction_id)
    part.put("OrgnlEndToEndId", one.end_to_end_id or NOT_PROVIDED)
    part.put_some("OrgnlTxId", one.transaction_id)
    part.put_some("OrgnlUETR", one.uetr)
    part.put_amount("RtrdIntrBkSttlmAmt", one.amount)
    part.put_day("IntrBkSttlmDt", one.on)
    part.put_some("ChrgBr", one.charge_bearer)
    if one.charges:
        kept = part.put("ChrgsInf")
        kept.put_amount("Amt", one.charges)
        # Whoever sends the payment back is the one that was paid by it.
        _agent(kept, "Agt", one.creditor.agent or NOT_PROVIDED)
    _reason(part, "RtrRsnInf", one.reason_code)
    original = part.put("OrgnlTxRef")
    if one.debtor.name:
        original.put("Dbtr/Pty/Nm", one.debtor.name)
    if one.debtor.account:
        _account(original, "DbtrAcct", one.debtor.account)
    if one.debtor.agent:
        _agent(original, "DbtrAgt", one.debtor.agent)
    if one.creditor.agent:
        _agent(original, "CdtrAgt", one.creditor.agent)
    if one.creditor.name:
        original.put("Cdtr/Pty/Nm", one.creditor.name)
    if one.creditor.account:
        _account(original, "CdtrAcct", one.creditor.account)


def _state(part: Element, statement: MessageStatement) -> None:
    part.put("Id", statement.statement_id)
    part.put("CreDtTm", _moment(statement.created_at))
    if statement.from_date and statement.to_date:
        period = part.put("FrToDt")
        period.put("FrDtTm", f"{statement.from_date.isoformat()}T00:00:00+08:00")
        period.put("ToDtTm", f"{statement.to_date.isoformat()}T23:59:59+08:00")
    account = _account(part, "Acct", statement.account)
    account.put_some("Ccy", statement.currency_code)
    for balance in statement.balances:
        each = part.put("Bal")
        each.put("Tp/CdOrPrtry/Cd", balance.code)
        each.put_amount("Amt", balance.amount)
        each.put("CdtDbtInd", _side(balance.amount))
        each.put("Dt").put_day("Dt", balance.on)
    for booking in statement.bookings:
        _book(part.put("Ntry"), booking)


def _book(entry: Element, booking: MessageBooking) -> None:
    entry.put_some("NtryRef", booking.entry_reference)
    entry.put_amount("Amt", booking.amount)
    entry.put("CdtDbtInd", _side(booking.amount))
    if booking.reversal:
        entry.put("RvslInd", "true")
    entry.put("Sts/Cd", booking.status)
    for name, day in (("BookgDt", booking.booking_date), ("ValDt", booking.value_date)):
        if day is not None:
            entry.put(name).put_day("Dt", day)
    entry.put_some("AcctSvcrRef", booking.servicer_reference)
    code = booking.bank_transaction_code.split("/")
    if len(code) == 3:
        domain = entry.put("BkTxCd/Domn")
        domain.put("Cd", code[0])
        family = domain.put("Fmly")
        family.put("Cd", code[1])
        family.put("SubFmlyCd", code[2])
    else:
        entry.put("BkTxCd/Prtry/Cd", booking.bank_transaction_code or NOT_PROVIDED)
    if booking.transactions == 1:
        _detail(entry.put("NtryDtls/TxDtls"), booking)
    elif booking.transactions:
        entry.put("NtryDtls/Btch/NbOfTxs", str(booking.transactions))


def _detail(detail: Element, booking: MessageBooking) -> None:
    other = booking.counterparty
    side = "Dbtr" if _side(booking.amount) == "CRDT" else "Cdtr"
    if booking.end_to_end_id:
        detail.put("Refs/EndToEndId", booking.end_to_end_id)
    if other.name or other.account:
        related = detail.put("RltdPties")
        if other.name:
            related.put(f"{side}/Pty/Nm", other.name)
        if other.account:
            _account(related, f"{side}Acct", other.account)
    if other.agent:
        _agent(detail.put("RltdAgts"), f"{side}Agt", other.agent)
    if booking.remittance_information:
        detail.put("RmtInf/Ustrd", booking.remittance_information)


def _identify(part: Element, one: MessageTransaction) -> None:
    identified = part.put("PmtId")
    identified.put_some("InstrId", one.instruction_id)
    identified.put("EndToEndId", one.end_to_end_id or NOT_PROVIDED)
    identified.put_some("TxId", one.transaction_id)
    identified.put_some("UETR", one.uetr)


def _creditor(part: Element, creditor: MessageParty) -> None:
    if creditor.agent:
        _agent(part, "CdtrAgt", creditor.agent)
    if creditor.name:
        part.put("Cdtr/Nm", creditor.name)
    if creditor.account:
        _account(part, "CdtrAcct", creditor.account)


def _why(part: Element, one: MessageTransaction) -> None:
    if one.purpose_code:
        part.put("Purp/Cd", one.purpose_code)
    if one.remittance_information:
        part.put("RmtInf/Ustrd", one.remittance_information)


def _reason(part: Element, name: str, reason_code: str) -> None:
    """A code of ISO's external lists where it has the form of one, else the bank's own."""
    if reason_code:
        part.put(f"{name}/Rsn/{'Cd' if _CODE.fullmatch(reason_code) else 'Prtry'}", reason_code)


def _account(part: Element, name: str, account: str) -> Element:
    found = part.put(name)
    found.put("Id/IBAN" if _IBAN.fullmatch(account) else "Id/Othr/Id", account)
    return found


def _agent(part: Element, name: str, agent: str, called: str = "") -> None:
    institution = part.put(f"{name}/FinInstnId")
    if _BIC.fullmatch(agent):
        institution.put("BICFI", agent)
    elif _CNAPS.fullmatch(agent):
        member = institution.put("ClrSysMmbId")
        member.put("ClrSysId/Cd", "CNAPS")
        member.put("MmbId", agent)
    institution.put_some("Nm", called)
    if not (_BIC.fullmatch(agent) or _CNAPS.fullmatch(agent)):
        institution.put("Othr/Id", agent)


def _side(amount: Money) -> str:
    return "DBIT" if amount.minor_units < 0 else "CRDT"


def _moment(moment: datetime) -> str:
    """In the bank's own time, to the millisecond."""
    return moment.astimezone(UTC).astimezone(BEIJING).isoformat(timespec="milliseconds")


_TRANSACTIONS: dict[MessageKind, tuple[str, Callable[[Element, MessageTransaction], None]]] = {
    MessageKind.PACS_002: ("TxInfAndSts", _stand),
    MessageKind.PACS_004: ("TxInf", _return),
    MessageKind.PACS_008: ("CdtTrfTxInf", _transfer),
    MessageKind.PACS_009: ("CdtTrfTxInf", _cover),
}
