"""Writes a new scenario product, green from the start: `make scenario name=deposit_transfer`.

A product is one YAML file with its examples inside. What comes out moves money between two accounts within a bound; it
is compiled, and its examples are walked, before the command is content.
"""

import argparse
import re
import sys
from importlib.resources import files
from pathlib import Path
from string import Template

from zhongtai.gateway.scenario.findings import ScenarioRefusedError
from zhongtai.gateway.scenario.shipped import ScenarioFile, compile_all, shipped
from zhongtai.testing.component import NameRefused

HOME = "gateway/zhongtai/scenarios"
LONGEST = 48


def written(root: Path, name: str, title_zh: str = "") -> Path:
    """Writes a product below a root; answers its file. Raises `NameRefused`; overwrites nothing."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise NameRefused(f"{name!r} is not snake case: write it like deposit_transfer")
    if len(name) > LONGEST:
        raise NameRefused(f"{name!r} is longer than {LONGEST} letters: find a shorter name")
    file = root / HOME / f"{name}.yaml"
    if file.exists():
        raise NameRefused(f"{HOME}/{file.name} is there already: choose another name")
    title = name.replace("_", " ").capitalize()
    template = (files("zhongtai.testing") / "new_scenario.yaml.txt").read_text(encoding="utf-8")
    text = Template(template).substitute(name=name, Title=title, title_zh=title_zh or title)
    compile_all([*shipped(), ScenarioFile(file.name, text)])
    file.write_text(text, encoding="utf-8")
    return file


def main() -> None:
    """Writes the product that the command line names below the folder it runs in."""
    parser = argparse.ArgumentParser(prog="make scenario", description=__doc__)
    parser.add_argument("name", nargs="?", default="", help="such as deposit_transfer")
    parser.add_argument("--title-zh", default="", help="the product's name in Chinese")
    asked = parser.parse_args()
    try:
        made = written(Path.cwd(), asked.name, asked.title_zh)
    except (NameRefused, ScenarioRefusedError) as reason:
        sys.exit(f"make scenario: {reason}")
    print(made.relative_to(Path.cwd()))
    print("\nNext: .venv/bin/python -m pytest tests/scenarios")


if __name__ == "__main__":
    main()
