"""The proof of loans in tranches and of revolving lines: what may still be drawn is in use on their limit."""

from datetime import date
from typing import Any

import pytest

from tests.credit.examples import fen, request_id
from tests.credit.exposure_proof.test_rpc import prove
from tests.credit.loan_account.test_ordinary import answered
from tests.credit.serviced import START, conventions, opened, publish, serviced_product
from zhongtai.credit.v1 import exposure_proof_pb2 as v1
from zhongtai.credit.v1 import limit_pb2, loan_disbursement_pb2, loan_payment_pb2, loan_pb2, servicing_pb2
from zhongtai.testing.doors import Door

HEARD = (loan_pb2.LoanRepaid, loan_pb2.LoanOwedAgain)


async def differing(door: Door) -> list[str]:
    """The limits that do not agree with their loans, once everything was heard."""
    heard = [kind.DESCRIPTOR.full_name for kind in HEARD]
    for envelope in await door.envelopes():
        if envelope.subject in heard:
            await door.deliver(envelope.message(), event_id=envelope.event_id)
    await prove(door)
    breaks = (await door.call(v1.ListExposureBreaksRequest(status=v1.BREAK_STATUS_OPEN))).breaks
    return [f"{one.counted} {one.owed}" for one in breaks if one.kind == v1.BREAK_KIND_LIMIT]


@pytest.mark.parametrize("revolving", [False, True])
async def test_what_may_still_be_drawn_is_in_use_on_its_limit(door: Door, revolving: bool) -> None:
    tranches = servicing_pb2.TrancheConvention(maximum=50, expected_forbidden=True, revolving=revolving)
    await publish(door, serviced_product(conventions(tranches=tranches)))
    loan_id = await opened(door)
    loan = (await door.call(loan_pb2.GetLoanRequest(loan_id=loan_id))).loan
    await door.call(limit_pb2.CommitHoldRequest(request_id=request_id(), limit_id=loan.limit_id, hold_id=loan.hold_id))
    common: dict[str, Any] = {"loan_id": loan_id}
    await door.call(loan_disbursement_pb2.ApproveLoanRequest(request_id=request_id(), amount=fen(1_200_000), **common))
    for step, (drawn, paid) in enumerate([(500_000, 100_000), (300_000, 0), (200_000, 400_000), (300_000, 0)]):
        door.today(START if not step else date(2026, 1 + step, 20))
        draw = loan_disbursement_pb2.DisburseLoanRequest(request_id=request_id(), amount=fen(drawn), **common)
        await answered(door, draw)
        assert await differing(door) == []
        if paid:
            pay = loan_payment_pb2.ReceivePaymentRequest(
                request_id=request_id(), amount=fen(paid), type=loan_payment_pb2.PAYMENT_TYPE_REPAYMENT, **common
            )
            await door.call(pay)
            assert await differing(door) == []
