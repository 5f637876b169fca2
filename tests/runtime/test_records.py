"""Values in tables: what changed is written and nothing else; a question is made once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import MetaData, Table, bindparam, create_engine

from zhongtai.kernel.money import Money
from zhongtai.runtime.database import Store
from zhongtai.runtime.engines import Engines
from zhongtai.runtime.statements import Statements
from zhongtai.runtime.store import Records, RowChanged, day, integer, json, money, text
from zhongtai.runtime.transactions import Changes, Residents, Writing


class Mood(StrEnum):
    """How a purse is."""

    FULL = "FULL"
    EMPTY = "EMPTY"


@dataclass(frozen=True, slots=True)
class Purse:
    """A purse of somebody in a place, with something of every kind of column."""

    owner: str
    place: Mood
    held: Money
    mood: Mood
    lost: Money | None = None
    found_on: date | None = None
    notes: tuple[str, ...] = ()


PURSE = Table(
    "purse",
    MetaData(),
    text("owner", primary_key=True),
    text("place", primary_key=True),
    *money("held"),
    text("mood"),
    *money("lost", nullable=True),
    day("found_on", nullable=True),
    json("notes"),
    integer("unused", nullable=True),
)
purses = Records(PURSE, Purse)
_HOLDING = purses.query(PURSE.c.held_minor >= bindparam("least"), order_by=PURSE.c.owner)
FIRST = Purse("cus_1", Mood.FULL, Money("CNY", 1), Mood.FULL)

amounts = st.integers(-5, 5).map(lambda minor: Money("CNY", minor))
fields_of_purses: Any = st.fixed_dictionaries(
    {},
    optional={
        "held": amounts,
        "mood": st.sampled_from(Mood),
        "lost": st.none() | amounts,
        "found_on": st.none() | st.dates(),
        "notes": st.lists(st.text(max_size=3), max_size=2).map(tuple),
    },
)


@given(st.lists(fields_of_purses, max_size=4))
def test_what_is_changed_step_by_step_rests_as_the_last_value(steps: list[dict[str, Any]]) -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        PURSE.create(connection)
        unit: Any = Writing(connection, Statements(engine.dialect), Changes(Residents(), guarded=False, aside=False))
        others = [replace(FIRST, owner="cus_2"), replace(FIRST, place=Mood.EMPTY)]
        purses.add_all(unit, [FIRST, *others])
        value = FIRST
        for step in steps:
            before, value = value, replace(value, **step)
            purses.change(unit, before, value)
        assert purses.load(unit, "cus_1", "FULL") == value
        assert [purses.load(unit, one.owner, one.place) for one in others] == others
    engine.dispose()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path}/purse.db", "purse")
    with Engines.writer(opened.engine) as connection:
        PURSE.create(connection)
        connection.commit()
    yield opened
    await asyncio.to_thread(opened.close)


def touching(work: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, list[str]]]:
    """Does something with a unit that notes the changes it is asked for."""

    def noted(writing: Any) -> tuple[Any, list[str]]:
        asked: list[str] = []
        execute = writing.execute

        def noting(statement: Any, parameters: Any) -> Any:
            asked.append(str(statement))
            return execute(statement, parameters)

        writing.execute = noting
        return work(writing), asked

    return noted


async def test_only_what_changed_is_written_and_nothing_where_nothing_did(store: Store) -> None:
    await store.change(lambda unit: purses.add_all(unit, [FIRST, replace(FIRST, owner="cus_2")]))  # type: ignore[arg-type]
    richer = replace(FIRST, held=Money("CNY", 2))
    pairs = [(one, replace(one, held=Money("CNY", 9))) for one in (richer, replace(richer, owner="cus_2"))]
    for work, expected in (
        (lambda unit: purses.change(unit, FIRST, replace(FIRST)), []),
        (lambda unit: purses.change(unit, FIRST, richer), ["held"]),
        (lambda unit: purses.change_all(unit, pairs), ["held"]),
    ):
        _, asked = await store.change(touching(work))
        written = [text.split("SET ")[1].split(" WHERE")[0] for text in asked]
        assert written == [f"{name}_minor=:{name}_minor, {name}_currency=:{name}_currency" for name in expected]
    found = await store.read(lambda view: _HOLDING(view, least=9))  # type: ignore[arg-type]
    assert [purse.owner for purse in found] == ["cus_1", "cus_2"]
    assert await store.read(lambda view: _HOLDING(view, least=10)) == []  # type: ignore[arg-type]


async def test_a_row_that_is_gone_is_told(store: Store) -> None:
    with pytest.raises(RowChanged) as refused:
        await store.change(lambda unit: purses.change(unit, FIRST, replace(FIRST, mood=Mood.EMPTY)))  # type: ignore[arg-type]
    assert refused.value.metadata["key"] == "cus_1 FULL"
