"""Items that the tests of collateral and of pledges share."""

from decimal import Decimal
from typing import Any

from tests.credit.examples import TODAY, cny, day, fen, rate, request_id
from zhongtai.credit.collateral.domain import Collateral, CollateralKind
from zhongtai.credit.v1 import collateral_pb2 as v1
from zhongtai.testing.doors import Door


def house(value: int = 1_000_000, haircut: str = "0.3", collateral_id: str = "col_1", secured: int = 0) -> Collateral:
    """An item of collateral."""
    return Collateral(
        collateral_id,
        "cus_1",
        CollateralKind.REAL_ESTATE,
        "title 1",
        cny(value),
        TODAY,
        1,
        Decimal(haircut),
        cny(secured),
    )


def registering(**changes: Any) -> v1.RegisterCollateralRequest:
    """Asks to register a house of 20,000.00 with a haircut of 30 %."""
    fields: dict[str, Any] = {
        "request_id": request_id(),
        "owner_id": "cus_1",
        "kind": v1.COLLATERAL_KIND_REAL_ESTATE,
        "title_number": f"沪(2024)浦字不动产权第{request_id()}号",
        "value": fen(2_000_000),
        "valued_on": day(2026, 1, 5),
        "valuer": "Shanghai Assessors",
        "haircut": rate("0.3"),
    }
    return v1.RegisterCollateralRequest(**{**fields, **changes})


async def registered(door: Door, **changes: Any) -> str:
    """An item; answers its id."""
    return str((await door.call(registering(**changes))).collateral_id)


def valuing(collateral_id: str, value: int) -> v1.ValueCollateralRequest:
    """Tells a valuation of today."""
    return v1.ValueCollateralRequest(
        request_id=request_id(),
        collateral_id=collateral_id,
        value=fen(value),
        valued_on=day(2026, 1, 5),
        valuer="Shanghai Assessors",
    )
