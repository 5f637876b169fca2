"""The tables of fees and waivers; the tariffs and posting rules that ship."""

from datetime import date

from sqlalchemy import Index, MetaData, Table, UniqueConstraint, bindparam, func, select

from zhongtai.kernel.money import Money
from zhongtai.operations.account.domain import Account
from zhongtai.operations.account_fee.domain import (
    AccountFee,
    AccountFeeNotFound,
    AccountFeeStatus,
    FeeQuote,
    FeeTariff,
    FeeWaiver,
    quote,
    tariff_for,
)
from zhongtai.operations.posting_rule.domain import PostingRule
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, day, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()
FEE = Table(
    "account_fee",
    metadata,
    text("account_fee_id", primary_key=True),
    text("account_id"),
    text("tariff"),
    text("subject"),
    *money("basis"),
    *money("listed"),
    *money("fee"),
    text("waived_for"),
    text("status"),
    day("arose_on"),
    text("entry_id"),
    UniqueConstraint("tariff", "subject"),
    Index("ix_account_fee_account_id", "account_id", "tariff", "arose_on"),
    Index("ix_account_fee_status", "status", "account_fee_id"),
)
WAIVER = Table(
    "account_fee_waiver",
    metadata,
    text("fee_waiver_id", primary_key=True),
    text("account_id"),
    text("event"),
    day("ends_on"),
    text("reason"),
    Index("ix_account_fee_waiver_account_id", "account_id", "ends_on"),
)
fees = Records(FEE, AccountFee, missing=AccountFeeNotFound)
waivers = Records(WAIVER, FeeWaiver)
_OF_SUBJECT = fees.query(FEE.c.tariff == bindparam("tariff"), FEE.c.subject == bindparam("subject"))
_DUE = fees.query(
    FEE.c.status == AccountFeeStatus.DUE.value,
    FEE.c.account_fee_id > bindparam("after"),
    order_by=FEE.c.account_fee_id,
    limit=100,
)
_STANDING = waivers.query(WAIVER.c.account_id == bindparam("account_id"), WAIVER.c.ends_on >= bindparam("today"))
_IN_MONTH = select(func.count()).where(
    FEE.c.account_id == bindparam("account_id"),
    FEE.c.tariff == bindparam("tariff"),
    FEE.c.arose_on.between(bindparam("first_day"), bindparam("today")),
    FEE.c.status != AccountFeeStatus.REFUNDED.value,
)


TARIFFS: tuple[FeeTariff, ...] = tuple(map(reader(FeeTariff), shipped(__package__, "tariffs.json")))
RULES: dict[str, PostingRule] = {
    rule["on"]: reader(PostingRule)(rule) for rule in shipped(__package__, "posting_rules.json")
}


def of_subject(view: View, tariff: str, subject: str) -> AccountFee | None:
    """The fee that was charged for a subject by a tariff, if any."""
    return next(iter(_OF_SUBJECT(view, tariff=tariff, subject=subject)), None)


def due(view: View, after: str) -> list[AccountFee]:
    """The next fees that are owed."""
    return _DUE(view, after=after)


def quoted(view: View, account: Account, event: str, basis: Money | None) -> FeeQuote:
    """What an event costs an account today; refuses an event that is not listed."""
    today = view.business_date
    nothing = Money(account.currency_code, 0)
    tariff = tariff_for(TARIFFS, event, account.product, account.currency_code, today)
    return quote(
        tariff,
        nothing + (basis or nothing),
        used=_in_month(view, account.account_id, tariff.tariff, today),
        waivers=_STANDING(view, account_id=account.account_id, today=today.isoformat()),
        on=today,
    )


def _in_month(view: View, account_id: str, tariff: str, today: date) -> int:
    asked = {"account_id": account_id, "tariff": tariff}
    days = {"first_day": today.replace(day=1).isoformat(), "today": today.isoformat()}
    return int(view.rows(_IN_MONTH, asked | days)[0][0])
