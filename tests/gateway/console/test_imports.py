"""The pages of imports: how far each is, what it comes to, and its bad rows, also as a file."""

import csv
import io

from tests.credit.loan_files import content_hash, csv_file, loan
from tests.gateway.console.conftest import Bank
from zhongtai.credit.v1 import file_import_pb2 as v1


async def checked(bank: Bank) -> str:
    """An import of one good and two bad rows, checked; its id."""
    content = csv_file([loan(1), loan(2, outstanding="99999"), loan(3, reference="=1+1", customer_id="")])
    announced = v1.BeginFileImportRequest(
        request_id="import-1",
        kind=v1.IMPORT_KIND_LOANS,
        format=v1.FILE_FORMAT_CSV,
        name="存量<贷款>.csv",
        size_bytes=len(content),
        content_hash=content_hash(content),
    )
    import_id = str((await bank.call(announced)).import_id)
    await bank.call(v1.AppendFilePartRequest(request_id="import-2", import_id=import_id, content=content))
    await bank.call(v1.SealFileRequest(request_id="import-3", import_id=import_id))
    await bank.call(v1.ContinueFileImportRequest(request_id="import-4", import_id=import_id))
    return import_id


async def test_an_import_is_shown_with_its_totals_and_its_bad_rows(bank: Bank) -> None:
    import_id = await checked(bank)
    async with bank.signed_in() as http:
        listed = await http.get("/console/imports")
        page = await http.get(f"/console/imports/{import_id}")
        file = await http.get(f"/console/imports/{import_id}/bad-rows.csv")
        missing = await http.get("/console/imports/imp_none")
    assert f'href="/console/imports/{import_id}"' in listed.text
    assert "存量&lt;贷款&gt;.csv" in listed.text
    assert "1 good rows, CNY 8,200.00" in page.text
    assert "OUTSTANDING_MUST_BE_OF_PRINCIPAL" in page.text
    assert 'hx-trigger="every 2s"' not in page.text, "nothing is under way"
    rows = list(csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff"))))
    told = [(row["line"], row["key"], row["field"], row["reason"]) for row in rows]
    assert told == [
        ("3", "OLD-2", "outstanding", "OUTSTANDING_MUST_BE_OF_PRINCIPAL"),
        ("4", "'=1+1", "customer_id", "CELL_MUST_NOT_BE_EMPTY"),
    ]
    assert "attachment" in file.headers["content-disposition"]
    assert missing.status_code == 404


async def test_whoever_may_not_see_imports_is_told_so(bank: Bank) -> None:
    async with bank.signed_in("guest", language="zh-CN") as http:
        listed = await http.get("/console/imports")
        file = await http.get("/console/imports/imp_1/bad-rows.csv")
    assert "SCOPE_MISSING" in listed.text
    assert "导入" in listed.text
    assert file.status_code == 403
