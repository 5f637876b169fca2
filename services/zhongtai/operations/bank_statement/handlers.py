"""The RPCs of bank statements: a file is received in parts, and lands whole."""

from functools import partial

from zhongtai.operations.account import store as account_store
from zhongtai.operations.bank_statement import store
from zhongtai.operations.bank_statement.domain import (
    AnnouncedStatement,
    BankStatement,
    BankStatementForm,
    BankStatementStatus,
    StatementContent,
    StatementMapping,
    must_be_ours,
    must_be_short,
)
from zhongtai.operations.bank_statement.reading import read
from zhongtai.operations.v1 import bank_statement_pb2 as v1
from zhongtai.runtime.convert import message_of, value_of
from zhongtai.runtime.kept import change_once
from zhongtai.runtime.orchestration import Orchestration
from zhongtai.runtime.unit import Unit, View, rpc

# So many lines take some forty milliseconds, which is how long anybody else who writes waits.
_LINES_AT_ONCE = 4_000
_MEBIBYTE = 1 << 20


@rpc
def begin_bank_statement(request: v1.BeginBankStatementRequest, unit: Unit) -> v1.BeginBankStatementResponse:
    """Announces a file; one that was sent before is the statement that is there."""
    account = must_be_ours(account_store.accounts.load(unit, request.account_id))
    announced = AnnouncedStatement(
        account_id=account.account_id,
        external_account=request.external_account,
        form=BankStatementForm(v1.BankStatementForm.Name(request.form).removeprefix("BANK_STATEMENT_FORM_")),
        mapping=_mapping(request),
        name=request.name,
        size_bytes=must_be_short(request.size_bytes),
        content_hash=request.content_hash,
    )
    found = store.of_file(unit, announced.told_by())
    if found is None:
        found = BankStatement.begin(unit.new_id("bst"), announced, now=unit.now, subject=unit.caller.subject)
        store.statements.add(unit, found)
    return v1.BeginBankStatementResponse(
        statement_id=found.statement_id, bank_statement=message_of(found, v1.BankStatement)
    )


@rpc
def append_bank_statement_part(
    request: v1.AppendBankStatementPartRequest, unit: Unit
) -> v1.AppendBankStatementPartResponse:
    """Receives a part."""
    found = store.statements.load(unit, request.statement_id)
    received = store.parts.find(unit, found.statement_id, request.number)
    further, part = found.append(request.number, request.content, received)
    if part is not None:
        store.parts.add(unit, part)
        store.statements.save(unit, further)
    return v1.AppendBankStatementPartResponse(received_bytes=further.received_bytes)


@rpc
async def land_bank_statement(
    request: v1.LandBankStatementRequest, given: Orchestration
) -> v1.LandBankStatementResponse:
    """Reads the file beside the writer and writes its lines in short pieces; nobody sees them before the last one."""
    announced = await given.read(lambda view: store.statements.load(view, request.statement_id))
    kind = ("LandBankStatement", announced.size_bytes // _MEBIBYTE)
    content, ids = await given.read(lambda view: _read(view, request.statement_id), kind)
    for start in range(0, len(ids), _LINES_AT_ONCE):
        piece = slice(start, start + _LINES_AT_ONCE)
        lines = list(zip(ids[piece], content.entries[piece], strict=True))
        await given.change(partial(store.add_missing, found=announced, currency=content.currency, lines=lines))

    def finish(unit: Unit) -> v1.LandBankStatementResponse:
        found = store.statements.load(unit, request.statement_id)
        if found.status is BankStatementStatus.RECEIVING:
            found, landed = found.land(content, store.count_of(unit, found.statement_id))
            store.statements.save(unit, found)
            store.forget_content(unit, found.statement_id)
            unit.record(landed)
        return v1.LandBankStatementResponse(bank_statement=message_of(found, v1.BankStatement))

    reply, _ = await change_once(given, request, finish)
    return reply


@rpc
def get_bank_statement(request: v1.GetBankStatementRequest, view: View) -> v1.GetBankStatementResponse:
    """One statement."""
    found = store.statements.load(view, request.statement_id)
    return v1.GetBankStatementResponse(bank_statement=message_of(found, v1.BankStatement))


@rpc
def list_bank_statements(request: v1.ListBankStatementsRequest, view: View) -> v1.ListBankStatementsResponse:
    """The statements of an account, or of all."""
    conditions = [store.BANK_STATEMENT.c.account_id == request.account_id] if request.account_id else []
    found, page = store.statements.page(view, request.page, *conditions)
    return v1.ListBankStatementsResponse(
        bank_statements=[message_of(one, v1.BankStatement) for one in found], page=page
    )


@rpc
def list_statement_lines(request: v1.ListStatementLinesRequest, view: View) -> v1.ListStatementLinesResponse:
    """The lines that a statement brought."""
    found = store.statements.load(view, request.statement_id)
    conditions = [store.STATEMENT_LINE.c.statement_id == found.statement_id]
    if request.unmatched:
        conditions.append(store.STATEMENT_LINE.c.match_id == "")
    lines, page = store.lines.page(view, request.page, *conditions)
    return v1.ListStatementLinesResponse(lines=[message_of(one, v1.StatementLine) for one in lines], page=page)


@rpc
def list_statement_mappings(request: v1.ListStatementMappingsRequest, view: View) -> v1.ListStatementMappingsResponse:
    """The mappings that ship."""
    return v1.ListStatementMappingsResponse(
        mappings=[message_of(one, v1.StatementMapping) for one in store.MAPPINGS.values()]
    )


def _mapping(request: v1.BeginBankStatementRequest) -> StatementMapping:
    if request.HasField("mapping"):
        return value_of(request.mapping, StatementMapping)
    return store.mapping(request.mapping_name or "plain")


def _read(view: View, statement_id: str) -> tuple[StatementContent, list[str]]:
    """What the file says, once all of it is there, and the ids of its lines; nothing where it has landed already."""
    found = store.statements.load(view, statement_id)
    account = account_store.accounts.load(view, found.account_id)
    if found.status is BankStatementStatus.LANDED:
        return StatementContent(account.currency_code, ()), []
    content = read(found, found.must_be_whole(store.content(view, statement_id)), account.currency_code)
    return content, content.line_ids(found.account_id)
