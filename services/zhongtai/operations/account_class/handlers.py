"""The RPCs of account classes."""

from zhongtai.operations.account import store as account_store
from zhongtai.operations.account_class import store
from zhongtai.operations.account_class.domain import AccountClassification, AccountTier, AccountUse
from zhongtai.operations.v1 import account_class_pb2 as v1
from zhongtai.runtime.convert import message_of, money_message, money_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def classify_account(request: v1.ClassifyAccountRequest, unit: Unit) -> v1.ClassifyAccountResponse:
    """Puts an account into a class."""
    account = account_store.customers_account(unit, request.account_id)
    tier = AccountTier(v1.AccountTier.Name(request.tier).removeprefix("ACCOUNT_TIER_"))
    classification = AccountClassification(account.account_id, account.customer_id, tier, tuple(request.bound_accounts))
    for bound in classification.bound_accounts:
        account_store.accounts.load(unit, bound)
    present = store.classifications.find(unit, account.account_id)
    if present != classification:
        classified = classification.classified(store.of_customer(unit, customer_id=account.customer_id))
        (store.classifications.save if present else store.classifications.add)(unit, classification)
        unit.record(classified)
    return v1.ClassifyAccountResponse(classification=message_of(classification, v1.AccountClassification))


@rpc
def get_account_class(request: v1.GetAccountClassRequest, view: View) -> v1.GetAccountClassResponse:
    """The class of an account and what of its limits is used."""
    classification = store.classifications.load(view, request.account_id)
    currency = account_store.accounts.load(view, request.account_id).currency_code
    usage = []
    for use in AccountUse:
        used = store.usage(view, request.account_id, use, currency).used(view.business_date)
        usage.append(
            v1.AccountUsage(use=f"ACCOUNT_USE_{use}", day=money_message(used.day), year=money_message(used.year))
        )
    return v1.GetAccountClassResponse(classification=message_of(classification, v1.AccountClassification), usage=usage)


@rpc
def check_account_use(request: v1.CheckAccountUseRequest, view: View) -> v1.CheckAccountUseResponse:
    """Refuses where a payment would go beyond a limit."""
    account = account_store.accounts.load(view, request.account_id)
    use = AccountUse(v1.AccountUse.Name(request.use).removeprefix("ACCOUNT_USE_"))
    store.must_allow(view, account, request.counterparty_account_id, money_of(request.amount), use)
    return v1.CheckAccountUseResponse()


@rpc
def list_account_class_rules(request: v1.ListAccountClassRulesRequest, view: View) -> v1.ListAccountClassRulesResponse:
    """The limits of every class."""
    return v1.ListAccountClassRulesResponse(rules=[message_of(rule, v1.AccountClassRule) for rule in store.RULES])
