"""Holds the contracts to their rules: buf lint, buf format, and buf breaking against the last release.

The last release is the newest tag `v*` that can be reached from here. A contract only grows: what a release has said
stays as it was, so that any commit runs beside the one before it.
"""

import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from generate import ROOT, compiled

IMAGE = ROOT / "build" / "protos" / "image.binpb"
BUF = str(Path(sys.executable).parent / "buf")
OURS = ("--path", "zhongtai")


def main() -> None:
    """Runs the three checks and exits with 1 where one of them has findings, after all of them were printed."""
    found = [lint(IMAGE), formatted(ROOT / "protos"), broken_since_release(ROOT, IMAGE)]
    for said in filter(None, found):
        print(said.rstrip())
    sys.exit(1 if any(found) else 0)


def lint(image: Path) -> str:
    """What buf's STANDARD and COMMENTS rules find in an image; empty where they hold."""
    return _buf("lint", str(image), *OURS)


def formatted(protos: Path) -> str:
    """The difference to how buf writes the contracts; empty where there is none."""
    return _buf("format", "--diff", "--exit-code", str(protos))


def broken_since_release(repository: Path, image: Path) -> str:
    """What an image breaks of the last release's contracts; empty where nothing, or where there is no release yet."""
    release = last_release(repository)
    if not release:
        print("buf breaking: no release yet")
        return ""
    with tempfile.TemporaryDirectory() as folder:
        archive = _git(repository, "archive", release, "protos").stdout
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(folder, filter="data")
        last = Path(folder) / "last.binpb"
        compiled(Path(folder) / "protos", last)
        return _buf("breaking", str(image), "--against", str(last), *OURS)


def last_release(repository: Path) -> str:
    """The newest tag `v*` behind the commit that is checked out; empty where there is none."""
    found = _git(repository, "describe", "--tags", "--abbrev=0", "--match", "v*")
    return found.stdout.decode().strip() if found.returncode == 0 else ""


def _git(repository: Path, *command: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *command], cwd=repository, capture_output=True, check=False, timeout=60)


def _buf(*command: str) -> str:
    """What buf says against something; empty where it agrees."""
    done = subprocess.run([BUF, *command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    return "" if done.returncode == 0 else done.stdout + done.stderr or f"buf {command[0]} failed"


if __name__ == "__main__":
    main()
