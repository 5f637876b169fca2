"""The table of use and sleep, a row for each customer's account; how use is read from the ledger; the rules that ship.

A night reads the entries posted since and looks at the accounts that were not used for long enough.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Index, MetaData, Table, and_, bindparam, exists, func, or_, select
from sqlalchemy import text as sql

from zhongtai.operations.account.domain import GENERAL, Account, AccountClass, AccountStatus, Side
from zhongtai.operations.account.store import ACCOUNT, accounts
from zhongtai.operations.account_fee.domain import AccountFeeStatus
from zhongtai.operations.account_fee.store import FEE
from zhongtai.operations.dormancy.domain import Dormancy, DormancyNotFound, DormancyRule, DormancyStatus
from zhongtai.operations.ledger_entry.store import ENTRY, LEG
from zhongtai.operations.overdraft.store import OVERDRAFT
from zhongtai.operations.term_deposit.domain import TermDepositStatus
from zhongtai.operations.term_deposit.store import TERM_DEPOSIT
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, day, integer, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
DORMANCY = Table(
    "dormancy",
    metadata,
    text("account_id", primary_key=True),
    text("product"),
    day("last_used_on"),
    text("status"),
    day("noticed_on", nullable=True),
    day("dormant_since", nullable=True),
    day("woken_on", nullable=True),
    text("woken_by"),
    text("proof"),
    Index("ix_dormancy_product", "product", "last_used_on"),
    Index("ix_dormancy_status", "status", "account_id"),
)
# One row: the number of the last entry whose use is noted.
READING = Table("dormancy_reading", metadata, text("book", primary_key=True), integer("seen_number"))
dormancies = Records(DORMANCY, Dormancy, missing=DormancyNotFound)

# What one call does at most, so that others wait for milliseconds only.
ENTRIES, ACCOUNTS = 250, 250

_SHIPPED = shipped(__package__, "rules.json")
RULES: dict[str, DormancyRule] = {rule.account_product: rule for rule in map(reader(DormancyRule), _SHIPPED["rules"])}
# The codes of interest, fees and tax: an entry with nothing else beside the account is the bank's own.
BANK_CODES: tuple[str, ...] = tuple(_SHIPPED["bank_codes"])

_SEEN = select(READING.c.seen_number).where(READING.c.book == GENERAL)
_LAST_NUMBER = select(func.coalesce(func.max(ENTRY.c.number), 0)).where(ENTRY.c.book == GENERAL)
_OTHER = LEG.alias()
_USED = (
    select(LEG.c.account_id, ACCOUNT.c.product, func.max(ENTRY.c.booking_date))
    .join(ENTRY, and_(ENTRY.c.book == LEG.c.book, ENTRY.c.number == LEG.c.number))
    .join(ACCOUNT, ACCOUNT.c.account_id == LEG.c.account_id)
    .where(
        LEG.c.book == GENERAL,
        LEG.c.posted == 1,
        LEG.c.number > bindparam("after"),
        LEG.c.number <= bindparam("through"),
        ACCOUNT.c.account_class == AccountClass.CUSTOMER.value,
        exists().where(
            _OTHER.c.book == LEG.c.book,
            _OTHER.c.number == LEG.c.number,
            _OTHER.c.account_id != LEG.c.account_id,
            or_(_OTHER.c.account_id != "", _OTHER.c.account_code.not_in(BANK_CODES)),
        ),
    )
    .group_by(LEG.c.account_id, ACCOUNT.c.product)
)
# The same text on SQLite and PostgreSQL; use answers a notice, and wakes nothing that sleeps.
_NOTE = sql(
    """
    INSERT INTO dormancy (account_id, product, last_used_on, status, woken_by, proof)
    VALUES (:account_id, :product, :last_used_on, 'AWAKE', '', '')
    ON CONFLICT (account_id) DO UPDATE SET
        last_used_on = CASE WHEN excluded.last_used_on > dormancy.last_used_on
                            THEN excluded.last_used_on ELSE dormancy.last_used_on END,
        noticed_on = CASE WHEN dormancy.status = 'NOTICED' THEN NULL ELSE dormancy.noticed_on END,
        status = CASE WHEN dormancy.status = 'NOTICED' THEN 'AWAKE' ELSE dormancy.status END
    """
)
_READ_ON = sql(
    """
    INSERT INTO dormancy_reading (book, seen_number) VALUES (:book, :seen_number)
    ON CONFLICT (book) DO UPDATE SET seen_number = excluded.seen_number
    """
)
# An account that a deposit is paid to at its term waits for that.
_PAID_TO = exists().where(
    TERM_DEPOSIT.c.customer_id == ACCOUNT.c.customer_id,
    TERM_DEPOSIT.c.settlement_account_id == ACCOUNT.c.account_id,
    TERM_DEPOSIT.c.status != TermDepositStatus.CLOSED.value,
)
_MAY_BE_DUE = dormancies.query(
    DORMANCY.c.account_id > bindparam("position"),
    or_(
        and_(DORMANCY.c.status == DormancyStatus.NOTICED.value, DORMANCY.c.product.in_(RULES)),
        and_(
            DORMANCY.c.status == DormancyStatus.AWAKE.value,
            or_(
                *(
                    and_(DORMANCY.c.product == product, DORMANCY.c.last_used_on <= bindparam(f"used_by_{product}"))
                    for product in RULES
                )
            ),
            exists().where(
                ACCOUNT.c.account_id == DORMANCY.c.account_id,
                ACCOUNT.c.status == AccountStatus.ACTIVE.value,
                ~_PAID_TO,
            ),
        ),
    ),
    order_by=DORMANCY.c.account_id,
    limit=ACCOUNTS,
)
_OVERDRAFTS_OWED = select(OVERDRAFT.c.account_id).where(or_(OVERDRAFT.c.accrued_minor > 0, OVERDRAFT.c.due_minor > 0))
_FEES_OWED = select(FEE.c.account_id).distinct().where(FEE.c.status == AccountFeeStatus.DUE.value)


def note_next(unit: Unit) -> tuple[int, bool]:
    """Notes the use of accounts in the next entries; answers how many were used, and whether entries are left."""
    rows = unit.rows(_SEEN)
    seen, last = int(rows[0][0]) if rows else 0, int(unit.rows(_LAST_NUMBER)[0][0])
    through = min(seen + ENTRIES, last)
    used = unit.rows(_USED, {"after": seen, "through": through}) if through > seen else []
    if used:
        unit.execute(_NOTE, [_noted(*row) for row in used])
    if through > seen:
        unit.execute(_READ_ON, {"book": GENERAL, "seen_number": through})
    return len(used), through < last


def note_opened(unit: Unit, account_id: str, product: str, on: date) -> None:
    """Notes an account that was opened, as used on that day."""
    unit.execute(_NOTE, [_noted(account_id, product, on.isoformat())])


def may_be_due(view: View, position: str) -> list[Dormancy]:
    """The next accounts behind a position that may fall dormant by their rules, and those that were given notice."""
    today = view.business_date
    used_by = {f"used_by_{product}": rule.used_by(today).isoformat() for product, rule in RULES.items()}
    return _MAY_BE_DUE(view, position=position, **used_by)


def owing(view: View, found: Sequence[Account]) -> set[str]:
    """The customers of accounts who owe the bank: on an account of theirs, for an overdraft, or a fee."""
    customers = {account.customer_id for account in found}
    theirs = accounts.where(view, ACCOUNT.c.customer_id.in_(customers)) if customers else []
    of_account = {each.account_id: each.customer_id for each in theirs}
    owed = [
        each.account_id
        for each in theirs
        if (each.side is Side.DEBIT and each.balance) or each.balance < each.balance.nothing
    ]
    owed += [row[0] for row in view.rows(_OVERDRAFTS_OWED.where(OVERDRAFT.c.account_id.in_(of_account)))]
    owed += [row[0] for row in view.rows(_FEES_OWED.where(FEE.c.account_id.in_(of_account)))]
    return {of_account[account_id] for account_id in owed}


def _noted(account_id: str, product: str, on: str) -> dict[str, str]:
    return {"account_id": account_id, "product": product, "last_used_on": on}
