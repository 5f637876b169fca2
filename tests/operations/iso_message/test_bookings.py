"""Bookings read by columns: what an older version keeps elsewhere is found, what is wrong is told in its place."""

from datetime import date

import pytest

from tests.operations.bank_statement.files import booking, camt
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.iso_message.domain import MessageParty
from zhongtai.operations.iso_message.reading import read

# As banks still send it: a status without a code below, BIC for BICFI, names without Pty; and a line of two transfers.
OLD = """<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-05-04T10:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S</Id><CreDtTm>2026-05-04T10:00:00</CreDtTm><Acct><Id><Othr><Id>A</Id></Othr></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">0</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-05-04</Dt></Dt></Bal>
<Ntry><Amt Ccy="CNY">5.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><DtTm>2026-05-04T09:00:00</DtTm></BookgDt><BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd>
<NtryDtls><TxDtls><Refs><EndToEndId>E</EndToEndId></Refs>
<RltdPties><Dbtr><Nm>D</Nm></Dbtr><DbtrAcct><Id><Othr><Id>6222</Id></Othr></Id></DbtrAcct><Cdtr><Nm>C</Nm></Cdtr></RltdPties>
<RltdAgts><DbtrAgt><FinInstnId><BIC>ICBKCNBJ</BIC></FinInstnId></DbtrAgt></RltdAgts>
<RmtInf><Ustrd>a</Ustrd><Ustrd> </Ustrd><Ustrd>b</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="CNY">7</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>PDNG</Sts><ValDt><Dt>2026-05-05</Dt></ValDt><BkTxCd/>
<NtryDtls><TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs></TxDtls>
<TxDtls><Refs><EndToEndId>E2</EndToEndId></Refs></TxDtls></NtryDtls>
<AddtlNtryInf>batch</AddtlNtryInf></Ntry></Stmt></BkToCstmrStmt></Document>"""


def test_an_older_version_says_the_same_in_other_places() -> None:
    one, two = read(OLD.encode()).statements[0].bookings
    assert (one.amount, one.status, one.booking_date) == (Money("CNY", 5_00), "BOOK", date(2026, 5, 4))
    assert (one.bank_transaction_code, one.end_to_end_id, one.remittance_information) == ("X", "E", "a b")
    assert one.counterparty == MessageParty("D", "6222", "ICBKCNBJ")
    assert (two.amount, two.status, two.value_date) == (Money("CNY", -7_00), "PDNG", date(2026, 5, 5))


def test_a_line_of_several_transfers_is_none_of_them() -> None:
    _, two = read(OLD.encode()).statements[0].bookings
    assert (two.transactions, two.end_to_end_id, two.remittance_information) == (2, "", "batch")


@pytest.mark.parametrize(
    ("old", "new", "reason", "at"),
    [
        (">7.01<", ">7.011<", "MESSAGE_MUST_HOLD_AMOUNTS", "Ntry/Amt"),
        (">2026-05-06<", ">-0044-05-06<", "MESSAGE_MUST_MATCH_ITS_SCHEMA", "Ntry/BookgDt/Dt"),
    ],
)
def test_what_is_wrong_in_a_booking_is_told_where_it_stands(old: str, new: str, reason: str, at: str) -> None:
    text = camt(booking(5_00), booking(7_01, on=date(2026, 5, 6))).decode()
    changed = text.replace(old, new, 1)
    assert changed != text
    with pytest.raises(Refusal) as told:
        read(changed.encode())
    assert told.value.reason == reason
    assert told.value.metadata["path"].endswith(at)
    assert new in changed.splitlines()[int(told.value.metadata["line"]) - 1]
