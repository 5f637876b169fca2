"""The RPCs of clients. Secrets are hashed off the event loop and reach no kept reply, so two of them orchestrate."""

import asyncio
from datetime import datetime, timedelta
from functools import cache

from zhongtai.gateway.client import domain, store
from zhongtai.gateway.v1 import client_pb2 as v1
from zhongtai.kernel.approvals import PLATFORM_CLIENTS
from zhongtai.runtime import contracts
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.kept import change_once
from zhongtai.runtime.orchestration import Orchestration
from zhongtai.runtime.security import hash_secret, new_secret
from zhongtai.runtime.unit import Unit, View, rpc


@cache
def known_scopes() -> frozenset[str]:
    """Every scope that an RPC of the platform asks for."""
    return frozenset(method.operation.scope for method in contracts.all_methods())


@rpc
async def register_client(request: v1.RegisterClientRequest, given: Orchestration) -> v1.RegisterClientResponse:
    """Registers a client; the secret is in the first reply only, because replies are kept and secrets are not."""
    key_id, secret = given.new_id("key"), new_secret()
    secret_hash = await asyncio.to_thread(hash_secret, secret)

    def register(unit: Unit) -> v1.RegisterClientResponse:
        domain.check_grant(request.scopes, known_scopes(), unit.caller.may)
        # The platform's own programs call under names that need no approval: nobody else may have one.
        if request.client_id in PLATFORM_CLIENTS or store.clients.find(unit, request.client_id):
            raise domain.ClientAlreadyRegistered(client_id=request.client_id)
        client = _client(request, unit.now)
        store.clients.add(unit, client)
        store.keys.add(unit, domain.Key(client.client_id, key_id, secret_hash, unit.now))
        unit.record(client.registered())
        return v1.RegisterClientResponse(
            client_id=client.client_id, key_id=key_id, client=message_of(client, v1.Client)
        )

    reply, new = await change_once(given, request, register)
    if new:
        reply.secret = secret
    return reply


@rpc
async def rotate_secret(request: v1.RotateSecretRequest, given: Orchestration) -> v1.RotateSecretResponse:
    """Gives a new secret. Whoever can read it can act as the client, so only who holds its rights may ask."""
    key_id, secret = given.new_id("key"), new_secret()
    secret_hash = await asyncio.to_thread(hash_secret, secret)

    def rotate(unit: Unit) -> v1.RotateSecretResponse:
        client = store.clients.load(unit, request.client_id)
        domain.check_held(client.scopes, unit.caller.may)
        fresh = domain.Key(client.client_id, key_id, secret_hash, unit.now)
        overlap = timedelta(seconds=request.overlap_seconds)
        retired, fact = domain.rotate(client, store.keys_of(unit, client.client_id), fresh, overlap)
        store.keys.save_all(unit, retired)
        store.keys.add(unit, fresh)
        unit.record(fact)
        return v1.RotateSecretResponse(key_id=key_id)

    reply, new = await change_once(given, request, rotate)
    if new:
        reply.secret = secret
    return reply


@rpc
def disable_client(request: v1.DisableClientRequest, unit: Unit) -> v1.DisableClientResponse:
    """Shuts a client out."""
    client, fact = store.clients.load(unit, request.client_id).disable()
    if fact:
        store.clients.save(unit, client)
        unit.record(fact)
    return v1.DisableClientResponse(client=message_of(client, v1.Client))


@rpc
def get_client(request: v1.GetClientRequest, view: View) -> v1.GetClientResponse:
    """One client."""
    return v1.GetClientResponse(client=message_of(store.clients.load(view, request.client_id), v1.Client))


@rpc
def list_clients(request: v1.ListClientsRequest, view: View) -> v1.ListClientsResponse:
    """Every client."""
    found, page = store.clients.page(view, request.page)
    return v1.ListClientsResponse(clients=[message_of(client, v1.Client) for client in found], page=page)


def _client(request: v1.RegisterClientRequest, now: datetime) -> domain.Client:
    return domain.Client(
        client_id=request.client_id,
        subject=request.subject or request.client_id,
        name=request.name,
        scopes=tuple(sorted(request.scopes)),
        daily_cap=request.daily_cap,
        calls_per_second=request.calls_per_second,
        status=domain.ClientStatus.ACTIVE,
        registered_at=now,
    )
