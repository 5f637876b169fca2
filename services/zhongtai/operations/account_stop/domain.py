"""What stops an account from paying (止付事由): each stop by its own name, so that lifting one lifts no other.

A stop is `BANK` (the bank froze it whole), the id of a freeze of the whole, or `DORMANT`. The account's status is
told by its stops: none and it is active, `DORMANT` alone and it sleeps, any other and it is frozen. So the account's
one row says what it may do, and who put a stop there takes it away without asking who else did.
"""

from collections.abc import Iterable
from dataclasses import replace

from zhongtai.operations.account.domain import Account, AccountFrozen, AccountMustBeOpen, AccountStatus, AccountUnfrozen

BANK, DORMANT = "bank", "dormant"
_STATUS = {(): AccountStatus.ACTIVE, (DORMANT,): AccountStatus.DORMANT}


def stopped(account: Account, *stops: str) -> Account:
    """The account with stops put on it; refuses a closed one."""
    _must_be_open(account)
    return _standing(account, dict.fromkeys((*account.stops, *stops)))


def let_go(account: Account, *stops: str) -> Account:
    """The account without stops; a closed one has none and stays closed."""
    if account.status is AccountStatus.CLOSED:
        return account
    return _standing(account, (stop for stop in account.stops if stop not in stops))


def freeze(account: Account, reason: str) -> tuple[Account, AccountFrozen | None]:
    """Stops debits and new holds by the bank's own decision."""
    _must_be_open(account)
    if BANK in account.stops:
        return account, None
    return stopped(account, BANK), AccountFrozen(account.account_id, reason)


def unfreeze(account: Account) -> tuple[Account, AccountUnfrozen | None]:
    """Takes the bank's own decision back; what others stop stays stopped."""
    _must_be_open(account)
    if BANK not in account.stops:
        return account, None
    return let_go(account, BANK), AccountUnfrozen(account.account_id)


def _standing(account: Account, stops: Iterable[str]) -> Account:
    kept = tuple(stops)
    return replace(account, stops=kept, status=_STATUS.get(kept, AccountStatus.FROZEN))


def _must_be_open(account: Account) -> None:
    if account.status is AccountStatus.CLOSED:
        raise AccountMustBeOpen(account_id=account.account_id)
