"""Guarantors that the tests of guarantees and of claims share."""

from typing import Any

from tests.credit.examples import fen, rate, request_id
from zhongtai.credit.v1 import guarantee_pb2 as v1
from zhongtai.testing.doors import Door


def guarantor(name: str, share: str = "", cap: int = 0) -> v1.Guarantor:
    """A company that promises a share, up to a cap where one is given."""
    return v1.Guarantor(
        guarantor_id=name,
        kind=v1.GUARANTOR_KIND_COMPANY,
        share=rate(share) if share else None,
        cap=fen(cap) if cap else None,
    )


def giving(loan_id: str, *guarantors: v1.Guarantor, **changes: Any) -> v1.GiveGuaranteeRequest:
    """Asks for a joint and several guarantee of joint liability."""
    fields: dict[str, Any] = {
        "request_id": request_id(),
        "loan_id": loan_id,
        "form": v1.GUARANTEE_FORM_JOINT_LIABILITY,
        "sharing": v1.GUARANTEE_SHARING_JOINT_AND_SEVERAL,
        "guarantors": guarantors,
    }
    return v1.GiveGuaranteeRequest(**{**fields, **changes})


async def given(door: Door, loan_id: str, *guarantors: v1.Guarantor, **changes: Any) -> str:
    """A guarantee; answers its id."""
    return str((await door.call(giving(loan_id, *guarantors, **changes))).guarantee_id)
