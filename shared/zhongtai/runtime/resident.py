"""Rows that stay in the writer's memory, for those that many callers change at the same time.

Once a value was loaded, a change finds it without asking the store, and what changed of it is written once for all
callers that share a commit. A view, which sees the last commit, asks the store as ever.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from sqlalchemy import select

from zhongtai.runtime.store import FEW, IN_MAX, Records
from zhongtai.runtime.unit import Unit, View

T = TypeVar("T")


class ResidentRecords(Records[T]):
    """The rows of one table as values that stay in the writer's memory."""

    def find(self, view: View, *key: str | int) -> T | None:
        """The value of that key, or None."""
        if not isinstance(view, Unit):
            return super().find(view, *key)
        known: T | None = view.recall(self, key)
        if known is None and (rows := view.look_up(self.by_key, self.key_parameters(key))):
            known = self.value(rows[0])
            view.remember(self, key, known)
        return known

    def load_all(self, view: View, keys: Sequence[str]) -> dict[str, T]:
        """The values of these keys of one column, by key; refuses as `load` does where one is not there."""
        if not isinstance(view, Unit):
            return super().load_all(view, keys)
        if len(keys) > FEW:
            asked = [key for key in keys if view.recall(self, (key,)) is None]
            (column,) = self.table.primary_key.columns
            for start in range(0, len(asked), IN_MAX):
                statement = select(*self.columns).where(column.in_(asked[start : start + IN_MAX]))
                for value in map(self.value, view.look_up(statement, {})):
                    view.remember(self, self.key(value), value)
        return {key: self.load(view, key) for key in keys}

    def add_all(self, unit: Unit, values: Iterable[T]) -> None:
        """Writes many new rows with one statement."""
        values = tuple(values)
        super().add_all(unit, values)
        for value in values:
            unit.remember(self, self.key(value), value)

    def save(self, unit: Unit, value: T) -> None:
        """Changes the value in memory; its row is written at the end of the batch."""
        unit.settle(self, self.key(value), value)

    def save_all(self, unit: Unit, values: Iterable[T]) -> None:
        """Changes many values in memory; their rows are written at the end of the batch."""
        for value in values:
            unit.settle(self, self.key(value), value)

    def change_all(self, unit: Unit, changes: Iterable[tuple[T, T]]) -> None:
        """The same, for each value after what it was before."""
        self.save_all(unit, (after for _, after in changes))

    def remove(self, unit: Unit, *key: str | int) -> None:
        """Raises TypeError, a defect: what rests in memory is closed, never removed."""
        raise TypeError(f"{self.table.name} is kept in memory: its rows are not removed")
