"""Fresh stores for tests, fast: each service is migrated once into a template file, and every test copies it."""

import hashlib
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from zhongtai.runtime import migrate


@cache
def _template(service: str) -> Path:
    """A migrated, empty SQLite file of one service, kept for as long as its revisions stay the same."""
    content = hashlib.sha256()
    for folder in migrate.folders(service):
        for file in sorted(folder.glob("*.py")):
            content.update(file.read_bytes())
    home = Path(tempfile.gettempdir()) / f"zhongtai-templates-{os.getuid()}"
    home.mkdir(exist_ok=True)
    template = home / f"{service}-{content.hexdigest()[:16]}.db"
    if not template.exists():
        with tempfile.TemporaryDirectory(dir=home) as scratch:
            made = Path(scratch) / "store.db"
            migrate.upgrade(f"sqlite:///{made}", service)
            made.replace(template)
    return template


def fresh_sqlite(service: str, folder: Path) -> str:
    """The URL of a new, empty, migrated store in a folder."""
    target = folder / f"{service}.db"
    shutil.copy(_template(service), target)
    return f"sqlite:///{target}"
