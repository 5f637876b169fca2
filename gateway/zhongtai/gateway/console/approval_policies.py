"""Which commands others must approve: the policies, and the form that asks for a change, which waits for others too."""

from collections.abc import Iterator
from typing import Any

from starlette.responses import Response

from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.gateway.console.catalogue import sentences
from zhongtai.gateway.console.refusals import NothingHere
from zhongtai.gateway.console.site import Visit
from zhongtai.kernel.approvals import POLICY_OF_POLICIES
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import approval_policy_pb2 as v1
from zhongtai.operations.v1 import work_queue_pb2
from zhongtai.runtime import contracts
from zhongtai.runtime.approvals import ApprovalAwaited
from zhongtai.runtime.contracts import Method
from zhongtai.runtime.convert import money_message

ROWS = 50
MOST = 200
MOST_TIERS = 10
_DEEPEST = 5


async def listed(visit: Visit) -> Response:
    """The policies, and the way to a command that has none; what is asked for by name is gone to."""
    chosen = visit.query.get("rpc", "").strip()
    if chosen:
        return visit.go(
            f"approval-policies/{contracts.method(chosen).full_name}" if _is_command(chosen) else "approval-policies"
        )
    page = PageRequest(size=ROWS, token=visit.query.get("page", ""))
    told = await visit.told(v1.ListApprovalPoliciesRequest(page=page))
    commands = [method.full_name for method in contracts.all_methods() if not method.reads]
    return visit.show("approval_policies.html", told=told, commands=commands)


async def one(visit: Visit) -> Response:
    """The policy of a command as it is, or an empty one, in the form that changes it."""
    return await _show(visit)


async def change(visit: Visit) -> Response:
    """Asks for the policy of the form: it waits for another's approval, where the maker is led."""
    fields, rpc = await visit.form(), visit.request.path_params["rpc"]
    policy = _policy_of(rpc, fields)
    try:
        _state_amounts(policy, fields)
    except Refusal as refusal:
        return await _show(visit, refusal, policy)
    told = await visit.act(v1.SetApprovalPolicyRequest(request_id=fields.get("request_id", ""), policy=policy))
    if told:
        return visit.go(f"approval-policies/{rpc}")
    if told.refusal is not None and told.refusal.reason == ApprovalAwaited.reason:
        return visit.go(f"work-orders/{told.refusal.metadata['work_order_id']}", done="asked")
    return await _show(visit, told.refusal, policy)


async def _show(visit: Visit, refusal: Refusal | None = None, wanted: v1.ApprovalPolicy | None = None) -> Response:
    rpc = visit.request.path_params["rpc"]
    if not _is_command(rpc):
        raise NothingHere(name=rpc[:40])
    method = contracts.method(rpc)
    told = await visit.told(v1.GetApprovalPolicyRequest(rpc=rpc))
    known = told.reply.policy if told else None
    queues = await visit.told(work_queue_pb2.ListWorkQueuesRequest(page=PageRequest(size=MOST)))
    policy = wanted or known or _proposed(method)
    rows = min(len(policy.tiers) + 1, MOST_TIERS)
    return visit.show(
        "approval_policy.html",
        rpc=rpc,
        sentence=sentences().get(rpc, ""),
        known=known,
        refusal=refusal or (None if told or _is_missing(told.refusal) else told.refusal),
        policy=policy,
        tiers=[*policy.tiers, *[None] * (rows - len(policy.tiers))],
        amount_fields=sorted(_amount_fields(method.descriptor.input_type)),
        queues=queues.reply.queues if queues else (),
        may_write=visit.may(contracts.method_of(v1.SetApprovalPolicyRequest)),
        request_id=visit.console.ids.new("req"),
    )


def _proposed(method: Method) -> v1.ApprovalPolicy:
    """What the form of a command without a policy begins with: one other person, within a day."""
    tier = v1.ApprovalTier(queue_id=POLICY_OF_POLICIES.tiers[0].queue_id, approvers_needed=1)
    return v1.ApprovalPolicy(
        rpc=method.full_name, title=method.descriptor.name, active=True, tiers=[tier], valid_minutes=1440
    )


def _policy_of(rpc: str, fields: dict[str, str]) -> v1.ApprovalPolicy:
    """The policy that a form states, but for its amounts."""
    rows = [row for row in range(1, MOST_TIERS + 1) if fields.get(f"queue_{row}")]
    return v1.ApprovalPolicy(
        rpc=rpc,
        title=fields.get("title", "").strip(),
        title_zh=fields.get("title_zh", "").strip(),
        active="active" in fields,
        clients=fields.get("clients", "").replace(",", " ").split(),
        amount_field=fields.get("amount_field", ""),
        tiers=[
            v1.ApprovalTier(
                queue_id=fields[f"queue_{row}"], approvers_needed=_number(fields.get(f"approvers_{row}", ""))
            )
            for row in rows
        ],
        valid_minutes=_number(fields.get("valid_minutes", "")),
    )


def _state_amounts(policy: v1.ApprovalPolicy, fields: dict[str, str]) -> None:
    """Puts the amounts of a form into the tiers it states. Raises what `Money.parse` raises."""
    written = [fields.get(f"above_{row}", "").strip() for row in range(1, MOST_TIERS + 1) if fields.get(f"queue_{row}")]
    for tier, text in zip(policy.tiers, written, strict=True):
        if text:
            tier.above.CopyFrom(money_message(Money.parse(text)))


def _number(text: str) -> int:
    """A whole number; 0, which no policy takes, where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _is_command(rpc: str) -> bool:
    method = contracts.find_method(rpc)
    return method is not None and not method.reads


def _is_missing(refusal: Refusal | None) -> bool:
    return refusal is not None and refusal.reason == "APPROVAL_POLICY_NOT_FOUND"


def _amount_fields(message: Any, deepest: int = _DEEPEST) -> Iterator[str]:
    """The ways to every amount in a request, `draft.legs.amount`."""
    for field in message.fields:
        inner = field.message_type
        if inner is None or inner.GetOptions().map_entry:
            continue
        if inner.full_name == MoneyMessage.DESCRIPTOR.full_name:
            yield field.name
        elif deepest:
            yield from (f"{field.name}.{way}" for way in _amount_fields(inner, deepest - 1))
