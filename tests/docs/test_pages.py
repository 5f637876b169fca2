"""The pages lead somewhere, say the same in both languages, and name only what is there."""

import re
import subprocess
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.docs.pages import README, README_ZH, ROOT, headings, links, pieces

LISTED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
)
PAGES = sorted(name for name in LISTED.stdout.splitlines() if (ROOT / name).is_file())


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    page = ROOT / name
    assert [target for target in links(page) if not (page.parent / target).exists()] == []


def test_both_languages_run_the_same_and_lead_to_the_same_places() -> None:
    assert [piece.text for piece in pieces(README)] == [piece.text for piece in pieces(README_ZH)]
    assert len(pieces(README)) >= 5
    assert headings(README) == headings(README_ZH)
    other = {"README.zh-CN.md": "README.md"}
    assert links(README)[1:] == [other.get(target, target) for target in links(README_ZH)][1:]


@pytest.mark.parametrize("page", [README, README_ZH], ids=lambda page: page.name)
def test_every_target_of_make_and_verb_of_the_command_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)) <= targets
    main = (ROOT / "shared/zhongtai/runtime/main.py").read_text(encoding="utf-8")
    for verb in set(re.findall(r"(?:/|`)zhongtai ([a-z]+)", text)):
        assert f'"{verb}": "' in main


def test_the_picture_is_drawn_for_light_and_dark() -> None:
    picture = ROOT / "docs" / "zhongtai.svg"
    drawn = ElementTree.parse(picture).getroot()
    assert drawn.get("viewBox")
    assert "prefers-color-scheme: dark" in picture.read_text(encoding="utf-8")


def test_the_changelog_opens_with_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    said = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert said[0] == version
