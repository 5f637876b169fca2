"""What a page of the documentation holds: its pieces that are run, its links, its headings."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
README_ZH = ROOT / "README.zh-CN.md"
_PIECE = re.compile(r"<!-- runs: (?P<where>\w+) -->\n```(?P<language>\w+)\n(?P<text>.*?)```", re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)#\s]+)[^)]*\)")


@dataclass(frozen=True)
class Piece:
    """A fenced block that is run: where (`platform` or `tree`), in which language, and its text."""

    where: str
    language: str
    text: str

    @property
    def first_line(self) -> str:
        """What names it in a test's report."""
        return self.text.strip().splitlines()[0]


def pieces(page: Path) -> list[Piece]:
    """The blocks of a page that a marker comment says are run."""
    return [Piece(**found.groupdict()) for found in _PIECE.finditer(page.read_text(encoding="utf-8"))]


def links(page: Path) -> list[str]:
    """The targets of a page's links that lie in this repository."""
    found = (match["target"] for match in _LINK.finditer(page.read_text(encoding="utf-8")))
    return [target for target in found if not target.startswith(("http:", "https:", "mailto:"))]


def headings(page: Path) -> list[int]:
    """The levels of a page's headings, in order; code is passed over."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [len(found) for found in re.findall(r"^(#+) ", text, re.MULTILINE)]
