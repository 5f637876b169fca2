"""Dimensions (核算维度): by what a balance is broken down beside its account.

They are few and fixed, so that every report knows them. As a text they stand in one order, `branch=0101;channel=app`,
and hold nothing that a hash, a file or a statement would have to escape.
"""

from dataclasses import astuple, dataclass, fields

_VALUE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-")
VALUE_MAX = 64


@dataclass(frozen=True, slots=True)
class Dimensions:
    """What a leg or an account belongs to; empty where it does not matter."""

    customer: str = ""
    product: str = ""
    scenario: str = ""
    branch: str = ""
    channel: str = ""
    cell: str = ""

    def __post_init__(self) -> None:
        for name, value in zip(_NAMES, astuple(self), strict=True):
            assert _VALUE.issuperset(value), f"the contract lets no {name} through like {value}"
            assert len(value) <= VALUE_MAX, f"the contract lets no {name} through that is so long"

    @property
    def text(self) -> str:
        """The dimensions in one text, which `of` reads back; "" where there are none."""
        return ";".join(f"{name}={value}" for name, value in zip(_NAMES, astuple(self), strict=True) if value)

    @classmethod
    def of(cls, text: str) -> "Dimensions":
        """The dimensions of a text."""
        return cls(**dict(part.split("=", 1) for part in text.split(";") if part))


_NAMES = tuple(field.name for field in fields(Dimensions))
NO_DIMENSIONS = Dimensions()
