"""The RPCs of notes on work orders."""

from zhongtai.operations.v1 import work_note_pb2 as v1
from zhongtai.operations.work_note import store
from zhongtai.operations.work_note.domain import WorkNote, attachment_of
from zhongtai.operations.work_order import store as order_store
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def add_work_note(request: v1.AddWorkNoteRequest, unit: Unit) -> v1.AddWorkNoteResponse:
    """Adds a comment, a file, or both."""
    order = order_store.work_orders.load(unit, request.work_order_id)
    file = attachment_of(request.content, request.file_name, request.media_type) if request.content else None
    note = WorkNote(
        work_note_id=unit.new_id("note"),
        work_order_id=order.work_order_id,
        author=unit.caller.acting,
        written_at=unit.now,
        comment=request.comment,
        file_name=request.file_name,
        media_type=request.media_type,
        sha256=file.sha256 if file else "",
        size_bytes=len(request.content),
    )
    fact = note.added(store.count(unit, order.work_order_id))
    if file is not None:
        store.keep(unit, file)
    store.notes.add(unit, note)
    unit.record(fact)
    return v1.AddWorkNoteResponse(work_note_id=note.work_note_id, note=message_of(note, v1.WorkNote))


@rpc
def list_work_notes(request: v1.ListWorkNotesRequest, view: View) -> v1.ListWorkNotesResponse:
    """The notes on an order, page by page."""
    found, page = store.notes.page(view, request.page, store.WORK_NOTE.c.work_order_id == request.work_order_id)
    return v1.ListWorkNotesResponse(notes=[message_of(note, v1.WorkNote) for note in found], page=page)


@rpc
def get_work_attachment(request: v1.GetWorkAttachmentRequest, view: View) -> v1.GetWorkAttachmentResponse:
    """The file of a note."""
    note = store.notes.load(view, request.work_note_id)
    content = note.content_of(store.attachment(view, note))
    return v1.GetWorkAttachmentResponse(note=message_of(note, v1.WorkNote), content=content)
