"""The description: complete, well-formed, and true of what the door answers."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.gateway.door.conftest import House
from tests.gateway.door.test_requests import grant
from zhongtai.runtime import contracts

Document = dict[str, Any]


@pytest.fixture
async def document(house: House) -> Document:
    answer = await house.http.get("/openapi.json")
    found: Document = answer.json()
    return found


def validator(document: Document, schema: Document) -> Draft202012Validator:
    """Checks values against a schema of the document."""
    registry: Registry[Any] = Registry().with_resource("urn:door", DRAFT202012.create_resource(document))
    absolute = _absolute(schema)
    return Draft202012Validator(absolute, registry=registry)


def _absolute(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {name: f"urn:door{value}" if name == "$ref" else _absolute(value) for name, value in schema.items()}
    return [_absolute(item) for item in schema] if isinstance(schema, list) else schema


def references(part: Any) -> set[str]:
    """Every reference in a part of the document."""
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(references(value) for value in part.values()))
    return set().union(*(references(item) for item in part)) if isinstance(part, list) else set()


async def test_every_rpc_is_described_with_its_scope_its_refusals_and_its_sentence(document: Document) -> None:
    operations = {found["operationId"]: found for path in document["paths"].values() for found in path.values()}
    for method in contracts.all_methods():
        operation = operations[method.full_name.removeprefix("zhongtai.")]
        assert operation["security"] == [{"oauth2": [method.operation.scope]}]
        assert operation["x-refusals"] == list(method.operation.refusals)
        assert operation["description"]
        stream = contracts.stream_of(method)
        assert not stream or stream.full_name.removeprefix("zhongtai.") in operation["description"]
        names = {parameter.get("$ref", "").rsplit("/", 1)[-1] for parameter in operation["parameters"]}
        assert ("IdempotencyKey" in names) == (not method.reads)
    scopes = document["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["scopes"]
    assert {method.operation.scope for method in contracts.all_methods()} <= set(scopes)


async def test_every_reference_leads_somewhere_and_every_schema_is_one(document: Document) -> None:
    for reference in references(document):
        found: Any = document
        for step in reference.removeprefix("#/").split("/"):
            assert step in found, reference
            found = found[step]
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
        assert schema["description"] or schema["title"]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            told = {parameter["name"] for parameter in operation["parameters"] if parameter.get("in") == "path"}
            assert told == {part.split("}")[0] for part in path.split("{")[1:]}


async def test_answers_and_problems_are_as_described(house: House, document: Document) -> None:
    granted = (await grant(house)).json()
    schema = document["paths"]["/v1/limits"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    validator(document, schema).validate(granted)
    assert not validator(document, schema).is_valid(granted | {"limitId": 5})
    problem = (await house.http.post("/v1/limits", json={"x": 1}, headers=house.token())).json()
    validator(document, document["components"]["schemas"]["Problem"]).validate(problem)


async def test_the_rules_of_the_contract_are_told(document: Document) -> None:
    hold = document["paths"]["/v1/limits/{limit_id}/holds"]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    assert set(hold["properties"]) == {"requestId", "amount", "expiresAt", "counterpartyId", "scenarioId"}
    assert hold["required"] == ["amount"]
    assert hold["additionalProperties"] is False
    assert hold["properties"]["requestId"]["maxLength"] == 128
    schemas = document["components"]["schemas"]
    assert schemas["zhongtai.common.v1.Money"]["properties"]["currencyCode"]["pattern"] == "^[A-Z]{3}$"
    secret = schemas["zhongtai.gateway.v1.RegisterClientResponse"]["properties"]["secret"]
    assert (secret["x-data-class"], secret["format"]) == ("C3", "password")
    size = next(
        parameter
        for parameter in document["paths"]["/v1/limits"]["get"]["parameters"]
        if parameter.get("name") == "page.size"
    )
    assert (size["schema"]["minimum"], size["schema"]["maximum"]) == (0, 1000)


async def test_who_has_it_already_is_told_so(house: House) -> None:
    first = await house.http.get("/openapi.json")
    again = await house.http.get("/openapi.json", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
