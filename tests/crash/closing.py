"""Closes dates of a store in a process of its own, to be killed: says so before every step."""

import asyncio
import sys
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from tests.load.commands import CALL
from zhongtai.credit.v1 import end_of_day_pb2 as v1
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.convert import date_message
from zhongtai.runtime.database import Store
from zhongtai.runtime.seeds import plant
from zhongtai.runtime.service import Service


async def close(url: str, first: date, days: int) -> None:
    """Closes so many dates; what is closed already stays as it is."""
    store, clock = Store.open(url, "credit"), GivenClock(today=first + timedelta(days=days))
    calls = Calls({"credit": Service("credit", store, clock)}, {})
    await plant("credit", calls)
    for on in (first + timedelta(days=day) for day in range(days)):
        business_date = date_message(on)
        await calls.call(v1.BeginEndOfDayRequest(request_id=str(uuid4()), business_date=business_date), CALL)
        phase = v1.END_OF_DAY_PHASE_UNSPECIFIED
        while phase != v1.END_OF_DAY_PHASE_CLOSED:
            print("step", flush=True)
            request = v1.ContinueEndOfDayRequest(request_id=str(uuid4()), business_date=business_date)
            reply: Any = await calls.call(request, CALL)
            phase = reply.end_of_day.phase
    await asyncio.to_thread(store.close)


if __name__ == "__main__":
    asyncio.run(close(sys.argv[1], date.fromisoformat(sys.argv[2]), int(sys.argv[3])))
