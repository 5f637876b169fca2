"""The webhook channel: one signed POST for each try, after the Standard Webhooks specification.

A name is looked up, its addresses are held against what may be reached, and the connection goes to the address that was
looked at, so that a name which answers differently the second time gains nothing (DNS rebinding). Redirects are not
followed, and nothing of what is answered is kept but its code.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx

from zhongtai.operations.notification.channels import Outgoing
from zhongtai.operations.notification.domain import Answer, DeliveryOutcome
from zhongtai.operations.webhook_endpoint.signing import headers

# The specification recommends 15 to 30 seconds, ours lies below the lease of a message.
TIMEOUT_S = 20.0
ANSWER_BYTES = 4096
_USER_AGENT = "zhongtai-webhooks/1"
Resolve = Callable[[str, int], Awaitable[list[str]]]


class NotReachable(Exception):
    """An address that no webhook may go to, with the reason."""


async def resolved(host: str, port: int) -> list[str]:
    """The addresses of a name; raises `OSError` where it has none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in found]


def is_public(address: str) -> bool:
    """Whether an address is one of the open Internet, and not this machine, this network or a way round to either."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved


class Webhooks:
    """The channel; `private` lets it reach this machine and plain http, as a developer needs and a bank must not."""

    at_once = 64

    def __init__(self, *, private: bool, resolve: Resolve = resolved) -> None:
        self._private = private
        self._resolve = resolve
        limits = httpx.Limits(max_connections=self.at_once, max_keepalive_connections=self.at_once)
        self._http = httpx.AsyncClient(
            timeout=TIMEOUT_S,
            follow_redirects=False,
            limits=limits,
            trust_env=False,
            headers={"user-agent": _USER_AGENT},
        )

    async def send(self, message: Outgoing, now: datetime) -> Answer:
        """Posts a message; 2xx is the receiver's word that it arrived."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._posted(message, int(now.timestamp()))
        except NotReachable as refused:
            return Answer(DeliveryOutcome.REJECTED, str(refused))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, OSError) as error:
            # `TimeoutError` is an OSError too, and may have come after the request went out; either is tried again.
            return Answer(DeliveryOutcome.UNAVAILABLE, type(error).__name__)
        except httpx.HTTPError as error:
            return Answer(DeliveryOutcome.UNKNOWN, type(error).__name__)

    async def ask(self, message: Outgoing) -> Answer:
        """A receiver is never asked: it is sent the message again, and drops a second copy by webhook-id."""
        _ = message
        return Answer(DeliveryOutcome.UNAVAILABLE, "SENT_AGAIN")

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _posted(self, message: Outgoing, timestamp: int) -> Answer:
        url = httpx.URL(message.address)
        address = await self._address(message.address)
        body = message.body.encode()
        signed = headers(message.message_id, timestamp, message.body, message.keys)
        request = self._http.build_request(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers={**signed, "content-type": "application/json", "host": url.netloc.decode()},
            extensions={"sni_hostname": url.host},
        )
        response = await self._http.send(request, stream=True)
        try:
            await _emptied(response)
        finally:
            await response.aclose()
        return answer_of(response.status_code, response.headers.get("retry-after", ""))

    async def _address(self, url: str) -> str:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        if parts.scheme != "https" and not self._private:
            raise NotReachable("URL_MUST_BE_HTTPS")
        addresses = await self._resolve(host, port)
        if not addresses or not (self._private or all(map(is_public, addresses))):
            raise NotReachable("ADDRESS_MUST_BE_PUBLIC")
        # The older protocol first, for what both are looked at: not every network carries the newer.
        return min(addresses, key=lambda address: ":" in address)


async def _emptied(response: httpx.Response) -> None:
    """Reads a short answer to its end, so that its connection serves again; of a long one nothing more is read."""
    read = 0
    async for part in response.aiter_raw():
        read += len(part)
        if read > ANSWER_BYTES:
            return


def answer_of(code: int, retry_after: str = "") -> Answer:
    """What a status means: 2xx arrived, 410 gone for good, anything else comes again, as late as it is asked to."""
    if 200 <= code < 300:
        return Answer(DeliveryOutcome.DELIVERED, str(code))
    if code == 410:
        return Answer(DeliveryOutcome.GONE, str(code))
    # A date in place of seconds is allowed, and seldom; our own schedule is as good.
    seconds = int(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 8 else 0
    return Answer(DeliveryOutcome.UNAVAILABLE, str(code), retry_after=timedelta(seconds=seconds))
