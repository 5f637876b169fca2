"""What backs a loan (用信依据): an open hold of exactly its principal, on a limit of its customer and product line.

Always true: a hold backs one loan, so that what is used of limits is what is owed of loans.
"""

from dataclasses import dataclass

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Denied, Invalid, Taken, Unmet


class HoldAlreadyBacksLoan(Taken):
    """The hold {hold_id} backs the loan {loan_id} already: hold the amount of this loan too.

    预占{hold_id}已用于贷款{loan_id}：请为本笔贷款另行预占。
    """

    hold_id: str
    loan_id: str


class LimitMustBeOfCustomer(Denied):
    """The limit {limit_id} belongs to another customer: use a limit of this one.

    额度{limit_id}属于其他客户：请使用该客户的额度。
    """

    limit_id: str


class LimitMustBeOfProductLine(Unmet):
    """The limit {limit_id} is for {product_line} only: use a limit of the product's line.

    额度{limit_id}仅可用于{product_line}：请使用该产品线的额度。
    """

    limit_id: str
    product_line: str


class HoldMustEqualPrincipal(Invalid):
    """The hold is of {held}, the loan of {principal}: hold exactly what is lent.

    预占金额为{held}，贷款金额为{principal}：预占金额须与贷款本金一致。
    """

    held: Money
    principal: Money


@dataclass(frozen=True, slots=True)
class Backing:
    """What backs a loan: how much is held, on whose limit, for which product line; `loan_id` where it backs one."""

    customer_id: str
    product_line: str
    held: Money
    loan_id: str | None


def must_back(
    backing: Backing, *, customer_id: str, limit_id: str, hold_id: str, product_line: str, principal: Money
) -> None:
    """Refuses a limit or a hold that is not for this customer, product line and amount, or backs another loan."""
    if backing.customer_id != customer_id:
        raise LimitMustBeOfCustomer(limit_id=limit_id)
    if backing.product_line != product_line:
        raise LimitMustBeOfProductLine(limit_id=limit_id, product_line=backing.product_line)
    if backing.held != principal:
        raise HoldMustEqualPrincipal(held=backing.held, principal=principal)
    if backing.loan_id is not None:
        raise HoldAlreadyBacksLoan(hold_id=hold_id, loan_id=backing.loan_id)
