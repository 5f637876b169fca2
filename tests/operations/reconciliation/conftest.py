"""Our account with the central bank, reconciled by the rules that ship."""

import pytest

from tests.operations.bank import Bank
from tests.operations.bank_statement.files import DAY, NOSTRO
from zhongtai.operations.v1 import reconciliation_pb2 as v1


@pytest.fixture
async def reconciled(bank: Bank) -> Bank:
    """The bank, on a day of which there are statements."""
    bank.door.today(DAY)
    await bank.internal("central_bank_settlement", NOSTRO)
    await bank.door.call(
        v1.SetReconciliationRequest(request_id=bank.request_id(), account_id=NOSTRO, break_after_days=3)
    )
    return bank
