"""How closed periods rest: a row each, and the steps that carry a year forward, which are shipped as data."""

from sqlalchemy import MetaData, Table

from zhongtai.operations.book_period.domain import BookPeriod, CarryForward
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, day, instant, json, text

metadata = MetaData()
BOOK_PERIOD = Table(
    "book_period",
    metadata,
    text("book", primary_key=True),
    day("through", primary_key=True),
    text("kind"),
    json("entry_ids"),
    instant("closed_at"),
    text("closed_by"),
)
periods = Records(BOOK_PERIOD, BookPeriod)

STEPS: tuple[CarryForward, ...] = tuple(map(reader(CarryForward), shipped(__package__, "carry_forward.json")))
