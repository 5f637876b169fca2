"""The rates that ship (`rates.json`) and the table of those that were published since."""

from datetime import date

from sqlalchemy import MetaData, Table, bindparam

from zhongtai.operations.deposit_rate.domain import DepositRate, DepositRateNotFound, in_force
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, day, integer, json, text
from zhongtai.runtime.unit import View

metadata = MetaData()
DEPOSIT_RATE = Table(
    "deposit_rate",
    metadata,
    text("rate_code", primary_key=True),
    text("currency_code", primary_key=True),
    day("effective_on", primary_key=True),
    json("tiers"),
    text("source"),
    integer("confirm"),
)
deposit_rates = Records(DEPOSIT_RATE, DepositRate)

SHIPPED: tuple[DepositRate, ...] = tuple(map(reader(DepositRate), shipped(__package__, "rates.json")))
# A rate a month for forty years.
RATES_MAX = 500
_OF_CODE = deposit_rates.query(
    DEPOSIT_RATE.c.rate_code == bindparam("rate_code"),
    DEPOSIT_RATE.c.currency_code == bindparam("currency_code"),
    order_by=DEPOSIT_RATE.c.effective_on,
    limit=RATES_MAX,
)
_ALL = deposit_rates.query(
    order_by=(DEPOSIT_RATE.c.rate_code, DEPOSIT_RATE.c.currency_code, DEPOSIT_RATE.c.effective_on)
)


def of_code(view: View, rate_code: str, currency_code: str) -> tuple[DepositRate, ...]:
    """Every rate of a code in a currency, by the day it begins."""
    shipped = [rate for rate in SHIPPED if (rate.rate_code, rate.currency_code) == (rate_code, currency_code)]
    published = _OF_CODE(view, rate_code=rate_code, currency_code=currency_code)
    return tuple(sorted((*shipped, *published), key=lambda rate: rate.effective_on))


def on_day(view: View, rate_code: str, currency_code: str, on: date) -> DepositRate:
    """The rate in force on a day, or `DepositRateNotFound`."""
    found = in_force(of_code(view, rate_code, currency_code), on)
    if found is None:
        raise DepositRateNotFound(rate_code=rate_code, currency_code=currency_code, on=on)
    return found


def every(view: View, rate_code: str) -> list[DepositRate]:
    """Every rate of a code, or of all where it is empty, by code, currency and day."""
    chosen = [rate for rate in (*SHIPPED, *_ALL(view)) if rate_code in ("", rate.rate_code)]
    return sorted(chosen, key=lambda rate: (rate.rate_code, rate.currency_code, rate.effective_on))
