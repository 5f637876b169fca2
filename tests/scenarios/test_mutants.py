"""Mutants of the shipped files: whatever is left out, misspelt or moved, the file no longer compiles.

The few mutants that are as right as the original are named here, each with its reason.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import pytest

from zhongtai.gateway.scenario.compiler import compile_product
from zhongtai.gateway.scenario.findings import ScenarioRefusedError
from zhongtai.gateway.scenario.shipped import ScenarioFile, compile_all, shipped
from zhongtai.gateway.scenario.tokens import paths, tokens

FILES = {file.name: file for file in shipped()}

# A step that brings nothing which is used, ends nothing and undoes nothing can be left out of any product.
MAY_GO = {"committed", "confirmed", "announced", "thanks"}
# A step may move over its neighbour where neither needs the other and the order of undoing is nobody's expectation.
MAY_SWAP = {
    ("not_declined", "review"),  # a declined application is not referred either
    ("hold", "quote"),  # a quote needs no hold, nor a hold a quote
    ("confirmed_by_debtor", "offer"),  # both only read, and either may end the run first
    ("committed", "confirmed"),
    ("confirmed", "announced"),
}


@cache
def library():  # type: ignore[no-untyped-def]
    """What a product may nest."""
    return compile_all(shipped())


def compiles(text: str) -> bool:
    """True where a file compiles, or is refused with a finding that says nothing."""
    try:
        compile_product(text, "mutant.yaml", library())
    except ScenarioRefusedError as refused:
        return any(finding.line < 1 or finding.column < 1 or not finding.reason for finding in refused.findings)
    return True


def blocks(text: str) -> list[tuple[str, str]]:
    """The steps of a file: their names and their lines."""
    steps = text[text.index("\nsteps:\n") + 8 : text.index("\ndone:")]
    found = re.split(r"(?m)^(?=  - id: )", steps)[1:]
    return [(re.match(r"  - id: (\w+)", block)[1], block) for block in found]  # type: ignore[index]


@pytest.mark.parametrize("name", FILES)
def test_no_step_can_be_left_out(name: str) -> None:
    text = FILES[name].text
    left_out = {step for step, block in blocks(text) if compiles(text.replace(block, "", 1))}
    assert left_out <= MAY_GO


@pytest.mark.parametrize("name", FILES)
def test_no_two_steps_can_be_swapped(name: str) -> None:
    text = FILES[name].text
    found = blocks(text)
    swapped = {
        (first, second)
        for (first, one), (second, two) in pairwise(found)
        if compiles(text.replace(one + two, two.rstrip() + "\n\n" + one.rstrip() + "\n\n", 1))
    }
    assert swapped <= MAY_SWAP


@pytest.mark.parametrize("name", FILES)
def test_no_key_can_be_misspelt(name: str) -> None:
    text = re.sub(r"(?m)^ *#.*$", "", FILES[name].text)
    keys = sorted(
        {match[1] for match in re.finditer(r"(?m)(?<![\w'\"])([a-z_A-Z]{3,}):(?= |$)", _before_examples(text))}
    )
    survived = [
        key for key in keys if compiles(re.sub(rf"(?m)(?<![\w'\"]){key}:(?= |$)", f"{key[:-1]}x:", text, count=1))
    ]
    # A name that the file itself gives to an output or to a detail may be any name.
    assert set(survived) <= _own_names(text)


@pytest.mark.parametrize("name", FILES)
def test_no_name_in_an_expression_can_be_misspelt(name: str) -> None:
    text = FILES[name].text
    survived = [mutant for mutant, changed in _misspelt(text) if compiles(changed)]
    assert survived == []


def test_a_file_of_nonsense_is_refused_and_never_crashes() -> None:
    text = FILES["charity_donation.yaml"].text
    for line in range(len(text.splitlines())):
        lines = text.splitlines()
        for nonsense in ("- - -", "{", "? :", "  x: [1, {y: 2}]", "\t", "steps: 7", "&a [*a]", "5", "'"):
            compiles("\n".join([*lines[:line], nonsense, *lines[line + 1 :]]))


def test_products_that_nest_each_other_in_a_circle_are_refused() -> None:
    gift = FILES["charity_donation.yaml"].text
    one = gift.replace("product: charity_donation", "product: one").replace(
        "  - id: gift\n", "  - id: deep\n    product: two@1\n\n  - id: gift\n", 1
    )
    two = gift.replace("product: charity_donation", "product: two").replace(
        "  - id: gift\n", "  - id: deep\n    product: one@1\n\n  - id: gift\n", 1
    )
    with pytest.raises(ScenarioRefusedError) as caught:
        compile_all([ScenarioFile("one.yaml", one), ScenarioFile("two.yaml", two)])
    assert "ZT018" in {finding.number for finding in caught.value.findings}


def _before_examples(text: str) -> str:
    return text[: text.index("\nexamples:")]


def _own_names(text: str) -> set[str]:
    output = text[text.index("\noutput:") : text.index("\noutcomes:")]
    details = re.findall(r"(?s)(?:details|attributes):(?:\n((?:        \w+: [^\n]*\n)+)| \{(\w+):)", text)
    keys = re.findall(r"(?m)^  (\w+):", output)
    for block, single in details:
        keys += [*re.findall(r"(\w+):", block), single]
    return {key for key in keys if key} | {"zh", "en"}


def _misspelt(text: str) -> Iterator[tuple[str, str]]:
    for match in re.finditer(
        r"(?m)(?:require|when|amount|\w+_id|reasons): ([a-z][^\n{}]*)$", text[: text.index("\nexamples:")]
    ):
        for path in paths(tokens(match[1])):
            at = match.start(1) + path.start
            end = at + len(path.text)
            if "." in path.text:
                yield path.text, text[: end - 1] + "x" + text[end:]
