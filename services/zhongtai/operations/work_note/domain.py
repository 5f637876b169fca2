"""A note on a work order (工单批注): a comment, a file, or both.

Always true: a file is what its name's type says as far as its first bytes tell, its bytes are kept once under their
SHA-256, and bytes that no longer have their hash are never given out.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from zhongtai.kernel.refusals import Invalid, Missing, Unmet

MOST_NOTES = 200
# The first bytes of each type (its magic number); texts have none, but hold no zero byte and are UTF-8.
_BEGINS = {"application/pdf": b"%PDF-", "image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


class WorkAttachmentNotFound(Missing):
    """There is no file with the note {work_note_id}: check the id.

    批注{work_note_id}没有附件：请核对编号。
    """

    work_note_id: str


class AttachmentMustBeOfItsType(Invalid):
    """The file {file_name} is no {media_type}: state its own type, or attach another file.

    文件{file_name}不是{media_type}类型：请填写正确的类型，或更换文件。
    """

    file_name: str
    media_type: str


class NotesExhausted(Unmet):
    """The order {work_order_id} has {most} notes, which is the most: write no more, or open another order.

    工单{work_order_id}的批注已达上限{most}条：请另开工单。
    """

    work_order_id: str
    most: int


class AttachmentMustBeWhole(Unmet):
    """The file of the note {work_note_id} no longer has the hash it was kept under: it is not given out. Tell us.

    批注{work_note_id}的附件与留存的哈希不符，不予提供：请与我们联系。
    """

    work_note_id: str


@dataclass(frozen=True, slots=True)
class WorkNoteAdded:
    """Somebody added a note to an order."""

    work_order_id: str
    work_note_id: str
    author: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """The bytes of a file, by their hash: files of the same bytes are one."""

    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True)
class WorkNote:
    """A note."""

    work_note_id: str
    work_order_id: str
    author: str
    written_at: datetime
    comment: str
    file_name: str = ""
    media_type: str = ""
    sha256: str = ""
    size_bytes: int = 0

    def added(self, before: int) -> WorkNoteAdded:
        """The fact that it is added to an order with so many notes."""
        if before >= MOST_NOTES:
            raise NotesExhausted(work_order_id=self.work_order_id, most=MOST_NOTES)
        return WorkNoteAdded(self.work_order_id, self.work_note_id, self.author, self.sha256)

    def content_of(self, attachment: Attachment | None) -> bytes:
        """The bytes of its file; refuses those that are not what was attached."""
        if attachment is None:
            raise WorkAttachmentNotFound(work_note_id=self.work_note_id)
        if sha256(attachment.content).hexdigest() != self.sha256:
            raise AttachmentMustBeWhole(work_note_id=self.work_note_id)
        return attachment.content


def attachment_of(content: bytes, file_name: str, media_type: str) -> Attachment:
    """The file that some bytes are; refuses bytes of another type than the one stated."""
    begins = _BEGINS.get(media_type)
    if not (content.startswith(begins) if begins else _is_text(content)):
        raise AttachmentMustBeOfItsType(file_name=file_name, media_type=media_type)
    return Attachment(sha256(content).hexdigest(), content)


def _is_text(content: bytes) -> bool:
    # `ignore` drops what is no UTF-8: where nothing was dropped, all of it is.
    return b"\0" not in content and content.decode("utf-8", "ignore").encode() == content
