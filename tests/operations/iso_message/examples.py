"""Messages for tests: some of each kind, and strategies for any."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import strategies as st

from zhongtai.kernel.money import Money
from zhongtai.operations.iso_message.domain import (
    IsoMessage,
    MessageBalance,
    MessageBooking,
    MessageKind,
    MessageParty,
    MessageStatement,
    MessageTransaction,
    UnderlyingTransfer,
)

CREATED = datetime(2026, 5, 4, 1, 2, 3, tzinfo=UTC)
BIC, CNAPS = "ICBKCNBJ", "102100099996"

# What XML can hold and what reading does not trim; noncharacters (Unicode 16.0, 23.7) are no text of anybody's.
TEXTS = st.text(
    st.characters(
        min_codepoint=33,
        max_codepoint=0xFFFD,
        exclude_categories=("Cs", "Cc", "Z"),
        exclude_characters="".join(map(chr, range(0xFDD0, 0xFDF0))),
    ),
    min_size=1,
    max_size=30,
)
MAYBE = st.just("") | TEXTS.filter(lambda text: text != "NOTPROVIDED")
DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))
AMOUNTS = st.builds(Money, st.sampled_from(["CNY", "USD", "JPY", "KWD"]), st.integers(min_value=1, max_value=10**14))
PARTIES = st.builds(
    MessageParty,
    name=MAYBE,
    account=MAYBE | st.just("GB33BUKB20201555555555"),
    agent=st.sampled_from(["", BIC, CNAPS, "another bank"]),
)
UETRS = st.sampled_from(["", "7a562c67-ca16-48ba-b074-65581be6f001"])


UNDERLYING = st.builds(
    UnderlyingTransfer,
    debtor=PARTIES,
    creditor=PARTIES,
    amount=st.none() | AMOUNTS,
    remittance_information=MAYBE,
)


def transactions(kind: MessageKind) -> st.SearchStrategy[MessageTransaction]:
    """Any transaction of a kind, with what that kind carries."""
    parts: dict[str, st.SearchStrategy[object]] = {"instruction_id": MAYBE, "end_to_end_id": MAYBE, "uetr": UETRS}
    reasons = st.sampled_from(["", "AC01", "a reason of the bank"])
    transfer: dict[str, st.SearchStrategy[object]] = {
        "amount": AMOUNTS,
        "on": DAYS,
        "debtor": PARTIES,
        "creditor": PARTIES,
    }
    borne = st.sampled_from(["DEBT", "CRED", "SHAR", "SLEV"])
    match kind:
        case MessageKind.PAIN_001:
            parts |= transfer | {"purpose_code": st.sampled_from(["", "SALA"]), "remittance_information": MAYBE}
            parts |= {"charge_bearer": borne}
        case MessageKind.PACS_008:
            parts |= transfer | {"transaction_id": MAYBE, "remittance_information": MAYBE, "charge_bearer": borne}
        case MessageKind.PACS_009:
            parts |= transfer | {"transaction_id": MAYBE, "underlying": st.none() | UNDERLYING}
        case MessageKind.PACS_002:
            parts |= {"transaction_id": MAYBE, "status": st.sampled_from(["ACSC", "RJCT"]), "reason_code": reasons}
        case MessageKind.PACS_004:
            parts |= transfer | {"return_id": TEXTS, "transaction_id": MAYBE, "reason_code": reasons}
            # What was kept is told in the currency that came back.
            returned = st.builds(MessageTransaction, **parts)
            return st.builds(kept, returned, st.none() | st.integers(min_value=1, max_value=10**14))
        case _:
            parts |= {"status": st.sampled_from(["ACSC", "PDNG", "RJCT"]), "reason_code": reasons}
    return st.builds(MessageTransaction, **parts)


def kept(one: MessageTransaction, minor_units: int | None) -> MessageTransaction:
    """The return of which the other bank kept so much."""
    assert one.amount is not None, "a return has an amount"
    return replace(one, charges=Money(one.amount.currency, minor_units) if minor_units else None)


def signed(amount: Money, negative: bool) -> Money:
    """The amount, or what is debited of it."""
    return -amount if negative else amount


SIGNED = st.builds(signed, AMOUNTS, st.booleans())
BOOKINGS = st.builds(
    MessageBooking,
    amount=SIGNED,
    status=st.sampled_from(["BOOK", "PDNG"]),
    reversal=st.booleans(),
    booking_date=DAYS,
    value_date=st.none() | DAYS,
    entry_reference=MAYBE,
    servicer_reference=MAYBE,
    bank_transaction_code=st.sampled_from(["", "PMNT/RCDT/ESCT", "a code of the bank"]),
    end_to_end_id=MAYBE,
    transactions=st.just(1),
    counterparty=PARTIES,
    remittance_information=MAYBE,
)


def statements(kind: MessageKind) -> st.SearchStrategy[MessageStatement]:
    """Any statement: with balances where the kind has them."""
    balances = st.lists(
        st.builds(MessageBalance, st.sampled_from(["OPBD", "CLBD"]), SIGNED, DAYS), min_size=1, max_size=2
    ).map(tuple)
    return st.builds(
        MessageStatement,
        statement_id=TEXTS,
        account=TEXTS.filter(lambda text: text != "NOTPROVIDED"),
        currency_code=st.just("CNY"),
        created_at=st.just(CREATED),
        from_date=DAYS,
        to_date=DAYS,
        balances=balances if kind is MessageKind.CAMT_053 else st.just(()),
        bookings=st.lists(BOOKINGS, max_size=4).map(tuple),
    )


@st.composite
def messages(draw: st.DrawFn) -> IsoMessage:
    """Any message of any kind."""
    kind = draw(st.sampled_from(list(MessageKind)))
    of_accounts = kind in (MessageKind.CAMT_053, MessageKind.CAMT_054)
    original = kind in (MessageKind.PAIN_002, MessageKind.PACS_002, MessageKind.PACS_004)
    reports = kind in (MessageKind.PAIN_002, MessageKind.PACS_002)
    settles = kind in (MessageKind.PACS_008, MessageKind.PACS_009, MessageKind.PACS_004)
    return IsoMessage(
        kind=kind,
        message_id=draw(TEXTS),
        created_at=CREATED,
        initiating_party=draw(MAYBE) if kind in (MessageKind.PAIN_001, MessageKind.PAIN_002) else "",
        original_message_id=draw(TEXTS) if original else "",
        original_schema="pain.001.001.09" if original else "",
        settlement_method=draw(st.sampled_from(["", "COVE", "INDA"])) if settles else "",
        instructed_agent=draw(st.sampled_from(["", BIC, CNAPS])) if settles or kind is MessageKind.PACS_002 else "",
        status=draw(st.sampled_from(["", "RJCT"])) if reports else "",
        reason_code=draw(st.sampled_from(["", "AC01"])) if reports else "",
        transactions=() if of_accounts else tuple(draw(st.lists(transactions(kind), min_size=1, max_size=4))),
        statements=tuple(draw(st.lists(statements(kind), min_size=1, max_size=2))) if of_accounts else (),
    )
