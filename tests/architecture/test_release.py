"""A contract only grows: what a release has said is held against what is said now."""

import subprocess
from pathlib import Path

import pytest
from check import broken_since_release, formatted, last_release, lint
from generate import PROTOS, compiled

CONTRACT = """syntax = "proto3";

// Parcels.
package zhongtai.post.v1;

// A parcel.
message Parcel {
  // Its id.
  string parcel_id = 1;%s
}
"""
GROWN = "\n  // Its weight.\n  int64 weight_grams = 2;"


def git(repository: Path, *command: str) -> None:
    person = ("-c", "user.name=t", "-c", "user.email=t@t")
    subprocess.run(["git", *person, *command], cwd=repository, check=True, capture_output=True, timeout=60)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose one contract has two fields."""
    write(tmp_path, CONTRACT % GROWN)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    return tmp_path


def write(repository: Path, contract: str) -> None:
    file = repository / "protos" / "zhongtai" / "post" / "v1" / "parcel.proto"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(contract, encoding="utf-8")


def image(repository: Path) -> Path:
    """The image of what is said now."""
    target = repository / "image.binpb"
    compiled(repository / "protos", target)
    return target


def test_without_a_release_nothing_can_be_broken(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert last_release(repository) == ""
    assert broken_since_release(repository, image(repository)) == ""
    assert "no release yet" in capsys.readouterr().out


def test_what_a_release_has_said_stays(repository: Path) -> None:
    git(repository, "tag", "v0.1.0")
    assert broken_since_release(repository, image(repository)) == ""
    write(repository, CONTRACT % "")
    assert "weight_grams" in broken_since_release(repository, image(repository))


def test_the_newest_release_counts(repository: Path) -> None:
    git(repository, "tag", "v0.1.0")
    git(repository, "tag", "nightly")
    write(repository, CONTRACT % (GROWN + "\n  // Its name.\n  string name = 3;"))
    assert broken_since_release(repository, image(repository)) == ""
    git(repository, "commit", "--quiet", "--all", "--message", "grown")
    git(repository, "tag", "v0.2.0")
    assert last_release(repository) == "v0.2.0"


def test_a_contract_without_sentences_or_in_another_layout_is_found(repository: Path) -> None:
    write(repository, CONTRACT.replace("  // Its id.\n", "") % "")
    assert "comment" in lint(image(repository))
    assert formatted(PROTOS) == ""
    write(repository, CONTRACT.replace("  string", "      string") % "")
    assert "parcel_id" in formatted(repository / "protos")
