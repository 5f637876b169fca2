"""Writes a new component, green from the start: `make component name=credit/covenant`.

A component is its contract, its three rooms, its migration and its tests. Only new files are written: the folder is the
registration. What comes out is small and whole: something with an amount that is opened, amended, closed, read and
listed, to be renamed and grown into the real noun.
"""

import argparse
import builtins
import keyword
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from string import Template

SERVICES = ("marketing", "credit", "operations", "risk", "asset_liability", "reporting")
# The file of a template, and where it goes.
TEMPLATES = {
    "contract.proto.txt": "protos/zhongtai/{service}/v1/{noun}.proto",
    "init.py.txt": "services/zhongtai/{service}/{noun}/__init__.py",
    "domain.py.txt": "services/zhongtai/{service}/{noun}/domain.py",
    "store.py.txt": "services/zhongtai/{service}/{noun}/store.py",
    "handlers.py.txt": "services/zhongtai/{service}/{noun}/handlers.py",
    "migration.py.txt": "services/zhongtai/{service}/migrations/{noun}_0001.py",
    "test_domain.py.txt": "tests/{service}/{noun}/test_domain.py",
    "test_rpc.py.txt": "tests/{service}/{noun}/test_rpc.py",
}
LONGEST = 24
UNTELLING = {"utils", "helpers", "manager", "base", "impl", "common", "misc", "data", "thing", "item"}
# Words that the written code uses for something else.
SPOKEN_FOR = {
    "amount", "commands", "customer", "domain", "door", "engine", "handlers", "message", "metadata", "migrations",
    "money", "page", "request", "rpc", "service", "status", "store", "text", "unit", "v1", "view",
}  # fmt: skip


class NameRefused(ValueError):
    """The name cannot be a component's; says why and what would do."""


def words(name: str, title_zh: str = "") -> dict[str, str]:
    """What the templates ask for, of `<service>/<noun>`. Raises `NameRefused`."""
    service, slash, noun = name.partition("/")
    if not slash or "/" in noun:
        raise NameRefused(f"{name!r} is not <service>/<noun>: write it like credit/covenant")
    if service not in SERVICES:
        raise NameRefused(f"there is no service {service!r}: choose one of {', '.join(SERVICES)}")
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*", noun):
        raise NameRefused(f"{noun!r} is not snake case: write it like bank_guarantee")
    if len(noun) > LONGEST:
        raise NameRefused(f"{noun!r} is longer than {LONGEST} letters: find the field's own, shorter word")
    if noun in UNTELLING:
        raise NameRefused(f"{noun!r} does not say what it is: name the thing the field knows")
    if noun in SPOKEN_FOR or keyword.iskeyword(noun) or hasattr(builtins, noun):
        raise NameRefused(f"{noun!r} means something else in the code already: name the thing more closely")
    if noun.endswith("s") and not noun.endswith(("ss", "us", "is")):
        raise NameRefused(f"{noun!r} is many: a component is named for one, like {noun[:-1]}")
    return {
        "service": service,
        "noun": noun,
        "nouns": plural(noun),
        "Noun": _capitals(noun),
        "Nouns": _capitals(plural(noun)),
        "NOUN": noun.upper(),
        "table": f"{service}_{noun}",
        "title": noun.replace("_", " "),
        "titles": plural(noun).replace("_", " "),
        "Titles": plural(noun).replace("_", " ").capitalize(),
        "title_zh": title_zh or noun.replace("_", " ").capitalize(),
    }


def plural(noun: str) -> str:
    """Many of a noun, as English has it."""
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if re.search(r"(s|x|z|ch|sh)$", noun) else f"{noun}s"


def written(root: Path, name: str, title_zh: str = "") -> list[Path]:
    """Writes the files of a component below a root; answers them. Raises `NameRefused`; overwrites nothing."""
    said = words(name, title_zh)
    _refuse_what_is_taken(root, said)
    folder = files("zhongtai.testing") / "new_component"
    made = []
    for template, place in TEMPLATES.items():
        file = root / place.format(**said)
        if file.exists():
            raise NameRefused(f"{file.relative_to(root)} is there already: choose another noun")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(Template((folder / template).read_text(encoding="utf-8")).substitute(said), encoding="utf-8")
        made.append(file)
    _format(root, made)
    return made


def _capitals(noun: str) -> str:
    return "".join(part.capitalize() for part in noun.split("_"))


def _refuse_what_is_taken(root: Path, said: Mapping[str, str]) -> None:
    """Holds the new names against those of the contracts that are there."""
    service, noun = said["service"], said["noun"]
    if (root / f"services/zhongtai/{service}/{noun}").exists():
        raise NameRefused(f"the component {service}/{noun} is there already: choose another noun")
    route = re.compile(rf'"/v1/{said["nouns"]}[/:"]')
    name = re.compile(rf"^(?:message|enum|service) ({said['Noun']}\w*) ", re.MULTILINE)
    new = set(re.findall(r"^(?:message|enum|service) (\w+) ", _contract(said), re.MULTILINE))
    for file in sorted((root / "protos").rglob("*.proto")):
        text = file.read_text(encoding="utf-8")
        if route.search(text):
            raise NameRefused(f"{file.name} answers /v1/{said['nouns']} already: name the noun more closely")
        clashing = new & set(name.findall(text)) if file.parent.parent.name == service else set()
        if clashing:
            raise NameRefused(f"{file.name} has a {sorted(clashing)[0]} already: name the noun more closely")


def _contract(said: Mapping[str, str]) -> str:
    template = files("zhongtai.testing") / "new_component" / "contract.proto.txt"
    return Template(template.read_text(encoding="utf-8")).substitute(said)


def _format(root: Path, made: list[Path]) -> None:
    """Lines break and imports sort by the length and the letters of the noun: the formatters know how."""
    code = [str(file) for file in made if file.suffix == ".py"]
    contracts = [str(file) for file in made if file.suffix == ".proto"]
    tools = Path(sys.executable).parent
    for command in (
        [str(tools / "ruff"), "check", "--quiet", "--select", "I", "--fix", *code],
        [str(tools / "ruff"), "format", "--quiet", *code],
        [str(tools / "buf"), "format", "-w", *contracts],
    ):
        subprocess.run(command, cwd=root, check=True, timeout=60)


def main() -> None:
    """Writes the component that the command line names below the folder it runs in."""
    parser = argparse.ArgumentParser(prog="make component", description=__doc__)
    parser.add_argument("name", nargs="?", default="", help="such as credit/covenant")
    parser.add_argument("--title-zh", default="", help="the noun in Chinese, for the catalogue")
    asked = parser.parse_args()
    try:
        made = written(Path.cwd(), asked.name, asked.title_zh)
    except NameRefused as reason:
        sys.exit(f"make component: {reason}")
    for file in made:
        print(file.relative_to(Path.cwd()))
    print(f"\nNext: make proto, then .venv/bin/python -m pytest tests/{asked.name}")


if __name__ == "__main__":
    main()
