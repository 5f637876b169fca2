"""From a valid document to what it says: one way for all versions, which name a few things differently."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from zhongtai.kernel.currencies import EXPONENTS
from zhongtai.kernel.money import Money
from zhongtai.operations.iso_message.bookings import Bookings, bookings_of, minor_units_of, out_of_calendar, provided
from zhongtai.operations.iso_message.documents import Part, parsed
from zhongtai.operations.iso_message.domain import (
    IsoMessage,
    MessageBalance,
    MessageKind,
    MessageMustAddUp,
    MessageMustHoldAmounts,
    MessageParty,
    MessageStatement,
    MessageTransaction,
    UnderlyingTransfer,
)

# A moment without an offset is the bank's own time.
BEIJING = timezone(timedelta(hours=8))
# By a clearing system: how transfers are settled where a message of ours says nothing else.
CLEARING = "CLRG"
_DATE_LENGTH = 10


def read(content: bytes) -> IsoMessage:
    """What a document says. Raises the refusals of documents, and those of amounts and sums."""
    kind, part = parsed(content)
    transactions: tuple[MessageTransaction, ...] = ()
    statements: tuple[MessageStatement, ...] = ()
    match kind:
        case MessageKind.PAIN_001:
            transactions = tuple(_initiated(part))
        case MessageKind.PACS_008:
            transactions = tuple(_transferred(one) for one in part.all("CdtTrfTxInf"))
        case MessageKind.PACS_009:
            transactions = tuple(_covering(one) for one in part.all("CdtTrfTxInf"))
        case MessageKind.PACS_002:
            transactions = tuple(_reported(one) for one in part.all("TxInfAndSts"))
        case MessageKind.PACS_004:
            transactions = tuple(_returned(one) for one in part.all("TxInf"))
        case MessageKind.PAIN_002:
            transactions = tuple(_reported(one) for one in part.all("OrgnlPmtInfAndSts/TxInfAndSts"))
        case MessageKind.CAMT_053 | MessageKind.CAMT_054:
            statements = tuple(replace(one, bookings=found.each()) for one, found in _stated(part))
    _must_add_up(part, transactions)
    return IsoMessage(
        kind=kind,
        message_id=part.text("GrpHdr/MsgId"),
        created_at=_instant(part, "GrpHdr/CreDtTm"),
        initiating_party=part.text("GrpHdr/InitgPty/Nm"),
        original_message_id=part.text("OrgnlGrpInfAndSts/OrgnlMsgId", "OrgnlGrpInf/OrgnlMsgId"),
        original_schema=part.text("OrgnlGrpInfAndSts/OrgnlMsgNmId", "OrgnlGrpInf/OrgnlMsgNmId"),
        settlement_method=part.text("GrpHdr/SttlmInf/SttlmMtd").removeprefix(CLEARING),
        instructed_agent=_agent(part.first("GrpHdr/InstdAgt/FinInstnId")),
        status=part.text("OrgnlGrpInfAndSts/GrpSts"),
        reason_code=_reason(part, "OrgnlGrpInfAndSts/StsRsnInf"),
        transactions=transactions,
        statements=statements,
    )


def read_statements(content: bytes) -> list[tuple[MessageStatement, Bookings]]:
    """The statements of a camt.053 or camt.054, without their bookings, which are beside them by columns."""
    _, part = parsed(content)
    return _stated(part)


def _initiated(part: Part) -> Iterator[MessageTransaction]:
    for block in part.all("PmtInf"):
        common = MessageTransaction(
            on=_day(block, "ReqdExctnDt/Dt", "ReqdExctnDt/DtTm", "ReqdExctnDt"),
            debtor=_party(block, "Dbtr", "DbtrAcct", "DbtrAgt"),
            charge_bearer=block.text("ChrgBr"),
        )
        for one in block.all("CdtTrfTxInf"):
            yield replace(
                _identified(one, "PmtId/InstrId", "PmtId/EndToEndId", "PmtId/UETR"),
                # An equivalent amount is in another currency than the debtor's account, which is ours to convert.
                amount=_amount(one, "Amt/InstdAmt", "Amt/EqvtAmt/Amt"),
                on=common.on,
                debtor=common.debtor,
                creditor=_party(one, "Cdtr", "CdtrAcct", "CdtrAgt"),
                charge_bearer=one.text("ChrgBr") or common.charge_bearer,
                purpose_code=one.text("Purp/Cd"),
                remittance_information=_remittance(one),
            )


def _transferred(one: Part) -> MessageTransaction:
    return replace(
        _identified(one, "PmtId/InstrId", "PmtId/EndToEndId", "PmtId/UETR"),
        transaction_id=one.text("PmtId/TxId"),
        amount=_amount(one, "IntrBkSttlmAmt"),
        on=_day(one, "IntrBkSttlmDt"),
        debtor=_party(one, "Dbtr", "DbtrAcct", "DbtrAgt"),
        creditor=_party(one, "Cdtr", "CdtrAcct", "CdtrAgt"),
        charge_bearer=one.text("ChrgBr"),
        purpose_code=one.text("Purp/Cd"),
        remittance_information=_remittance(one),
    )


def _covering(one: Part) -> MessageTransaction:
    covered = one.first("UndrlygCstmrCdtTrf")
    return replace(
        _identified(one, "PmtId/InstrId", "PmtId/EndToEndId", "PmtId/UETR"),
        transaction_id=one.text("PmtId/TxId"),
        amount=_amount(one, "IntrBkSttlmAmt"),
        on=_day(one, "IntrBkSttlmDt"),
        debtor=_party(one, "Dbtr/FinInstnId", "DbtrAcct", "Dbtr"),
        creditor=_party(one, "Cdtr/FinInstnId", "CdtrAcct", "Cdtr"),
        purpose_code=one.text("Purp/Cd"),
        underlying=_underlying(covered) if covered else None,
    )


def _underlying(covered: Part) -> UnderlyingTransfer:
    return UnderlyingTransfer(
        debtor=_party(covered, "Dbtr", "DbtrAcct", "DbtrAgt"),
        creditor=_party(covered, "Cdtr", "CdtrAcct", "CdtrAgt"),
        amount=_amount(covered, "InstdAmt") if covered.first("InstdAmt") else None,
        remittance_information=_remittance(covered),
    )


def _returned(one: Part) -> MessageTransaction:
    original = one.first("OrgnlTxRef")
    return replace(
        _identified(one, "OrgnlInstrId", "OrgnlEndToEndId", "OrgnlUETR"),
        return_id=one.text("RtrId"),
        transaction_id=one.text("OrgnlTxId"),
        amount=_amount(one, "RtrdIntrBkSttlmAmt"),
        charges=_charges(one),
        on=_day(one, "IntrBkSttlmDt"),
        debtor=_party(original, "Dbtr/Pty", "DbtrAcct", "DbtrAgt") if original else MessageParty(),
        creditor=_party(original, "Cdtr/Pty", "CdtrAcct", "CdtrAgt") if original else MessageParty(),
        charge_bearer=one.text("ChrgBr"),
        reason_code=_reason(one, "RtrRsnInf"),
    )


def _reported(one: Part) -> MessageTransaction:
    return replace(
        _identified(one, "OrgnlInstrId", "OrgnlEndToEndId", "OrgnlUETR"),
        # A pain.002 has none: the customer knows no reference of a bank's.
        transaction_id=one.text("OrgnlTxId"),
        status=one.text("TxSts"),
        reason_code=_reason(one, "StsRsnInf"),
    )


def _reason(part: Part, path: str) -> str:
    return part.text(f"{path}/Rsn/Cd", f"{path}/Rsn/Prtry")


def _identified(one: Part, instruction: str, end_to_end: str, uetr: str) -> MessageTransaction:
    return MessageTransaction(
        instruction_id=one.text(instruction), end_to_end_id=provided(one.text(end_to_end)), uetr=one.text(uetr)
    )


def _stated(message: Part) -> list[tuple[MessageStatement, Bookings]]:
    parts = [*message.all("Stmt"), *message.all("Ntfctn")]
    found = bookings_of(message, parts)
    return [(_statement(part, message, each), each) for part, each in zip(parts, found, strict=True)]


def _statement(one: Part, message: Part, bookings: Bookings) -> MessageStatement:
    created = one if one.text("CreDtTm") else message
    balances = tuple(
        MessageBalance(
            each.text("Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry"),
            _signed(each),
            _day(each, "Dt/Dt", "Dt/DtTm") or date.min,
        )
        for each in one.all("Bal")
    )
    moved = (*[each.amount.currency for each in balances], *bookings.currencies[:1])
    return MessageStatement(
        statement_id=one.text("Id"),
        account=one.text("Acct/Id/IBAN", "Acct/Id/Othr/Id"),
        currency_code=one.text("Acct/Ccy") or next(iter(moved), ""),
        created_at=_instant(created, "CreDtTm" if created is one else "GrpHdr/CreDtTm"),
        from_date=_day(one, "FrToDt/FrDtTm"),
        to_date=_day(one, "FrToDt/ToDtTm"),
        balances=balances,
    )


def _party(part: Part, party: str, account: str, agent: str) -> MessageParty:
    return MessageParty(
        part.text(f"{party}/Nm"),
        provided(part.text(f"{account}/Id/IBAN", f"{account}/Id/Othr/Id")),
        _agent(part.first(f"{agent}/FinInstnId")),
    )


def _agent(institution: Part | None) -> str:
    if institution is None:
        return ""
    return provided(institution.text("BICFI", "BIC", "ClrSysMmbId/MmbId", "Othr/Id"))


def _remittance(one: Part) -> str:
    return " ".join(each.own_text for each in one.all("RmtInf/Ustrd") if each.own_text)


def _signed(part: Part) -> Money:
    amount = _amount(part, "Amt")
    return amount if part.text("CdtDbtInd") == "CRDT" else -amount


def _charges(one: Part) -> Money | None:
    """What was kept of a returned amount in its own currency; other charges were not taken from it."""
    back = _amount(one, "RtrdIntrBkSttlmAmt")
    kept = [amount for charge in one.all("ChrgsInf") if (amount := _amount(charge, "Amt")).currency == back.currency]
    return sum(kept, back.nothing) or None


def _amount(part: Part, *paths: str) -> Money:
    found = part.first(*paths)
    assert found is not None, "the schema asks for the amount"
    currency, text = str(found.element.get("Ccy", "")), found.own_text
    minor_units = minor_units_of(currency, text)
    if minor_units is None:
        raise MessageMustHoldAmounts(line=found.line, path=found.path, text=text, currency=currency)
    return Money(currency, minor_units)


def _day(part: Part, *paths: str) -> date | None:
    found = part.first(*paths)
    if found is None or not found.own_text:
        return None
    try:
        return date.fromisoformat(found.own_text[:_DATE_LENGTH])
    except ValueError:
        raise out_of_calendar(found) from None


def _instant(part: Part, path: str) -> datetime:
    found = part.first(path)
    assert found is not None, "the schema asks for the moment"
    try:
        moment = datetime.fromisoformat(found.own_text)
    except ValueError:
        raise out_of_calendar(found) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)


def _must_add_up(part: Part, transactions: tuple[MessageTransaction, ...]) -> None:
    """Refuses a group header whose number or sum of transactions (NbOfTxs, CtrlSum) is not that of the message."""
    counted = part.first("GrpHdr/NbOfTxs")
    if counted is not None and transactions and int(counted.own_text) != len(transactions):
        found = str(len(transactions))
        raise MessageMustAddUp(line=counted.line, path=counted.path, stated=counted.own_text, found=found)
    summed = part.first("GrpHdr/CtrlSum")
    if summed is not None and transactions:
        # The sum is of the figures, whatever their currencies (ISO 20022: ControlSum).
        total = sum(
            (
                Decimal(each.amount.minor_units).scaleb(-EXPONENTS[each.amount.currency])
                for each in transactions
                if each.amount
            ),
            Decimal(0),
        )
        if total != Decimal(summed.own_text):
            raise MessageMustAddUp(line=summed.line, path=summed.path, stated=summed.own_text, found=str(total))
