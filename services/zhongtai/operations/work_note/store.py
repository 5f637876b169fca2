"""How notes rest: one row each, and one for the bytes of each file, however many notes have it."""

from sqlalchemy import Index, MetaData, Table, bindparam, func, select

from zhongtai.operations.work_note.domain import Attachment, WorkAttachmentNotFound, WorkNote
from zhongtai.runtime.store import Records, instant, integer, octets, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
WORK_NOTE = Table(
    "work_note",
    metadata,
    text("work_note_id", primary_key=True),
    text("work_order_id"),
    text("author"),
    instant("written_at"),
    text("comment"),
    text("file_name"),
    text("media_type"),
    text("sha256"),
    integer("size_bytes"),
    Index("ix_work_note_order", "work_order_id", "work_note_id"),
)
ATTACHMENT = Table("work_attachment", metadata, text("sha256", primary_key=True), octets("content"))
notes = Records(WORK_NOTE, WorkNote, missing=WorkAttachmentNotFound)
_attachments = Records(ATTACHMENT, Attachment)
_COUNT = select(func.count()).where(WORK_NOTE.c.work_order_id == bindparam("work_order_id"))


def count(view: View, work_order_id: str) -> int:
    """How many notes an order has."""
    return int(view.rows(_COUNT, {"work_order_id": work_order_id})[0][0])


def attachment(view: View, note: WorkNote) -> Attachment | None:
    """The file of a note, if it has one."""
    return _attachments.find(view, note.sha256)


def keep(unit: Unit, file: Attachment) -> None:
    """Keeps the bytes of a file, unless they are kept already."""
    if _attachments.find(unit, file.sha256) is None:
        _attachments.add(unit, file)
