"""How an approved command is carried out: as its maker asked for it, with the rights they still have.

It is sent to its service under the request id it came with. Whatever crashes on the way, it is sent again: the service
answers with the reply it has kept. What passes (a service that is down, a lost race, a defect) is tried again until the
command lapses; any other refusal ends it, and so does an upgrade after which there is no such command any more.
"""

from collections.abc import Callable
from datetime import datetime

from zhongtai.gateway.v1 import client_pb2
from zhongtai.kernel.refusals import Contended, Limited, Missing, Refusal, Unreachable
from zhongtai.operations.held_command.domain import HeldCommand, HeldCommandMoved, HeldCommandStatus
from zhongtai.runtime import contracts
from zhongtai.runtime.approvals import ApprovalMustBeInTime
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.contracts import Method
from zhongtai.runtime.errors import DeadlineExceeded, Defect, MethodUnknown
from zhongtai.runtime.orchestration import Orchestration

End = Callable[[HeldCommand, datetime], tuple[HeldCommand, HeldCommandMoved | None]]
_SILENT = (Unreachable, DeadlineExceeded)
_PASSING = (*_SILENT, Contended, Limited, Defect)
# The command line of the machine itself: whoever holds that is not registered, and has every right.
_COMMAND_LINE = "command"
_ASKING = Call(Caller("approvals", "platform", frozenset({"gateway.client.read"})))
_LONGEST_SENTENCE = 1000


class Executor:
    """One round over the commands that were approved. A service that does not answer is asked no more in this round."""

    def __init__(self, given: Orchestration) -> None:
        self._given = given
        self._down: set[str] = set()

    async def carried_out(self, held: HeldCommand) -> End | None:
        """How the command ended now; None where it is to be tried again."""
        if held.status is HeldCommandStatus.AWAITED:
            return lambda found, now: found.lapsed(now)
        method = contracts.find_method(held.rpc)
        if method is not None and method.service in self._down:
            return None
        try:
            await self._send(held, method)
        except _PASSING as passing:
            if method is not None and isinstance(passing, _SILENT):
                self._down.add(method.service)
            return None
        except Refusal as refusal:
            if refusal.reason == ApprovalMustBeInTime.reason:
                return lambda found, now: found.lapsed(now)
            reason, sentence = refusal.reason, refusal.sentence()[:_LONGEST_SENTENCE]
            return lambda found, now: found.refused(reason, sentence, now)
        return lambda found, now: found.executed(now)

    async def _send(self, held: HeldCommand, method: Method | None) -> None:
        if method is None:
            raise MethodUnknown(method=held.rpc)
        request = method.request_type.FromString(held.command)
        caller = Caller(held.maker, held.client_id, await self._rights(held), held.on_behalf_of)
        await self._given.calls.call(request, Call(caller, business_date=held.business_date))

    async def _rights(self, held: HeldCommand) -> frozenset[str]:
        """Of the rights the maker had, those their client still has."""
        asked = frozenset(held.scopes)
        if held.client_id == _COMMAND_LINE:
            return asked
        try:
            found = await self._given.calls.call(client_pb2.GetClientRequest(client_id=held.client_id), _ASKING)
        except Missing:
            return frozenset()
        assert isinstance(found, client_pb2.GetClientResponse), "an RPC answers with the message of its contract"
        active = found.client.status == client_pb2.CLIENT_STATUS_ACTIVE
        present = Caller(held.maker, held.client_id, frozenset(found.client.scopes if active else ()))
        return frozenset(scope for scope in asked if present.may(scope))
