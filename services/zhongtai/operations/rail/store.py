"""The rails there are. A rail is data (`rails.json`) or an adapter of its own that is put into `RAILS`."""

from zhongtai.operations.rail.domain import Rail, RailNotFound, SimulatedRail
from zhongtai.runtime.plain import reader, shipped

SHIPPED: tuple[SimulatedRail, ...] = tuple(map(reader(SimulatedRail), shipped(__package__, "rails.json")))
RAILS: dict[str, Rail] = {rail.rail: rail for rail in SHIPPED}


def rail(name: str) -> Rail:
    """The rail of that name; refuses where there is none."""
    if name not in RAILS:
        raise RailNotFound(rail=name)
    return RAILS[name]
