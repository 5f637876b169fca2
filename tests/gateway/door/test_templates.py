"""Path templates and the table that finds them."""

import pytest

from zhongtai.gateway.door.templates import Table, Template

PATHS = (
    "/v1/limits",
    "/v1/limits/{limit_id}",
    "/v1/limits/{limit_id}:freeze",
    "/v1/limits/{limit_id}/holds/{hold_id=*}:release",
    "/v1/limits/special/holds",
    "/v1/facts:count",
)


@pytest.fixture
def table() -> Table[str]:
    made: Table[str] = Table()
    for path in PATHS:
        made.add("GET", Template.parse(path), path)
    return made


@pytest.mark.parametrize(
    ("path", "wanted", "values"),
    [
        ("/v1/limits", "/v1/limits", []),
        ("/v1/limits/lim_1", "/v1/limits/{limit_id}", ["lim_1"]),
        ("/v1/limits/lim_1:freeze", "/v1/limits/{limit_id}:freeze", ["lim_1"]),
        ("/v1/limits/seed:limit:1", "/v1/limits/{limit_id}", ["seed:limit:1"]),
        ("/v1/limits/seed:1:freeze", "/v1/limits/{limit_id}:freeze", ["seed:1"]),
        ("/v1/limits/seed%3Afreeze", "/v1/limits/{limit_id}", ["seed:freeze"]),
        ("/v1/limits/a%2Fb", "/v1/limits/{limit_id}", ["a/b"]),
        ("/v1/limits/%E9%A2%9D", "/v1/limits/{limit_id}", ["额"]),
        ("/v1/limits/a/holds/b:release", "/v1/limits/{limit_id}/holds/{hold_id=*}:release", ["a", "b"]),
        ("/v1/limits/special/holds", "/v1/limits/special/holds", []),
        ("/v1/limits/special/holds/b:release", "/v1/limits/{limit_id}/holds/{hold_id=*}:release", ["special", "b"]),
        ("/v1/facts:count", "/v1/facts:count", []),
    ],
)
def test_a_path_is_found_with_its_values(table: Table[str], path: str, wanted: str, values: list[str]) -> None:
    found = table.find(path)
    assert found is not None
    assert (found[0]["GET"], found[1]) == (wanted, values)


@pytest.mark.parametrize(
    "path", ["", "v1", "/v1", "/v1/limits/", "/v1/facts", "/v1/limits/a/b", "//v1/limits", "/v1/limits:x"]
)
def test_other_paths_are_not_found(table: Table[str], path: str) -> None:
    assert table.find(path) is None


def test_a_path_is_taken_once(table: Table[str]) -> None:
    with pytest.raises(ValueError, match="taken already"):
        table.add("GET", Template.parse("/v1/limits/{other_name}"), "x")


@pytest.mark.parametrize("text", ["v1", "/v1/{a=shelves/*}", "/v1/{a}{b}", "/v1/**", "/v1/", "/v1/{A}"])
def test_what_is_not_supported_does_not_build(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no path template|is neither a word"):
        Template.parse(text)
