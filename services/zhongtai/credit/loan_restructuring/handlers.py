"""The RPCs of extension and restructuring."""

from zhongtai.credit.loan_account.performing import found
from zhongtai.credit.loan_restructuring import agreeing, store
from zhongtai.credit.loan_restructuring.agreeing import Why
from zhongtai.credit.loan_restructuring.domain import Change
from zhongtai.credit.v1 import loan_restructuring_pb2 as v1
from zhongtai.runtime.convert import message_of, value_of
from zhongtai.runtime.store import page_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def extend_loan(request: v1.ExtendLoanRequest, unit: Unit) -> v1.ExtendLoanResponse:
    """Gives a loan more instalments."""
    loan, kept = found(unit, request.loan_id)
    change = value_of(request, Change, forgiveness=None, grace_principal=0, grace_interest=0)
    extended, made = agreeing.extend(unit, loan, kept, change, value_of(request, Why))
    return message_of(extended, v1.ExtendLoanResponse, restructuring=message_of(made, v1.LoanRestructuring))


@rpc
def restructure_loan(request: v1.RestructureLoanRequest, unit: Unit) -> v1.RestructureLoanResponse:
    """Agrees the terms of a loan anew."""
    loan, kept = found(unit, request.loan_id)
    restructured, made = agreeing.agree(unit, loan, kept, value_of(request, Change), value_of(request, Why))
    return message_of(restructured, v1.RestructureLoanResponse, restructuring=message_of(made, v1.LoanRestructuring))


@rpc
def list_extension_rules(request: v1.ListExtensionRulesRequest, view: View) -> v1.ListExtensionRulesResponse:
    """The rules of extensions."""
    _ = view
    shown, page = page_of(store.RULES, request.page)
    return v1.ListExtensionRulesResponse(rules=[message_of(rule, v1.ExtensionRule) for rule in shown], page=page)


@rpc
def list_loan_restructurings(
    request: v1.ListLoanRestructuringsRequest, view: View
) -> v1.ListLoanRestructuringsResponse:
    """What was agreed anew of a loan."""
    found_, page = store.restructurings.page(view, request.page, store.RESTRUCTURING.c.loan_id == request.loan_id)
    return v1.ListLoanRestructuringsResponse(
        restructurings=[message_of(one, v1.LoanRestructuring) for one in found_], page=page
    )
