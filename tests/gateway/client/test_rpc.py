"""Clients through the door."""

from pathlib import Path

from zhongtai.gateway.client import store
from zhongtai.gateway.client.ensuring import ADMIN, Wanted, ensure
from zhongtai.gateway.v1 import client_pb2 as v1
from zhongtai.runtime import journal
from zhongtai.runtime.security import secret_matches
from zhongtai.testing.doors import Door


def register(client_id: str = "app", request_id: str = "r1", **fields: object) -> v1.RegisterClientRequest:
    return v1.RegisterClientRequest(
        request_id=request_id,
        client_id=client_id,
        **{"scopes": ["credit.limit.read"], **fields},  # type: ignore[arg-type]
    )


async def test_a_secret_is_given_once_and_kept_as_its_hash_alone(door: Door) -> None:
    first = await door.call(register(subject="wang.fang", name="App", daily_cap=10, calls_per_second=5))
    again = await door.call(register(subject="wang.fang", name="App", daily_cap=10, calls_per_second=5))
    assert len(first.secret) >= 43
    assert (again.secret, again.key_id, again.client) == ("", first.key_id, first.client)
    assert first.client.status == v1.CLIENT_STATUS_ACTIVE
    keys = await door.service.store.read(lambda reading: reading.rows(store.KEY.select()))
    assert [secret_matches(first.secret, key.secret_hash) for key in keys] == [True]
    for table in (store.CLIENT, store.KEY, journal.OUTBOX, journal.KEPT_REPLY, journal.AUDIT_ENTRY):
        rows = await door.service.store.read(lambda reading, table=table: reading.rows(table.select()))  # type: ignore[misc]
        assert rows
        assert first.secret not in str(rows)
    assert await door.facts(v1.ClientRegistered) == [
        v1.ClientRegistered(client_id="app", subject="wang.fang", scopes=["credit.limit.read"])
    ]


async def test_what_is_refused(door: Door) -> None:
    await door.call(register())
    assert (await door.refused(register(request_id="r2"))).reason == "CLIENT_ALREADY_REGISTERED"
    assert (await door.refused(register("other"))).reason == "REQUEST_ID_REUSED"
    assert (await door.refused(register("b1", "r3", scopes=["credit.limit.fly"]))).reason == "SCOPES_MUST_EXIST"
    assert (await door.refused(register("Big", "r4"))).reason == "REQUEST_INVALID"
    assert (await door.refused(v1.GetClientRequest(client_id="none"))).reason == "CLIENT_NOT_FOUND"
    door.as_caller("clerk", "gateway.client.write", "credit.limit.read")
    assert (await door.refused(register("b2", "r5", scopes=["credit.*"]))).reason == "SCOPES_MUST_BE_THE_GRANTORS_OWN"
    await door.call(register("b3", "r6"))


async def test_who_could_not_grant_a_clients_rights_cannot_rotate_its_secret(door: Door) -> None:
    await door.call(register(scopes=["*"]))
    door.as_caller("clerk", "gateway.client.write")
    refusal = await door.refused(v1.RotateSecretRequest(request_id="r", client_id="app"))
    assert refusal.reason == "SCOPES_MUST_BE_THE_GRANTORS_OWN"


async def test_a_rotation_answered_again_has_no_secret_and_makes_no_second_key(door: Door) -> None:
    await door.call(register())
    request = v1.RotateSecretRequest(request_id="r", client_id="app", overlap_seconds=60)
    first, again = await door.call(request), await door.call(request)
    assert first.secret
    assert (again.key_id, again.secret) == (first.key_id, "")
    assert len(await door.facts(v1.ClientSecretRotated)) == 1


async def test_disabling_twice_changes_nothing(door: Door) -> None:
    await door.call(register())
    for number in range(2):
        reply = await door.call(v1.DisableClientRequest(request_id=f"d{number}", client_id="app"))
        assert reply.client.status == v1.CLIENT_STATUS_DISABLED
    assert len(await door.facts(v1.ClientDisabled)) == 1
    refused = await door.refused(v1.RotateSecretRequest(request_id="r", client_id="app"))
    assert refused.reason == "CLIENT_MUST_BE_ACTIVE"


async def test_clients_are_listed_without_secrets(door: Door) -> None:
    await door.call(register())
    await door.call(register("web", "r2"))
    listed = await door.call(v1.ListClientsRequest())
    assert [client.client_id for client in listed.clients] == ["app", "web"]


async def test_the_first_clients_are_made_once_each_with_a_file_for_its_owner_alone(door: Door, tmp_path: Path) -> None:
    wanted = (ADMIN, Wanted("officer", ("operations.*",), "li.ming"))
    files = await ensure(door.service, tmp_path, wanted)
    assert [file.name for file in files] == ["admin.json", "officer.json"]
    assert [oct(file.stat().st_mode & 0o777) for file in files] == ["0o600", "0o600"]
    text = files[0].read_text()
    assert await ensure(door.service, tmp_path, wanted) == []
    assert files[0].read_text() == text
    officer = await door.call(v1.GetClientRequest(client_id="officer"))
    assert (officer.client.subject, list(officer.client.scopes)) == ("li.ming", ["operations.*"])
