"""Accounts in memory, so that an operation need not replay all that came before it.

Each lies under the hash of the history that made it, and is taken out while it is worked on: whoever asks meanwhile
replays. An account whose operation was not committed lies under a hash no history has, and is never asked for.
"""

from collections import OrderedDict
from threading import Lock

from zhongtai.credit.loan_account.domain import Tables
from zhongtai.kernel.servicing.account import Account

# About as many as a machine services at once; an account of a year takes some hundred kilobytes.
KEPT = 256


class Replays:
    """A bounded memory of accounts by the hash of their history, the one used longest ago forgotten first."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[Account, Tables]] = OrderedDict()
        self._lock = Lock()

    def take(self, chain: str) -> tuple[Account, Tables] | None:
        """The account of a history and what it shows, out of the memory; None where it is not there."""
        with self._lock:
            return self._kept.pop(chain, None)

    def put(self, chain: str, account: Account, tables: Tables) -> None:
        """Keeps an account under the hash of its history."""
        with self._lock:
            self._kept[chain] = (account, tables)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forgets every account, as a restart does."""
        with self._lock:
            self._kept.clear()


REPLAYS = Replays()
