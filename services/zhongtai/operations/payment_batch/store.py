"""How payment batches rest: a row each, a row for each line; and the rules by which lines are booked."""

from sqlalchemy import ColumnElement, Index, MetaData, Table, bindparam

from zhongtai.operations.payment_batch.domain import BatchLine, BatchStatus, PaymentBatch, PaymentBatchNotFound
from zhongtai.operations.payment_status.domain import PaymentStatus
from zhongtai.operations.posting_rule.domain import PostingRule
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, instant, integer, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()
BATCH = Table(
    "payment_batch",
    metadata,
    text("payment_batch_id", primary_key=True),
    text("kind"),
    text("end_to_end_id"),
    text("initiating_party"),
    text("account_id", index=True),
    *money("amount"),
    integer("count"),
    integer("batch_booking"),
    text("fingerprint"),
    text("status", index=True),
    *money("accepted"),
    integer("accepted_count"),
    *money("rejected"),
    integer("rejected_count"),
    instant("created_at"),
    Index("ix_payment_batch_reference", "initiating_party", "end_to_end_id", unique=True),
)
LINE = Table(
    "payment_batch_line",
    metadata,
    text("payment_batch_id", primary_key=True),
    integer("number", primary_key=True, autoincrement=False),
    text("end_to_end_id"),
    text("account_id"),
    *money("amount"),
    text("remittance_information"),
    text("status"),
    text("reason_code"),
    text("entry_id"),
    Index("ix_payment_batch_line_status", "payment_batch_id", "status", "number"),
)
batches = Records(BATCH, PaymentBatch, missing=PaymentBatchNotFound)
lines = Records(LINE, BatchLine)
AT_ONCE = 500
_BY_REFERENCE = batches.query(
    BATCH.c.initiating_party == bindparam("party"), BATCH.c.end_to_end_id == bindparam("reference")
)
_OLDEST = batches.query(
    BATCH.c.status.in_((BatchStatus.RCVD.value, BatchStatus.ACSP.value)), order_by=BATCH.c.payment_batch_id, limit=1
)
_NEXT = lines.query(
    LINE.c.payment_batch_id == bindparam("batch_id"),
    LINE.c.status == PaymentStatus.RCVD.value,
    order_by=LINE.c.number,
    limit=AT_ONCE,
)
_LINES = lines.query(LINE.c.payment_batch_id == bindparam("batch_id"), order_by=LINE.c.number)

RULES: dict[str, PostingRule] = {
    rule["on"]: reader(PostingRule)(rule) for rule in shipped(__package__, "posting_rules.json")
}


def by_reference(view: View, initiating_party: str, end_to_end_id: str) -> PaymentBatch | None:
    """The batch of an initiating party under a reference, if there is one."""
    return next(iter(_BY_REFERENCE(view, party=initiating_party, reference=end_to_end_id)), None)


def oldest(view: View) -> PaymentBatch | None:
    """The oldest batch with lines that have no outcome yet."""
    return next(iter(_OLDEST(view)), None)


def next_lines(view: View, batch_id: str) -> list[BatchLine]:
    """The next lines of a batch without an outcome, at most `AT_ONCE`."""
    return _NEXT(view, batch_id=batch_id)


def lines_of(view: View, batch_id: str) -> list[BatchLine]:
    """Every line of a batch; asked of splits, which have few."""
    return _LINES(view, batch_id=batch_id)


def about_lines(batch_id: str, status: str) -> list[ColumnElement[bool]]:
    """The conditions on lines of a batch that stand so; an empty status asks nothing."""
    conditions: list[ColumnElement[bool]] = [LINE.c.payment_batch_id == batch_id]
    return [*conditions, LINE.c.status == status] if status else conditions
