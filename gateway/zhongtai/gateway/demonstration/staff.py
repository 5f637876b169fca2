"""The clients of the demonstration: the channel app, and the credit officer who decides what is referred.

Their secrets are kept in `<data>/demo.json`, readable by nobody else, beside what a second run must say again exactly
as the first: the start date and the policy's version for each file of applicants.
"""

import json
import os
from pathlib import Path
from typing import Any

from zhongtai.gateway.demonstration.channel import Channel, Problem

CHANNEL_SCOPES = (
    "marketing.*",
    "credit.*",
    "operations.*",
    "risk.*",
    "asset_liability.*",
    "reporting.*",
    "gateway.*",
    "platform.business_date",
)
OFFICER_SCOPES = ("operations.*", "role:credit_officer")


class Notebook:
    """What the demonstration remembers between runs."""

    def __init__(self, data: Path) -> None:
        self._path = data / "demo.json"
        self._content: dict[str, Any] = json.loads(self._path.read_text()) if self._path.exists() else {}

    def get(self, *path: str) -> Any:
        """What was written under the path, or None."""
        found: Any = self._content
        for part in path:
            found = found.get(part) if isinstance(found, dict) else None
        return found

    def put(self, value: Any, *path: str) -> None:
        """Writes a value under the path, at once and whole."""
        place = self._content
        for part in path[:-1]:
            place = place.setdefault(part, {})
        place[path[-1]] = value
        fresh = self._path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(self._content, indent=2))
        fresh.replace(self._path)


async def sign_in(address: str, data: Path, notebook: Notebook, client_id: str, scopes: tuple[str, ...]) -> Channel:
    """A channel as one of the demonstration's clients, who is registered by the administrator the first time."""
    secret = notebook.get("clients", client_id)
    if not secret:
        admin = json.loads((data / "admin.json").read_text())
        async with Channel(address, admin["client_id"], admin["secret"]) as administrator:
            secret = await _secret(administrator, client_id, scopes)
        notebook.put(secret, "clients", client_id)
    return Channel(address, client_id, secret)


async def _secret(administrator: Channel, client_id: str, scopes: tuple[str, ...]) -> str:
    """Registers the client; where it is there already and its secret was lost, gives it a new one."""
    registration = {"clientId": client_id, "subject": client_id, "name": client_id, "scopes": list(scopes)}
    try:
        registered = await administrator.post("/v1/clients", registration, key=f"register-{client_id}")
        if registered.get("secret"):
            return str(registered["secret"])
    except Problem as problem:
        if problem.reason != "CLIENT_ALREADY_REGISTERED":
            raise
    rotated = await administrator.post(
        f"/v1/clients/{client_id}:rotateSecret", {}, key=f"rotate-{client_id}-{os.urandom(8).hex()}"
    )
    return str(rotated["secret"])
