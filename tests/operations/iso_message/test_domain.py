"""Messages of ISO 20022: what is written is read as the same values, and what is wrong is refused where it is wrong."""

from datetime import date

import pytest
from hypothesis import given

from tests.operations.iso_message.examples import BIC, CREATED, messages
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.iso_message.domain import IsoMessage, MessageKind, MessageParty, MessageTransaction
from zhongtai.operations.iso_message.reading import read
from zhongtai.operations.iso_message.writing import write

ORDER = IsoMessage(
    kind=MessageKind.PAIN_001,
    message_id="M-1",
    created_at=CREATED,
    initiating_party="示例公司",
    transactions=(
        MessageTransaction(
            end_to_end_id="E-1",
            amount=Money("CNY", 123_45),
            on=date(2026, 5, 4),
            debtor=MessageParty("示例公司", "acc_1", BIC),
            creditor=MessageParty("张三", "6222020000000000", BIC),
            purpose_code="SALA",
            remittance_information="五月工资",
        ),
    ),
)


def refused(content: bytes) -> Refusal:
    with pytest.raises(Refusal) as told:
        read(content)
    return told.value


@given(messages())
def test_what_is_written_is_read_as_it_was(message: IsoMessage) -> None:
    assert read(write(message)) == message


def test_a_message_is_written_as_banks_write_it() -> None:
    text = write(ORDER).decode()
    for part in (
        "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09",
        '<InstdAmt Ccy="CNY">123.45</InstdAmt>',
        "<NbOfTxs>1</NbOfTxs>",
        "<Nm>张三</Nm>",
        f"<BICFI>{BIC}</BICFI>",
        "<CreDtTm>2026-05-04T09:02:03.000+08:00</CreDtTm>",
    ):
        assert part in text


def test_gb18030_is_read_as_utf_8_is() -> None:
    text = write(ORDER).decode().replace("encoding='UTF-8'", "encoding='GB18030'")
    assert read(text.encode("gb18030")) == ORDER


@pytest.mark.parametrize(
    ("old", "new", "reason", "at"),
    [
        ("<EndToEndId>E-1</EndToEndId>", "", "MESSAGE_MUST_MATCH_ITS_SCHEMA", "PmtId"),
        ('Ccy="CNY">', 'Ccy="yuan">', "MESSAGE_MUST_MATCH_ITS_SCHEMA", "InstdAmt"),
        ("<PmtMtd>TRF", "<PmtMtd>CASH", "MESSAGE_MUST_MATCH_ITS_SCHEMA", "PmtMtd"),
        ("2026-05-04<", "2026-02-30<", "MESSAGE_MUST_MATCH_ITS_SCHEMA", "Dt"),
        ("T09:02:03.000", "T24:00:00", "MESSAGE_MUST_MATCH_ITS_SCHEMA", "CreDtTm"),
        ("123.45", "123.456", "MESSAGE_MUST_HOLD_AMOUNTS", "InstdAmt"),
        ('Ccy="CNY">', 'Ccy="QQQ">', "MESSAGE_MUST_HOLD_AMOUNTS", "InstdAmt"),
        ("<NbOfTxs>1<", "<NbOfTxs>2<", "MESSAGE_MUST_ADD_UP", "NbOfTxs"),
        ("</NbOfTxs>", "</NbOfTxs><CtrlSum>123.44</CtrlSum>", "MESSAGE_MUST_ADD_UP", "CtrlSum"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line_and_path(old: str, new: str, reason: str, at: str) -> None:
    text = write(ORDER).decode()
    assert old in text
    text = text.replace(old, new, 1)
    refusal = refused(text.encode())
    assert refusal.reason == reason
    path = refusal.metadata["path"]
    assert path.startswith("Document/CstmrCdtTrfInitn/")
    assert path.endswith(f"/{at}")
    assert f"<{at}" in text.splitlines()[int(refusal.metadata["line"]) - 1]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "XML_MUST_BE_PLAIN"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "XML_MUST_BE_PLAIN"),
        ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"), "XML_MUST_BE_WELL_FORMED"),
        (b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4APA-a/+AD4-', "XML_MUST_BE_PLAIN"),
        (b"<a><b></a>", "XML_MUST_BE_WELL_FORMED"),
        (b"", "XML_MUST_BE_WELL_FORMED"),
        (b"<a>" * 300 + b"</a>" * 300, "XML_MUST_BE_WELL_FORMED"),
        (b"<Document/>", "MESSAGE_KIND_MUST_BE_KNOWN"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.010.001.03"/>', "MESSAGE_KIND_MUST_BE_KNOWN"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"/>', "MESSAGE_MUST_MATCH_ITS_SCHEMA"),
        (b" " * (64 * 1024 * 1024 + 1), "XML_MUST_BE_SHORT"),
    ],
)
def test_what_is_no_message_is_refused_by_name(content: bytes, reason: str) -> None:
    assert refused(content).reason == reason


def test_what_xml_cannot_hold_is_refused_when_it_is_written() -> None:
    bad = IsoMessage(kind=MessageKind.PAIN_001, message_id="a\x01b", created_at=CREATED)
    with pytest.raises(Refusal) as told:
        write(bad)
    assert told.value.metadata["problem"] == "character_out_of_xml"
