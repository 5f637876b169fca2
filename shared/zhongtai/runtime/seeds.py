"""Seeds: the data that ships with components, sent through the front door at start.

A component's `seed.json` is a list of requests. Each gets a request id made of its content, so a second start finds
the kept reply and nothing is done twice; a seed that changed with a release is a new request.
"""

import json
import logging
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files

from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message

from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime import contracts
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.orchestration import Calling
from zhongtai.runtime.service import components

log = logging.getLogger(__name__)

SEEDER = Call(Caller(subject="seed", client_id="seed", scopes=frozenset({"*"})))


def seeds(service: str) -> Iterator[Message]:
    """The requests that ship with the components of a service, in the order of the nouns and of each file."""
    for noun in components(service):
        file = files(f"zhongtai.{service}.{noun}") / "seed.json"
        if not file.is_file():
            continue
        for seed in json.loads(file.read_text(encoding="utf-8")):
            method = contracts.method(seed["rpc"])
            content = json.dumps(seed, sort_keys=True, ensure_ascii=False)
            request_id = f"seed:{noun}:{sha256(content.encode()).hexdigest()[:24]}"
            yield ParseDict({**seed["request"], "requestId": request_id}, method.request_type())


async def plant(service: str, calls: Calling) -> int:
    """Sends the seeds of a service.

    Answers how many were taken. A refused seed is logged and does not stop the start.
    """
    taken = 0
    for request in seeds(service):
        try:
            await calls.call(request, SEEDER)
            taken += 1
        except Refusal as refusal:
            log.error("the seed %s of %s was refused: %s", request.DESCRIPTOR.name, service, refusal)
    return taken
