"""What rows of files may be of: each kind says which fields it has, and how its rows are checked, landed, forgotten.

Another kind is a module with these three functions and one line below.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from zhongtai.credit.file_import.domain import Checked, ImportKind
from zhongtai.credit.loan_import import importing as loans
from zhongtai.kernel.tabular import Layout, Record
from zhongtai.runtime.unit import Unit


class Kind(Protocol):
    """A kind of rows. Records come with the cells of the fields in their order."""

    LAYOUT: Layout

    def check(self, unit: Unit, import_id: str, records: Sequence[Record]) -> Checked:
        """Checks rows, and stages the good ones so that nobody else can land the same."""

    def land(self, unit: Unit, import_id: str, piece: int, records: Sequence[Record]) -> Checked:
        """Lands those of the rows that are staged, all that belongs to them with them."""

    def forget(self, unit: Unit, import_id: str, most: int) -> bool:
        """Removes what so many lines staged; answers whether there were any."""


KINDS: Mapping[ImportKind, Kind] = {ImportKind.LOANS: loans}
