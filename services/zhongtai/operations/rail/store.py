"""The rails there are. A rail is data (`rails.json`) or an adapter of its own that is put into `RAILS`."""

import json
from importlib.resources import files

from zhongtai.operations.rail.domain import Rail, RailNotFound, SimulatedRail
from zhongtai.runtime.plain import reader

SHIPPED: tuple[SimulatedRail, ...] = tuple(
    map(reader(SimulatedRail), json.loads((files(__package__) / "rails.json").read_text(encoding="utf-8")))
)
RAILS: dict[str, Rail] = {rail.rail: rail for rail in SHIPPED}


def rail(name: str) -> Rail:
    """The rail of that name; refuses where there is none."""
    if name not in RAILS:
        raise RailNotFound(rail=name)
    return RAILS[name]
