"""An account from its terms and everything that happened to it."""

from collections.abc import Iterable

from zhongtai.kernel.servicing.account import Account
from zhongtai.kernel.servicing.operations import Operation
from zhongtai.kernel.servicing.terms import Terms


def replay(terms: Terms, operations: Iterable[Operation]) -> Account:
    """The account after the operations, in the order they were given; the first that is refused raises."""
    account = Account(terms)
    for operation in operations:
        account.apply(operation)
    return account
