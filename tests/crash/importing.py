"""Goes on with an import in a process of its own, to be killed: says so before every step."""

import asyncio
import sys
from typing import Any
from uuid import uuid4

from tests.credit.loan_files import WORKING
from tests.load.commands import CALL
from zhongtai.credit.v1 import file_import_pb2 as v1
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.database import Store
from zhongtai.runtime.service import Service


async def go_on(url: str, import_id: str) -> None:
    """Checks and lands the file of an import."""
    store = Store.open(url, "credit")
    calls = Calls({"credit": Service("credit", store, GivenClock())}, {})
    found: Any = await calls.call(v1.GetFileImportRequest(import_id=import_id), CALL)
    phase = found.file_import.phase
    while phase != v1.IMPORT_PHASE_LANDED:
        print("step", flush=True)
        name = {"request_id": str(uuid4()), "import_id": import_id}
        request = v1.ContinueFileImportRequest(**name) if phase in WORKING else v1.LandFileImportRequest(**name)
        reply: Any = await calls.call(request, CALL)
        phase = reply.file_import.phase
    await asyncio.to_thread(store.close)


if __name__ == "__main__":
    asyncio.run(go_on(sys.argv[1], sys.argv[2]))
