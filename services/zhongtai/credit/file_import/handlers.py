"""The RPCs of imports from files."""

from zhongtai.credit.file_import import domain, steps, store
from zhongtai.credit.file_import.domain import Announced, FileImport
from zhongtai.credit.v1 import file_import_pb2 as v1
from zhongtai.kernel.tabular import Source, TextEncoding
from zhongtai.runtime.convert import message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def begin_file_import(request: v1.BeginFileImportRequest, unit: Unit) -> v1.BeginFileImportResponse:
    """Announces a file."""
    announced = value_of(
        request,
        Announced,
        encoding=TextEncoding.GB18030 if request.encoding == v1.TEXT_ENCODING_GB18030 else TextEncoding.UTF_8,
        delimiter=request.delimiter or ",",
        mapping=tuple(value_of(source, Source) for source in request.mapping),
    )
    found = store.of_file(unit, announced.told_by())
    if found is None:
        found = domain.begin(unit.new_id("imp"), announced, now=unit.now, subject=unit.caller.subject)
        store.imports.add(unit, found)
    return v1.BeginFileImportResponse(import_id=found.import_id, file_import=_message(found))


@rpc
def append_file_part(request: v1.AppendFilePartRequest, unit: Unit) -> v1.AppendFilePartResponse:
    """Receives a part."""
    found = store.imports.load(unit, request.import_id)
    received = store.part_of(unit, found, request.number)
    further, part = found.append(request.number, request.content, received)
    if part is not None:
        store.parts.add(unit, part)
        store.imports.save(unit, further)
    return v1.AppendFilePartResponse(received_bytes=further.received_bytes)


@rpc
def seal_file(request: v1.SealFileRequest, unit: Unit) -> v1.SealFileResponse:
    """Finds the file whole, and its columns."""
    sealed = steps.seal(unit, store.imports.load(unit, request.import_id))
    store.imports.save(unit, sealed)
    return v1.SealFileResponse(file_import=_message(sealed))


@rpc
def continue_file_import(request: v1.ContinueFileImportRequest, unit: Unit) -> v1.ContinueFileImportResponse:
    """Does the next piece."""
    further = steps.step(unit, store.imports.load(unit, request.import_id))
    store.imports.save(unit, further)
    return v1.ContinueFileImportResponse(file_import=_message(further))


@rpc
def land_file_import(request: v1.LandFileImportRequest, unit: Unit) -> v1.LandFileImportResponse:
    """Lets the good rows land."""
    landing = store.imports.load(unit, request.import_id).land()
    store.imports.save(unit, landing)
    return v1.LandFileImportResponse(file_import=_message(landing))


@rpc
def abandon_file_import(request: v1.AbandonFileImportRequest, unit: Unit) -> v1.AbandonFileImportResponse:
    """Gives an import up."""
    abandoned = store.imports.load(unit, request.import_id).abandon()
    store.imports.save(unit, abandoned)
    return v1.AbandonFileImportResponse(file_import=_message(abandoned))


@rpc
def get_file_import(request: v1.GetFileImportRequest, view: View) -> v1.GetFileImportResponse:
    """One import."""
    return v1.GetFileImportResponse(file_import=_message(store.imports.load(view, request.import_id)))


@rpc
def list_file_imports(request: v1.ListFileImportsRequest, view: View) -> v1.ListFileImportsResponse:
    """The imports there were."""
    found, page = store.imports.page(view, request.page)
    return v1.ListFileImportsResponse(file_imports=[_message(one) for one in found], page=page)


@rpc
def list_bad_rows(request: v1.ListBadRowsRequest, view: View) -> v1.ListBadRowsResponse:
    """What is wrong with the rows of an import."""
    found = store.imports.load(view, request.import_id)
    findings, page = store.findings.page(view, request.page, store.FINDING.c.import_id == found.import_id)
    return v1.ListBadRowsResponse(bad_rows=[message_of(one, v1.BadRow) for one in findings], page=page)


def _message(found: FileImport) -> v1.FileImport:
    return message_of(found, v1.FileImport, progress=found.progress)
