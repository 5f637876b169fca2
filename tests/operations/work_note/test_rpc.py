"""Notes through the door: files are what they say they are, kept once, and given out as they came or not at all."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import text

from tests.operations.bank import Bank
from tests.operations.work_order.test_rpc import opened
from zhongtai.operations.v1 import work_note_pb2 as v1
from zhongtai.operations.work_note.domain import MOST_NOTES, NotesExhausted, WorkNote

PNG = b"\x89PNG\r\n\x1a\n and so on"


def note(bank: Bank, order: str, **fields: Any) -> v1.AddWorkNoteRequest:
    return v1.AddWorkNoteRequest(request_id=bank.request_id(), work_order_id=order, **fields)


async def test_comments_and_files_stay_with_an_order(bank: Bank) -> None:
    order, other = await opened(bank), await opened(bank)
    await bank.door.call(note(bank, order, comment="please look"))
    file = {"file_name": "证明.png", "media_type": "image/png", "content": PNG}
    first = await bank.door.call(note(bank, order, comment="as asked", **file))
    second = await bank.door.call(note(bank, other, **file))
    told = (await bank.door.call(v1.ListWorkNotesRequest(work_order_id=order))).notes
    assert [(one.comment, one.file_name, one.size_bytes) for one in told] == [
        ("please look", "", 0),
        ("as asked", "证明.png", len(PNG)),
    ]
    assert told[1].sha256 == hashlib.sha256(PNG).hexdigest()
    for added in (first, second):
        found = await bank.door.call(v1.GetWorkAttachmentRequest(work_note_id=added.work_note_id))
        assert found.content == PNG
    none = await bank.door.refused(v1.GetWorkAttachmentRequest(work_note_id=told[0].work_note_id))
    assert none.reason == "WORK_ATTACHMENT_NOT_FOUND"
    with bank.door.service.store.engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM work_attachment")).scalar() == 1
        # Whoever changes the bytes in the store is found out.
        connection.execute(text("UPDATE work_attachment SET content = :other"), {"other": b"another"})
    broken = await bank.door.refused(v1.GetWorkAttachmentRequest(work_note_id=first.work_note_id))
    assert broken.reason == "ATTACHMENT_MUST_BE_WHOLE"
    assert len(await bank.door.facts(v1.WorkNoteAdded)) == 3


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "REQUEST_INVALID"),
        ({"file_name": "a.png", "media_type": "image/png"}, "REQUEST_INVALID"),
        ({"content": PNG}, "REQUEST_INVALID"),
        ({"content": PNG, "file_name": "../a.png", "media_type": "image/png"}, "REQUEST_INVALID"),
        ({"content": b"MZ", "file_name": "a.exe", "media_type": "application/x-msdownload"}, "REQUEST_INVALID"),
        ({"content": b"x" * 524_289, "file_name": "a.txt", "media_type": "text/plain"}, "REQUEST_INVALID"),
        ({"content": b"MZ", "file_name": "a.png", "media_type": "image/png"}, "ATTACHMENT_MUST_BE_OF_ITS_TYPE"),
        ({"content": b"\xff\xfe", "file_name": "a.txt", "media_type": "text/plain"}, "ATTACHMENT_MUST_BE_OF_ITS_TYPE"),
    ],
)
async def test_bad_notes_leave_no_trace(bank: Bank, fields: dict[str, Any], reason: str) -> None:
    order = await opened(bank)
    assert (await bank.door.refused(note(bank, order, **fields))).reason == reason
    assert await bank.door.facts(v1.WorkNoteAdded) == []


async def test_a_note_is_about_an_order_that_is_there_and_there_are_not_too_many(bank: Bank) -> None:
    assert (await bank.door.refused(note(bank, "wo_0", comment="hello"))).reason == "WORK_ORDER_NOT_FOUND"
    one = WorkNote("note_1", "wo_1", "ann", bank.door.clock.now(), "hello")
    assert one.added(MOST_NOTES - 1).author == "ann"
    with pytest.raises(NotesExhausted):
        one.added(MOST_NOTES)
