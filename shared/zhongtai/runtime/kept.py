"""Replies kept for orchestrations, as the runtime keeps those of every plain change.

An orchestration works outside a unit of work (it hashes a secret, it moves a clock), so what it commits is wrapped
here: the reply under its request id, the fingerprint of what was asked, and the audit entry, all in one transaction.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeVar

from google.protobuf.message import Message

from zhongtai.runtime import contracts, journal
from zhongtai.runtime.errors import RequestIdReused
from zhongtai.runtime.orchestration import Orchestration
from zhongtai.runtime.transactions import Writing
from zhongtai.runtime.unit import Unit

M = TypeVar("M", bound=Message)


async def change_once(orchestration: Orchestration, request: Any, work: Callable[[Unit], M]) -> tuple[M, bool]:
    """The reply of `work`, run once for a request id, and whether it was run now.

    Raises `RequestIdReused` where the id came with another request, and whatever the work refuses.
    """
    method = contracts.method_of(request)
    call, request_id = orchestration.call, str(request.request_id)
    fingerprint = sha256(request.SerializeToString(deterministic=True)).digest()
    key = journal.RequestKey(call.caller.client_id, method.full_name, request_id)

    def change(writing: Writing) -> tuple[Any, bool]:
        kept = journal.kept_reply(writing, key)
        if kept is not None:
            if kept.fingerprint != fingerprint:
                raise RequestIdReused(request_id=request_id)
            return method.response_type.FromString(kept.reply), False
        unit = orchestration.host.unit(writing, call, request_id)
        reply = work(unit)
        journal.keep_reply(
            writing, key, journal.KeptReply(fingerprint, reply.SerializeToString(deterministic=True)), unit.now
        )
        journal.add_audit(
            writing,
            now=unit.now,
            business_date=unit.business_date,
            subject=call.caller.subject,
            client_id=call.caller.client_id,
            on_behalf_of=call.caller.on_behalf_of,
            action=method.full_name,
            request_id=request_id,
            fingerprint=fingerprint,
        )
        return reply, True

    return await orchestration.store.change(change, call.deadline)
