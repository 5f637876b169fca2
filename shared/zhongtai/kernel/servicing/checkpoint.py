"""The books of an account as bytes, so that it can be opened again without everything that happened to it.

The bytes are Python's own (`pickle`), for an account is a net of values that know each other, and are read by a reader
that makes nothing but the values of this kernel, dates, decimals and fractions: bytes somebody else wrote run no code.
They are only as good as the code that wrote them: whoever keeps them keeps its version beside, and tells the account
from its history where either is not what it was.
"""

import io
import pickle
import zlib
from typing import Any

from zhongtai.kernel.servicing.books import Books
from zhongtai.kernel.servicing.history import opening

_OURS = "zhongtai.kernel."
_PLAIN = {("datetime", "date"), ("decimal", "Decimal"), ("fractions", "Fraction"), ("builtins", "frozenset")}
_FAST = 1


class _Reader(pickle.Unpickler):
    """Makes what accounts are made of, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if not module.startswith(_OURS) and (module, name) not in _PLAIN:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of an account")
        return super().find_class(module, name)


def written(books: Books) -> bytes:
    """The books as bytes."""
    return zlib.compress(pickle.dumps(books, pickle.HIGHEST_PROTOCOL), _FAST)


def read(state: bytes) -> Books:
    """The books of their bytes. Raises whatever unreadable bytes raise: then tell the account from its history."""
    books = _Reader(io.BytesIO(zlib.decompress(state))).load()
    if not isinstance(books, Books):
        raise pickle.UnpicklingError("these are no books")
    if books.work is not None:
        books.work.opening = opening(books.terms, books.entries, books.variations, books.business_date, books.planned)
    return books
