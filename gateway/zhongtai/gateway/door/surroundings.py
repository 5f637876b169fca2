"""What the HTTP door is given by the platform it stands in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from zhongtai.gateway.door.admission import Admission
from zhongtai.gateway.door.tokens import Tokens
from zhongtai.runtime.call import Caller
from zhongtai.runtime.clock import Clock
from zhongtai.runtime.orchestration import Calling
from zhongtai.runtime.settings import Limits

# What must be there for calls to be answered, by name, and whether it is.
Ready = Callable[[], Awaitable[dict[str, bool]]]


@dataclass(frozen=True)
class Surroundings:
    """The parts the door works with. `authenticate` turns a bearer token into its caller, or refuses it."""

    calls: Calling
    authenticate: Callable[[str], Caller]
    admission: Admission
    tokens: Tokens
    clock: Clock
    limits: Limits
    ready: Ready
    language: str = "en"
