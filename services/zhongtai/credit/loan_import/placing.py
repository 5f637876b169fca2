"""On which limit a loan that is taken over stands: the one its row names, or one that the import grants.

A row that names a limit needs room on it, as any hold does. For the others the customer's limit of the product line is
raised to exactly what is then in use, or one of exactly that size is granted, which does not revolve: taking a loan
over promises nobody more than they owe. The tree counts it whether there is room or not, for the money has left.
"""

from collections import defaultdict
from collections.abc import Sequence

from zhongtai.credit.backing.domain import LimitMustBeOfCustomer, LimitMustBeOfProductLine
from zhongtai.credit.limit import store as limit_store
from zhongtai.credit.limit.domain import Grant, Limit, LimitNotFound, first_grant
from zhongtai.credit.limit_hold import store as hold_store
from zhongtai.credit.limit_hold.domain import Hold
from zhongtai.credit.limit_node import store as node_store
from zhongtai.credit.limit_node.domain import Claim, Claimed, NodeKind
from zhongtai.credit.loan_import import store
from zhongtai.credit.loan_import.domain import LoanRow, Names
from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime.unit import Unit, View


def must_take(limit: Limit, row: LoanRow) -> None:
    """Refuses a limit that is not for the loan of a row."""
    if limit.customer_id != row.customer_id:
        raise LimitMustBeOfCustomer(limit_id=limit.limit_id)
    if limit.product_line != row.product.product_line:
        raise LimitMustBeOfProductLine(limit_id=limit.limit_id, product_line=limit.product_line)
    if limit.granted.currency != row.outstanding.currency:
        raise CurrencyMustMatch(left=limit.granted.currency, right=row.outstanding.currency)


def check(view: View, rows: Sequence[LoanRow]) -> dict[int, Refusal]:
    """What is wrong with the limits that rows name, by line, each row by itself."""
    named = sorted({row.limit_id for row in rows if row.limit_id})
    if not named:
        return {}
    found = {limit.limit_id: limit for limit in limit_store.as_of_now(view, store.limits_by_id(view, named))}
    wrong: dict[int, Refusal] = {}
    for row in rows:
        if row.limit_id:
            try:
                if row.limit_id not in found:
                    raise LimitNotFound(limit_id=row.limit_id)
                must_take(found[row.limit_id], row)
                found[row.limit_id].use("", row.outstanding, view.now)
            except Refusal as refusal:
                wrong[row.line] = refusal
    return wrong


class Limits:
    """The limits of some rows as they change while these land."""

    def __init__(self, unit: Unit, names: Names, rows: Sequence[LoanRow]) -> None:
        self._unit = unit
        self._names = names
        named = store.limits_by_id(unit, sorted({row.limit_id for row in rows if row.limit_id}))
        known = named + store.limits_of(unit, sorted({row.customer_id for row in rows}))
        self._before: dict[str, Limit] = {}
        self._limits: dict[str, Limit] = {}
        for limit in known:
            if limit.limit_id not in self._before:
                present, facts = limit_store.touched(unit, limit)
                unit.record_all(facts)
                self._before[limit.limit_id] = self._limits[limit.limit_id] = present
        self._told = {limit.limit_id: limit.granted for limit in self._limits.values()}
        self._of = {_key(limit): limit.limit_id for limit in self._limits.values()}
        self._grants: list[Grant] = []
        self._holds: list[Hold] = []

    def place(self, row: LoanRow) -> tuple[Limit, Hold]:
        """Uses the outstanding principal of a row; raises what a limit refuses a hold with."""
        limit, grant = self._granted(row) if not row.limit_id else (self._named(row), None)
        hold_id = self._names.name("hold", row.line)
        used, hold = limit.use(hold_id, row.outstanding, self._unit.now)
        self._limits[used.limit_id] = used
        self._of[_key(used)] = used.limit_id
        self._holds.append(hold)
        if grant is not None:
            self._grants.append(grant)
        return used, hold

    def granted_anew(self, limit: Limit) -> Money | None:
        """What a limit grants, where that is not what it granted before; told with the first loan that asks."""
        before = self._told.get(limit.limit_id)
        present = self._limits[limit.limit_id].granted
        self._told[limit.limit_id] = present
        return None if before == present else present

    def keep(self) -> None:
        """Writes the limits that changed, and counts them on their customers, their product lines and all above."""
        changed = [limit for limit_id, limit in self._limits.items() if limit != self._before.get(limit_id)]
        limit_store.limits.add_all(self._unit, [one for one in changed if one.limit_id not in self._before])
        limit_store.limits.save_all(self._unit, [one for one in changed if one.limit_id in self._before])
        limit_store.grants.add_all(self._unit, self._grants)
        hold_store.holds.add_all(self._unit, self._holds)
        claims: defaultdict[str, list[Claimed]] = defaultdict(list)
        for limit in changed:
            known = self._before.get(limit.limit_id)
            asked = Claim.nothing(limit.granted.currency) if known is None else known.claim
            for kind, subject in ((NodeKind.CUSTOMER, limit.customer_id), (NodeKind.PRODUCT, limit.product_line)):
                claims[limit.granted.currency].append(Claimed(kind, subject, asked, limit.claim))
        for of_currency in claims.values():
            node_store.count(self._unit, of_currency)

    def _named(self, row: LoanRow) -> Limit:
        limit = self._limits.get(row.limit_id)
        if limit is None:
            raise LimitNotFound(limit_id=row.limit_id)
        must_take(limit, row)
        return limit

    def _granted(self, row: LoanRow) -> tuple[Limit, Grant | None]:
        """The limit of the customer with room for exactly this loan, and the grant that made it, if one had to be."""
        line = row.product.product_line
        present = self._limits.get(self._of.get((row.customer_id, line, row.outstanding.currency), ""))
        grant_id = self._names.name("grant", row.line)
        if present is None:
            limit, grant, _ = first_grant(
                limit_id=self._names.name("lim", row.line),
                grant_id=grant_id,
                customer_id=row.customer_id,
                product_line=line,
                amount=row.outstanding,
                revolving=False,
            )
            return limit, grant
        if row.outstanding <= present.available:
            return present, None
        in_use = present.held + present.used + row.outstanding + (present.spent or present.granted.nothing)
        limit, grant, _ = present.grant(grant_id, in_use)
        return limit, grant


def _key(limit: Limit) -> tuple[str, str, str]:
    return limit.customer_id, limit.product_line, limit.granted.currency
