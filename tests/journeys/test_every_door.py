"""A command of each service under maker and checker, on the whole platform: held alike at every door."""

import asyncio
import json
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.type.date_pb2 import Date

from tests.asset_liability.transfer_price.test_rpc import curve
from tests.risk.examples import publish_scorecard
from zhongtai.asset_liability.v1 import transfer_price_pb2
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.credit.v1 import limit_pb2
from zhongtai.gateway.client.ensuring import Wanted, ensure
from zhongtai.gateway.v1 import client_pb2
from zhongtai.kernel.identifiers import make_identity_number
from zhongtai.kernel.refusals import Refusal
from zhongtai.marketing.v1 import customer_pb2
from zhongtai.operations.v1 import account_pb2, approval_policy_pb2, held_command_pb2
from zhongtai.runtime import contracts
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.clock import SystemClock
from zhongtai.runtime.platform import Platform
from zhongtai.testing.embedded import embedded

MAKER = Wanted("maker", ("*",))
WITHIN_S = 30
BORN = SystemClock().business_date().replace(year=1986)
COMMANDS: tuple[Message, ...] = (
    customer_pb2.RegisterCustomerRequest(
        request_id="one",
        kind=customer_pb2.CUSTOMER_KIND_PERSON,
        name="王芳",
        identity_kind=customer_pb2.IDENTITY_KIND_RESIDENT_IDENTITY_CARD,
        identity_number=make_identity_number("110101", BORN, 2),
    ),
    limit_pb2.GrantLimitRequest(
        request_id="one",
        customer_id="cus_1",
        product_line="consumer",
        amount=Money(currency_code="CNY", minor_units=1_000_000),
    ),
    account_pb2.OpenAccountRequest(
        request_id="one",
        account_class=account_pb2.ACCOUNT_CLASS_INTERNAL,
        product="suspense",
        currency_code="CNY",
        chosen_id="acc_1",
    ),
    publish_scorecard(),
    transfer_price_pb2.PublishCurveRequest(request_id="one", curve=curve(valid_from=Date(year=2026, month=5, day=4))),
    client_pb2.RegisterClientRequest(request_id="one", client_id="app", subject="app", name="App", scopes=["*"]),
)


async def under_policies(platform: Platform) -> None:
    """Puts every command under maker and checker, as what ships with a platform does, and has every service know."""
    seed = Call(Caller("seed", "seed", frozenset({"*"})))
    for command in COMMANDS:
        rpc = contracts.method_of(command).full_name
        tier = approval_policy_pb2.ApprovalTier(queue_id="approvals", approvers_needed=1)
        policy = approval_policy_pb2.ApprovalPolicy(rpc=rpc, title=rpc, active=True, tiers=[tier], valid_minutes=60)
        await platform.calls.call(approval_policy_pb2.SetApprovalPolicyRequest(request_id=rpc, policy=policy), seed)
    async with asyncio.timeout(WITHIN_S):
        for command in COMMANDS:
            method = contracts.method_of(command)
            while not platform.services[method.service].approvals.concern(method.full_name, 0):
                await asyncio.sleep(0.02)


async def over_http(platform: Platform, token: str, command: Message) -> dict[str, Any]:
    """What the HTTP door answers."""
    rule = contracts.method_of(command).http
    assert rule is not None
    async with httpx.AsyncClient(base_url=platform.addresses["http"], timeout=WITHIN_S) as http:
        headers = {"authorization": f"Bearer {token}"}
        answer = await http.post(rule.post, json=MessageToDict(command), headers=headers)
    assert answer.status_code == 422, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def over_grpc(platform: Platform, token: str, command: Message) -> str:
    """What the service's own gRPC door says."""
    method = contracts.method_of(command)
    async with grpc.aio.insecure_channel(platform.addresses[f"grpc {method.service}"]) as channel:
        send: Any = channel.unary_unary(
            method.path,
            request_serializer=method.request_type.SerializeToString,
            response_deserializer=method.response_type.FromString,
        )
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await send(command, metadata=(("authorization", f"Bearer {token}"),))
    assert failed.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    return str(failed.value.details())


async def test_a_command_of_each_service_is_held_alike_in_process_over_grpc_and_over_http(tmp_path: Path) -> None:
    async with embedded(tmp_path) as platform:
        (file,) = await ensure(platform.services["gateway"], tmp_path, (MAKER,))
        await under_policies(platform)
        maker = Call(Caller(MAKER.client_id, MAKER.client_id, frozenset(MAKER.scopes)))
        async with httpx.AsyncClient(base_url=platform.addresses["http"]) as http:
            login = (MAKER.client_id, json.loads(file.read_text())["secret"])
            token = (await http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=login)).json()
        for command in COMMANDS:
            told = await over_http(platform, token["access_token"], command)
            held = told["metadata"]["held_command_id"]
            assert told["reason"] == "APPROVAL_AWAITED"
            assert held in await over_grpc(platform, token["access_token"], command)
            with pytest.raises(Refusal) as refused:
                await platform.calls.call(command, maker)
            assert refused.value.metadata["held_command_id"] == held
        listed = held_command_pb2.ListHeldCommandsRequest(maker=MAKER.client_id)
        found: Any = await platform.calls.call(listed, maker)
        assert [one.rpc for one in found.commands] == [contracts.method_of(command).full_name for command in COMMANDS]
