"""The RPCs of dormant accounts, and the event that tells of a new account."""

from zhongtai.operations.account import store as account_store
from zhongtai.operations.account_stop.domain import DORMANT, let_go, stopped
from zhongtai.operations.dormancy import store
from zhongtai.operations.dormancy.domain import AccountFellDormant, Dormancy, DormancyNoticed, DormancyStatus
from zhongtai.operations.v1 import account_pb2
from zhongtai.operations.v1 import dormancy_pb2 as v1
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
def note_account_use(request: v1.NoteAccountUseRequest, unit: Unit) -> v1.NoteAccountUseResponse:
    """Notes the use of accounts in the next entries."""
    used, more = store.note_next(unit)
    return v1.NoteAccountUseResponse(more=more, used=used)


@rpc
def sweep_dormant_accounts(request: v1.SweepDormantAccountsRequest, unit: Unit) -> v1.SweepDormantAccountsResponse:
    """Gives notice to the next accounts, or lets them fall dormant."""
    found = store.may_be_due(unit, request.position)
    accounts = account_store.accounts.load_all(unit, [each.account_id for each in found])
    debtors = store.owing(unit, list(accounts.values()))
    facts: list[DormancyNoticed | AccountFellDormant] = []
    for before in found:
        account = accounts[before.account_id]
        after, told = before.swept(
            store.RULES[before.product],
            account,
            owing=account.customer_id in debtors,
            now=unit.now,
            today=unit.business_date,
        )
        if after != before:
            store.dormancies.save(unit, after)
        if isinstance(told, AccountFellDormant):
            account_store.accounts.save(unit, stopped(account, DORMANT))
        facts += [told] if told else []
    unit.record_all(facts)
    fell = sum(isinstance(fact, AccountFellDormant) for fact in facts)
    position = found[-1].account_id if len(found) == store.ACCOUNTS else ""
    return v1.SweepDormantAccountsResponse(next_position=position, noticed=len(facts) - fell, fell_dormant=fell)


@rpc
def wake_account(request: v1.WakeAccountRequest, unit: Unit) -> v1.WakeAccountResponse:
    """Wakes an account on proof of its owner."""
    before = store.dormancies.load(unit, request.account_id)
    after, woken = before.woken(unit.caller.acting, request.proof, unit.business_date)
    if woken:
        store.dormancies.save(unit, after)
        account = account_store.accounts.load(unit, before.account_id)
        account_store.accounts.save(unit, let_go(account, DORMANT))
        unit.record(woken)
    return v1.WakeAccountResponse(dormancy=_message(after))


@rpc
def get_dormancy(request: v1.GetDormancyRequest, view: View) -> v1.GetDormancyResponse:
    """How an account stands."""
    return v1.GetDormancyResponse(dormancy=_message(store.dormancies.load(view, request.account_id)))


@rpc
def list_dormancies(request: v1.ListDormanciesRequest, view: View) -> v1.ListDormanciesResponse:
    """Accounts by how they stand."""
    conditions = []
    if request.status:
        status = v1.DormancyStatus.Name(request.status).removeprefix("DORMANCY_STATUS_")
        conditions.append(store.DORMANCY.c.status == DormancyStatus(status))
    found, page = store.dormancies.page(view, request.page, *conditions)
    return v1.ListDormanciesResponse(dormancies=[_message(each) for each in found], page=page)


@rpc
def list_dormancy_rules(request: v1.ListDormancyRulesRequest, view: View) -> v1.ListDormancyRulesResponse:
    """The rules that ship."""
    return v1.ListDormancyRulesResponse(rules=[message_of(rule, v1.DormancyRule) for rule in store.RULES.values()])


@on
def account_opened(event: account_pb2.AccountOpened, unit: Unit) -> None:
    """Counts the disuse of a customer's account from the day it was opened."""
    if event.account_class == account_pb2.ACCOUNT_CLASS_CUSTOMER:
        store.note_opened(unit, event.account_id, event.product, unit.business_date)


def _message(dormancy: Dormancy) -> v1.Dormancy:
    return message_of(dormancy, v1.Dormancy)
