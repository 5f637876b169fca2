"""The RPCs of held commands, and what the decision on their work orders does to them."""

from datetime import timedelta
from hashlib import sha256

from zhongtai.kernel.approvals import ApprovalPolicy, ApprovalTier
from zhongtai.operations.approval_policy import store as policy_store
from zhongtai.operations.held_command import difference, execution, store
from zhongtai.operations.held_command.domain import (
    KIND,
    HeldCommand,
    HeldCommandMoved,
    must_come_from_the_platform,
)
from zhongtai.operations.opening_rule.domain import Wish
from zhongtai.operations.v1 import held_command_pb2 as v1
from zhongtai.operations.v1 import work_order_pb2 as order_v1
from zhongtai.operations.work_order import store as order_store
from zhongtai.operations.work_order.domain import WorkOrder
from zhongtai.operations.work_queue import store as queue_store
from zhongtai.runtime import contracts
from zhongtai.runtime.approvals import totals
from zhongtai.runtime.convert import date_of, message_of
from zhongtai.runtime.orchestration import Orchestration
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
def hold_command(request: v1.HoldCommandRequest, unit: Unit) -> v1.HoldCommandResponse:
    """Tells how a command stands; one that is new, and was tried out, is held where it must be approved."""
    must_come_from_the_platform(unit.caller.client_id)
    held = store.of_request(unit, request.client_id, request.rpc, request.command_request_id)
    if held is not None:
        if held.live and held.expires_at <= unit.now:
            held = _moved(unit, held.lapsed(unit.now))
        return v1.HoldCommandResponse(is_needed=True, held=message_of(held, v1.HeldCommand))
    policy = policy_store.find(unit, request.rpc)
    tier = _tier(request, policy) if policy else None
    if policy is None or tier is None:
        return v1.HoldCommandResponse()
    if not request.is_rehearsed:
        return v1.HoldCommandResponse(is_needed=True)
    return v1.HoldCommandResponse(is_needed=True, held=message_of(_hold(unit, request, policy, tier), v1.HeldCommand))


@rpc
def withdraw_held_command(request: v1.WithdrawHeldCommandRequest, unit: Unit) -> v1.WithdrawHeldCommandResponse:
    """Takes back a command of the caller's own."""
    person = unit.caller.acting
    held = _moved(unit, store.held_commands.load(unit, request.held_command_id).withdraw(person, unit.now))
    return v1.WithdrawHeldCommandResponse(held=message_of(held, v1.HeldCommand))


@rpc
async def execute_held_commands(
    request: v1.ExecuteHeldCommandsRequest, given: Orchestration
) -> v1.ExecuteHeldCommandsResponse:
    """Has the approved commands carried out; what was left by a crash is asked for again, and acts once."""
    _ = request
    counted = dict.fromkeys(v1.HeldCommandStatus.values(), 0)
    executor, last = execution.Executor(given), ""
    while found := await given.read(lambda view, last=last: store.to_move(view, view.now, last)):  # type: ignore[misc]
        for held in found:
            end = await executor.carried_out(held)
            if end is not None:
                ended = await given.change(lambda unit, held=held, end=end: _ended(unit, held, end))  # type: ignore[misc]
                counted[v1.HeldCommandStatus.Value(f"HELD_COMMAND_STATUS_{ended.status}")] += 1
        if sum(counted.values()) >= store.EXECUTED_AT_ONCE:
            break
        last = found[-1].held_command_id
    return v1.ExecuteHeldCommandsResponse(
        executed=counted[v1.HELD_COMMAND_STATUS_EXECUTED],
        refused=counted[v1.HELD_COMMAND_STATUS_REFUSED],
        lapsed=counted[v1.HELD_COMMAND_STATUS_LAPSED],
        more=bool(found),
    )


@rpc
async def get_held_command(request: v1.GetHeldCommandRequest, given: Orchestration) -> v1.GetHeldCommandResponse:
    """One command with what it would change, seen with the reader's own rights."""
    held = await given.read(lambda view: store.held_commands.load(view, request.held_command_id))
    found = await difference.of(held, given)
    return v1.GetHeldCommandResponse(
        held=message_of(held, v1.HeldCommand),
        fields=[message_of(line, v1.CommandField) for line in found.changed],
        kept=[message_of(line, v1.CommandField) for line in found.kept],
        left_out=found.left_out,
    )


@rpc
def list_held_commands(request: v1.ListHeldCommandsRequest, view: View) -> v1.ListHeldCommandsResponse:
    """Commands, page by page."""
    name = v1.HeldCommandStatus.Name(request.status).removeprefix("HELD_COMMAND_STATUS_")
    status = name if request.status else ""
    conditions = store.conditions(status=status, rpc=request.rpc, maker=request.maker)
    found, page = store.held_commands.page(view, request.page, *conditions)
    return v1.ListHeldCommandsResponse(commands=[message_of(one, v1.HeldCommand) for one in found], page=page)


@on
def work_order_decided(event: order_v1.WorkOrderDecided, unit: Unit) -> None:
    """Approves or rejects the command whose own work order it is: another about the same command decides nothing."""
    held = store.held_commands.find(unit, event.subject) if event.kind == KIND else None
    if held is not None and held.work_order_id == event.work_order_id:
        approved = event.outcome == order_v1.WORK_ORDER_OUTCOME_APPROVED
        _moved(unit, held.decided(approved=approved, by=event.decided_by, comment=event.comment, now=unit.now))


@on
def work_order_cancelled(event: order_v1.WorkOrderCancelled, unit: Unit) -> None:
    """Takes back the command whose own work order was withdrawn."""
    held = store.held_commands.find(unit, event.subject) if event.kind == KIND else None
    if held is not None and held.work_order_id == event.work_order_id:
        _moved(unit, held.withdrawn(unit.now))


def _tier(request: v1.HoldCommandRequest, policy: ApprovalPolicy) -> ApprovalTier | None:
    command = contracts.method(request.rpc).request_type.FromString(request.command)
    return policy.tier_for(request.client_id, totals(command, policy.amount_field))


def _hold(unit: Unit, request: v1.HoldCommandRequest, policy: ApprovalPolicy, tier: ApprovalTier) -> HeldCommand:
    """Keeps a command whole and opens the work order that decides on it."""
    held_id = unit.new_id("held")
    wish = Wish(
        kind=KIND,
        subject=held_id,
        title=policy.title,
        title_zh=policy.title_zh,
        four_eyes=True,
        approvers_needed=tier.approvers_needed,
        details={"rpc": request.rpc},
        requested_by=request.on_behalf_of or request.maker,
    )
    queue = queue_store.load(unit, tier.queue_id)
    order, opened = WorkOrder.open(unit.new_id("wo"), wish, queue, opened_by=request.maker, now=unit.now)
    held = HeldCommand(
        held_command_id=held_id,
        rpc=request.rpc,
        client_id=request.client_id,
        command_request_id=request.command_request_id,
        fingerprint=sha256(request.command).hexdigest(),
        command=request.command,
        maker=request.maker,
        on_behalf_of=request.on_behalf_of,
        scopes=tuple(request.scopes),
        business_date=date_of(request.business_date),
        title=policy.title,
        title_zh=policy.title_zh,
        held_at=unit.now,
        expires_at=unit.now + timedelta(minutes=policy.valid_minutes),
        work_order_id=order.work_order_id,
    )
    order_store.work_orders.add(unit, order)
    store.held_commands.add(unit, held)
    unit.record_all([opened, held.held()])
    return held


def _ended(unit: Unit, held: HeldCommand, end: execution.End) -> HeldCommand:
    """The command as it ended, unless it has ended otherwise meanwhile."""
    return _moved(unit, end(store.held_commands.load(unit, held.held_command_id), unit.now))


def _moved(unit: Unit, moved: tuple[HeldCommand, HeldCommandMoved | None]) -> HeldCommand:
    """Saves a command that moved on; an order that nobody has decided goes with one that has ended."""
    held, fact = moved
    if fact is not None:
        store.held_commands.save(unit, held)
        unit.record(fact)
        order = order_store.work_orders.load(unit, held.work_order_id)
        cancelled, told = order.cancel() if not held.live else (order, None)
        if told is not None:
            order_store.work_orders.save(unit, cancelled)
            unit.record(told)
    return held
