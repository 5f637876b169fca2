"""A Parquet file as text of separated values: its columns, and a range of its rows, each cell exactly as it is.

Parquet is read from its end, so the parts of a file are put together again in a temporary one, which is made anew
where it is not there: it holds nothing that the store does not.
"""

import csv
import io
from pathlib import Path
from tempfile import gettempdir

from zhongtai.credit.file_import import store
from zhongtai.credit.file_import.domain import FileImport
from zhongtai.kernel.tabular import ColumnMustBeExact, Columns, Layout
from zhongtai.runtime import parquet
from zhongtai.runtime.unit import View

# A line break within a cell would be one in the text; a control character it stays, so that the cell is refused.
_BREAKS = str.maketrans("\r\n", "\v\v")


def columns(view: View, found: FileImport, layout: Layout) -> Columns:
    """Finds the fields among the columns of a file. Raises the refusals of columns and of Parquet."""
    told = parquet.opened(_copy(view, found)).columns
    resolved = layout.columns([column.name for column in told], found.mapping, found.ignored_columns)
    for field, source in zip(layout.fields, resolved.sources, strict=True):
        if isinstance(source, int) and field.content.exact and not told[source].exact:
            raise ColumnMustBeExact(column=told[source].name[:40], field=field.name)
    return resolved


def rows(view: View, found: FileImport, first: int, most: int) -> tuple[bytes, int, bool]:
    """Some rows from the `first` on as text, how many they are, and whether there are more behind them."""
    opened = parquet.opened(_copy(view, found))
    cells = opened.texts(first, most)
    written = io.StringIO()
    writer = csv.writer(written, delimiter=found.delimiter, lineterminator="\n")
    writer.writerows([cell.translate(_BREAKS) for cell in row] for row in cells)
    return written.getvalue().encode(), len(cells), first + len(cells) < opened.rows


def forget(found: FileImport) -> None:
    """Removes the copy."""
    _path(found).unlink(missing_ok=True)


def _copy(view: View, found: FileImport) -> Path:
    path = _path(found)
    if not path.exists() or path.stat().st_size != found.size_bytes:
        making = path.with_suffix(".making")
        with making.open("wb") as file:
            for number in range(found.parts):
                file.write(store.file_part(view, found.import_id, number))
        making.replace(path)
    return path


def _path(found: FileImport) -> Path:
    return Path(gettempdir()) / f"zhongtai-{found.import_id}-{found.content_hash[:16]}.parquet"
