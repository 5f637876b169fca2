"""One step of an import: rows read from Parquet, checked or landed, or what was staged removed.

Each is one short transaction and follows from what is stored alone: an import that was killed goes on where its last
step ended, to the same rows. Whoever else writes waits for one step at most.
"""

from collections.abc import Sequence

from zhongtai.credit.file_import import parquet_text, store
from zhongtai.credit.file_import.domain import PART_BYTES, Checked, FileFormat, FileImport, ImportPhase
from zhongtai.credit.file_import.kinds import KINDS
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.tabular import RECORD_BYTES_MAX, Reading, Record, RowMustHaveAllCells
from zhongtai.runtime.unit import Unit, View

# So many rows take some ten or twenty milliseconds.
CONVERT_AT_ONCE = 5_000
CHECK_AT_ONCE = 250
LAND_AT_ONCE = 64
FORGET_AT_ONCE = 10_000
PARTS_AT_ONCE = 16
# Room for a record that is as long as may be, and for those before it.
_WINDOW = 4 * RECORD_BYTES_MAX


def seal(unit: Unit, found: FileImport) -> FileImport:
    """The file, found whole and its columns known."""
    if found.phase is not ImportPhase.RECEIVING:
        return found
    found.must_be_whole(store.digests(unit, found.import_id))
    layout = KINDS[found.kind].LAYOUT
    if found.format is FileFormat.PARQUET:
        return found.seal(parquet_text.columns(unit, found, layout), 0, 1)
    names, begins, lines = found.form.header(store.text_from(unit, found.import_id, 0, _WINDOW))
    return found.seal(layout.columns(names, found.mapping, found.ignored_columns), begins, 1 + lines)


def step(unit: Unit, found: FileImport) -> FileImport:
    """Does the next piece of what is under way, and answers how far it is."""
    match found.phase:
        case ImportPhase.CONVERTING:
            return _convert(unit, found)
        case ImportPhase.CHECKING:
            return _check(unit, found)
        case ImportPhase.LANDING:
            return _land(unit, found)
        case ImportPhase.ABANDONING:
            return _forget(unit, found)
        case _:
            return found


def _convert(unit: Unit, found: FileImport) -> FileImport:
    text, count, more = parquet_text.rows(unit, found, found.cursor, CONVERT_AT_ONCE)
    for first in range(0, len(text), PART_BYTES):
        store.add_text(unit, found.import_id, found.text_bytes + first, text[first : first + PART_BYTES])
    if not more:
        store.forget_file(unit, found.import_id)
        parquet_text.forget(found)
    return found.converted(count, len(text), more=more)


def _check(unit: Unit, found: FileImport) -> FileImport:
    read = _read(unit, found, CHECK_AT_ONCE)
    records, misshapen = _cells(found, read)
    checked = KINDS[found.kind].check(unit, found.import_id, records)
    whole = Checked(checked.good, checked.totals, sorted([*misshapen, *checked.wrong], key=lambda one: one[0]))
    further = _keep_findings(unit, found.with_checked(whole).read(read.taken, read.lines), whole)
    return further.ended() if further.read_through else further


def _land(unit: Unit, found: FileImport) -> FileImport:
    read = _read(unit, found, LAND_AT_ONCE)
    records, _ = _cells(found, read)
    further = found.read(read.taken, read.lines)
    if records:
        landed = KINDS[found.kind].land(unit, found.import_id, found.pieces + 1, records)
        further = _keep_findings(unit, further.with_landed(landed), landed)
    if further.read_through:
        store.forget_parts(unit, found.import_id, further.text_bytes)
        return further.ended()
    # What lies a part and more behind is not read again.
    store.forget_text(unit, found.import_id, further.cursor - PART_BYTES)
    return further


def _forget(unit: Unit, found: FileImport) -> FileImport:
    """Removes a piece of everything; when nothing is left, only that there was such an import is known."""
    parquet_text.forget(found)
    left = (
        store.forget_parts(unit, found.import_id, PARTS_AT_ONCE)
        or KINDS[found.kind].forget(unit, found.import_id, FORGET_AT_ONCE)
        or store.forget_findings(unit, found.import_id, FORGET_AT_ONCE)
    )
    return found if left else found.ended()


def _read(view: View, found: FileImport, most: int) -> Reading:
    """The next records."""
    content = store.text_from(view, found.import_id, found.cursor, _WINDOW)
    final = found.cursor + len(content) >= found.text_bytes
    return found.form.read(content, most=most, line=found.line, final=final)


def _cells(
    found: FileImport, read: Reading
) -> tuple[list[Record], list[tuple[int, str, Sequence[tuple[str, Refusal]]]]]:
    """The records with the cells of our fields, and those that are none."""
    assert found.columns is not None, "a sealed file has its columns"
    records: list[Record] = []
    wrong: list[tuple[int, str, Sequence[tuple[str, Refusal]]]] = []
    for record in read.records:
        refusal = record.refusal
        width = len(record.cells)
        if refusal is None and width != found.columns.width:
            refusal = RowMustHaveAllCells(found=width, expected=found.columns.width)
        if refusal is None:
            records.append(Record(record.line, found.columns.cells(record.cells)))
        else:
            wrong.append((record.line, "", [("", refusal)]))
    return records, wrong


def _keep_findings(unit: Unit, found: FileImport, checked: Checked) -> FileImport:
    further, findings = found.find(checked)
    store.findings.add_all(unit, findings)
    return further
