"""Identifiers: they sort as they were made, whether one at a time or many together, and none is made twice."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as any_

from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.ids import Ids

# All bits of chance set: the next number carries into the letters of the time.
HIGHEST, SOME = b"\xff" * 10, b"\x5a" * 10


@given(
    any_.lists(any_.tuples(any_.integers(0, 2_500), any_.sampled_from([0, 1, 3_600_000, -1, -3_600_000])), max_size=6),
    any_.sampled_from([HIGHEST, SOME]),
)
def test_identifiers_sort_as_they_were_made_and_none_is_made_twice(steps: list[tuple[int, int]], chance: bytes) -> None:
    """Wherever the clock is set to between them, by milliseconds or by hours."""
    clock = GivenClock()
    ids = Ids(clock, lambda count: chance[:count])
    made = [ids.new("ent")]
    for count, milliseconds in steps:
        clock.instant += timedelta(milliseconds=milliseconds)
        together = ids.many("ent", count)
        assert len(together) == count
        made += [*together, ids.new("ent")]
    assert made == sorted(set(made))
    assert {len(text) for text in made} == {len("ent_") + 26}


def test_an_identifier_is_its_time_and_its_chance_in_letters() -> None:
    clock = GivenClock()
    number = int(clock.now().timestamp() * 1000) << 80 | int.from_bytes(SOME, "big")
    letters = "".join("0123456789abcdefghjkmnpqrstvwxyz"[number >> shift & 31] for shift in range(125, -1, -5))
    assert Ids(clock, lambda count: SOME[:count]).many("ent", 1) == [f"ent_{letters}"]
