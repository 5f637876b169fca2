"""The RPC of minimum balances."""

from zhongtai.operations.account import store as account_store
from zhongtai.operations.minimum_balance.domain import keeping
from zhongtai.operations.v1 import minimum_balance_pb2 as v1
from zhongtai.runtime.convert import money_message, money_of
from zhongtai.runtime.unit import Unit, rpc


@rpc
def set_minimum_balance(request: v1.SetMinimumBalanceRequest, unit: Unit) -> v1.SetMinimumBalanceResponse:
    """Sets what has to stay."""
    account, fact = keeping(account_store.accounts.load(unit, request.account_id), money_of(request.minimum))
    if fact:
        account_store.accounts.save(unit, account)
        unit.record(fact)
    return v1.SetMinimumBalanceResponse(minimum=request.minimum, available=money_message(account.available(unit.now)))
