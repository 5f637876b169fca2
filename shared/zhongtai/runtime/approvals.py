"""Maker and checker at the door of every service: commands under an approval policy wait until others approve them.

A command is any RPC that changes something, of any service, by whatever door it comes; the few that cannot be under a
policy are what decides of approvals, and what authenticates a person. A service keeps the policies it has heard of
(`ApprovalPolicySet`) in its own store. A command under none of them costs one look-up. One under a policy that was not
carried out before is tried out first, so that a bad one is refused at once and leaves no trace; what works in several
units of work cannot be tried out. Then operations holds it, whole, and whoever asked gets `ApprovalAwaited`. Once it is
approved it is asked for again, by whoever executes held commands or by its maker, under the same request id: the first
carries it out, every other gets the kept reply. So it is carried out once, whatever crashes in between. What was held
stays held: a policy that is changed or ended meanwhile lets nobody carry it out without its approval.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date
from hashlib import sha256
from typing import Any, Protocol

from google.protobuf.message import Message
from sqlalchemy import Column, MetaData, Table, Text, bindparam, select, text

from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.kernel.approvals import POLICY_OF_POLICIES, ApprovalPolicy
from zhongtai.kernel.refusals import Denied, Unmet
from zhongtai.runtime import contracts, journal
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.contracts import Method
from zhongtai.runtime.convert import date_message, date_of, value_of
from zhongtai.runtime.errors import RequestIdReused, ServiceUnreachable
from zhongtai.runtime.orchestration import Host
from zhongtai.runtime.plain import from_json, to_json
from zhongtai.runtime.transactions import Writing
from zhongtai.runtime.unit import Unit, on_each

POLICY_SET = "zhongtai.operations.v1.ApprovalPolicySet"
HOLD = "zhongtai.operations.v1.HeldCommandService.HoldCommand"
# Where several processes serve one store, one hears of a change; the others know it after so long.
POLICIES_LAST_S = 5.0
_HOLDER = Caller("approvals", "platform", frozenset({"operations.held_command.hold"}))

metadata = MetaData()
APPROVAL_POLICY = Table(
    "known_approval_policy", metadata, Column("rpc", Text, primary_key=True), Column("policy", Text, nullable=False)
)
HELD_BEFORE = Table(
    "known_held_command",
    metadata,
    *(Column(name, Text, primary_key=True) for name in ("client_id", "rpc", "request_id")),
)
_ALL = select(APPROVAL_POLICY.c.policy)
_ADD = APPROVAL_POLICY.insert()
_HELD = select(HELD_BEFORE.c.rpc).where(
    HELD_BEFORE.c.client_id == bindparam("client_id"),
    HELD_BEFORE.c.rpc == bindparam("rpc"),
    HELD_BEFORE.c.request_id == bindparam("request_id"),
)
_NOTE = text(
    "INSERT INTO known_held_command (client_id, rpc, request_id) VALUES (:client_id, :rpc, :request_id)"
    " ON CONFLICT DO NOTHING"
)
_SET = APPROVAL_POLICY.update().where(APPROVAL_POLICY.c.rpc == bindparam("of")).values(policy=bindparam("now"))


class ApprovalAwaited(Unmet):
    """This must be approved by others first, and is kept until {expires_at} as {held_command_id}: ask again with the
    same request id to learn what became of it.

    此指令须经他人复核，已保留至{expires_at}，编号{held_command_id}：请用同一请求号再次查询结果。
    """

    held_command_id: str
    work_order_id: str
    expires_at: str


class ApprovalDenied(Denied):
    """{decided_by} did not approve this ({held_command_id}): {comment}

    {decided_by}未批准此指令（{held_command_id}）：{comment}
    """

    held_command_id: str
    decided_by: str
    comment: str


class ApprovalMustBeInTime(Unmet):
    """The command {held_command_id} is {status} and was not carried out: ask for it anew with another request id.

    指令{held_command_id}状态为{status}，未予执行：请用新的请求号重新提交。
    """

    held_command_id: str
    status: str


class ApprovedCommandRefused(Unmet):
    """The command {held_command_id} was approved, but could not be carried out ({refusal_reason}): {said}

    指令{held_command_id}已获批准，但执行被拒绝（{refusal_reason}）：{said}
    """

    held_command_id: str
    refusal_reason: str
    said: str


class Rehearsed(Exception):
    """A command was tried out and would be carried out: everything it did is taken back."""


class ApprovingHost(Host, Protocol):
    """A mounted service, as far as approvals go."""

    name: str


class Approvals:
    """The policies a service knows, and the way its commands go that are under one."""

    def __init__(self, host: ApprovingHost) -> None:
        self._host = host
        self._policies: Mapping[str, ApprovalPolicy] = {}
        self._true_until = float("-inf")
        self._heard = 0
        self._reading = asyncio.Lock()

    def concern(self, rpc: str, now: float) -> bool:
        """Whether a command has to go through here: it is under a policy, or the policies are to be read again."""
        return rpc in self._policies or self._true_until <= now

    def forget(self) -> None:
        """Has the policies read again before the next command."""
        self._heard += 1
        self._true_until = float("-inf")

    async def admit(self, method: Method, request: Message, call: Call, work: Callable[[Unit], Any] | None) -> Call:
        """The call with which the command may be carried out now; raises what it waits for otherwise.

        `work` is what the command does in a unit of work, to be tried out; None where it is none.
        """
        await self.know()
        policy = self._policies.get(method.full_name)
        if policy is None:
            return call
        key = journal.RequestKey(call.caller.client_id, method.full_name, request.request_id)  # type: ignore[attr-defined]
        tier = policy.tier_for(call.caller.client_id, totals(request, policy.amount_field))
        is_kept, was_held = await self._host.store.read(
            lambda reading: (journal.is_kept(reading, key), bool(reading.rows(_HELD, asdict(key))))
        )
        if is_kept or (tier is None and not was_held):
            return call
        call = replace(call, business_date=call.business_date or self._host.clock.business_date())
        told = await self._hold(key, request, call, is_rehearsed=False)
        if told.is_needed and not told.HasField("held"):
            if work is not None:
                await self._rehearse(work, call, key.request_id)
            told = await self._hold(key, request, call, is_rehearsed=True)
        if told.is_needed and not was_held:
            await self._host.store.change(lambda writing: writing.execute(_NOTE, asdict(key)), call.deadline)
        return _allowed(told, request, call) if told.is_needed else call

    async def know(self) -> None:
        """Reads the policies where that is due: at first, when one was heard of, and where another process may have."""
        async with self._reading:
            if self._true_until > (now := asyncio.get_running_loop().time()):
                return
            heard = self._heard
            rows = await self._host.store.read(lambda reading: reading.rows(_ALL), _ALL)
            known = [from_json(row.policy, ApprovalPolicy) for row in rows]
            own = [POLICY_OF_POLICIES] if self._host.name == "operations" else []
            self._policies = {policy.rpc: policy for policy in (*known, *own)}
            alone = self._host.store.engine.dialect.name == "sqlite"
            # What was heard of while this was read may not be in it.
            if heard == self._heard:
                self._true_until = float("inf") if alone else now + POLICIES_LAST_S

    async def _rehearse(self, work: Callable[[Unit], Any], call: Call, request_id: str) -> None:
        # It is tried out as if it was approved.
        def change(writing: Writing) -> None:
            work(self._host.unit(writing, replace(call, approved_by=_HOLDER.subject), request_id))
            raise Rehearsed

        try:
            await self._host.store.change(change, call.deadline)
        except Rehearsed:
            return

    async def _hold(self, key: journal.RequestKey, request: Message, call: Call, *, is_rehearsed: bool) -> Any:
        if self._host.calls is None or call.business_date is None:
            raise ServiceUnreachable(service="operations")
        asked = contracts.method(HOLD).request_type(
            request_id=self._host.ids.new("hold"),
            rpc=key.rpc,
            command=request.SerializeToString(deterministic=True),
            client_id=key.client_id,
            command_request_id=key.request_id,
            maker=call.caller.subject,
            on_behalf_of=call.caller.on_behalf_of,
            scopes=sorted(call.caller.scopes),
            business_date=date_message(call.business_date),
            is_rehearsed=is_rehearsed,
        )
        return await self._host.calls.call(asked, replace(call, caller=_HOLDER))


def _allowed(told: Any, request: Message, call: Call) -> Call:
    """The call on the date the command was held for, where it is approved; else how it stands, as a refusal."""
    held = told.held
    if held.fingerprint != sha256(request.SerializeToString(deterministic=True)).hexdigest():
        raise RequestIdReused(request_id=held.command_request_id)
    field = held.DESCRIPTOR.fields_by_name["status"].enum_type
    status = field.values_by_number[held.status].name.removeprefix("HELD_COMMAND_STATUS_")
    held_id = held.held_command_id
    if status == "AWAITED":
        raise ApprovalAwaited(
            held_command_id=held_id, work_order_id=held.work_order_id, expires_at=held.expires_at.ToJsonString()
        )
    if status == "REJECTED":
        raise ApprovalDenied(held_command_id=held_id, decided_by=held.decided_by, comment=held.comment)
    if status == "REFUSED":
        raise ApprovedCommandRefused(
            held_command_id=held_id, refusal_reason=held.refusal_reason, said=held.refusal_sentence
        )
    if status not in ("APPROVED", "EXECUTED"):
        raise ApprovalMustBeInTime(held_command_id=held_id, status=status)
    held_for: date = date_of(held.business_date)
    return replace(call, business_date=held_for, approved_by=held.decided_by)


@on_each((POLICY_SET,))
def policy_set(event: Message, unit: Unit) -> None:
    """Keeps what the service must know of a policy; every service hears of every policy."""
    message: Any = event
    policy = value_of(message.policy, ApprovalPolicy)
    kept = to_json(policy)
    if not unit.execute(_SET, {"of": policy.rpc, "now": kept}):
        unit.execute(_ADD, {"rpc": policy.rpc, "policy": kept})


def totals(request: Message, amount_field: str) -> dict[str, int]:
    """The amounts at the end of a way through a request, added up by currency, in minor units."""
    found: Counter[str] = Counter()
    for amount in _amounts(request, amount_field.split(".") if amount_field else []):
        found[amount.currency_code] += amount.minor_units
    return dict(found)


def _amounts(message: Any, path: list[str]) -> Iterator[MoneyMessage]:
    if not path:
        return
    # A policy may be older than the contract: a field that is gone states no amount, which is above every threshold.
    field = message.DESCRIPTOR.fields_by_name.get(path[0])
    if field is None or (not field.is_repeated and not message.HasField(path[0])):
        return
    value = getattr(message, path[0])
    for part in value if field.is_repeated else (value,):
        if isinstance(part, MoneyMessage):
            yield part
        else:
            yield from _amounts(part, path[1:])
