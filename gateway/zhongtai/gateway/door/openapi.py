"""The description of the HTTP door: OpenAPI 3.1, generated from the contracts and their comments."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from zhongtai.common.v1 import options_pb2
from zhongtai.gateway.client.domain import DOOR_SCOPES
from zhongtai.gateway.door.binding import WHOLE_BODY, Binding
from zhongtai.gateway.door.comments import comments
from zhongtai.gateway.door.contents import by_component, contents, words
from zhongtai.gateway.door.parameters import Parameter
from zhongtai.gateway.door.problems import PROBLEM, RESPONSES
from zhongtai.gateway.door.refusals import PathUnknown
from zhongtai.gateway.door.schemas import SPECIAL, Schema, Schemas
from zhongtai.gateway.door.wellknown import QUERY
from zhongtai.gateway.door.writing import plain_json
from zhongtai.runtime import contracts

_ABOUT = """\
The financial middle-platform's door for channels. Every operation here is an RPC of the contracts, which gRPC serves
as well.

**Access.** Get a token at `/oauth/token` with client id and secret (OAuth 2.0 client credentials) and send it as
`Authorization: Bearer …`. Each operation names the scope it needs.

**Changes** carry an id of your own, as the `Idempotency-Key` header or as `requestId`: the same id with the same body
gets the same reply, so a request whose outcome is not known is sent again as it was.

**Errors** are problems (RFC 9457) with a machine `reason`, and every violation of the request at once. Sentences come
in English or 中文, by `Accept-Language`.

**Money** is a currency and an integer of minor units (分), as text: no amount passes through a floating-point number.
"""
_HEADERS: dict[str, Schema] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Your own id of this request; needed where the body has no requestId.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 128},
    },
    "Language": {
        "name": "Accept-Language",
        "in": "header",
        "description": "The language of what a refusal says.",
        "schema": {"type": "string", "examples": ["en", "zh-CN"]},
    },
    "Deadline": {
        "name": "Zhongtai-Deadline-Ms",
        "in": "header",
        "description": "How long the request may take, in milliseconds.",
        "schema": {"type": "number", "exclusiveMinimum": 0},
    },
}
_EFFECTS = {
    options_pb2.EFFECT_READ: "Changes nothing.",
    options_pb2.EFFECT_REVERSIBLE: "Can be taken back by {undo}.",
    options_pb2.EFFECT_PIVOT: "Money or a promise leaves the bank: there is no way back.",
    options_pb2.EFFECT_RETRIABLE: "May be repeated until it succeeds.",
}


class Description:
    """The OpenAPI documents, of all operations and of each component, and their contents; each is made once."""

    def __init__(self, bindings: Sequence[Binding], image: Callable[[], bytes]) -> None:
        self._bindings = bindings
        self._image = image
        self._made: dict[str, tuple[bytes, str]] = {}

    async def endpoint(self, request: Request) -> Response:
        """Answers `GET /openapi.json`, and `/openapi/credit.LimitService.json`; whoever has it already is told so."""
        component = request.path_params.get("component", "")
        if component and component not in self.components:
            raise PathUnknown(path=request.url.path)
        if component not in self._made:
            body = plain_json(await asyncio.to_thread(self.document, component))
            self._made[component] = body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        body, tag = self._made[component]
        headers = {"etag": tag, "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="application/json")

    @cached_property
    def components(self) -> Mapping[str, Sequence[Binding]]:
        """The operations by their component, `credit.LimitService`."""
        return by_component(self._bindings)

    @cached_property
    def contents(self) -> bytes:
        """The page that leads to every operation."""
        return contents(self.components, self._said)

    @cached_property
    def _said(self) -> Mapping[str, str]:
        return comments(self._image())

    def document(self, component: str = "") -> Schema:
        """The document of a component, or of all operations, as plain values."""
        said, bindings = self._said, self.components[component] if component else self._bindings
        schemas = Schemas(said)
        paths: dict[str, Schema] = {}
        for binding in bindings:
            path = binding.template.text
            paths.setdefault(path, {})[binding.verb.lower()] = _operation(binding, schemas, said)
        services = {binding.method.descriptor.containing_service: None for binding in bindings}
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "Zhongtai 中台",
                "version": version("zhongtai"),
                "description": _ABOUT,
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/"}],
            "tags": [{"name": _tag(service), "description": _about_service(service, said)} for service in services],
            "paths": dict(sorted(paths.items())),
            "components": {
                "schemas": {"Problem": PROBLEM, **dict(sorted(schemas.components.items()))},
                "responses": RESPONSES,
                "parameters": _HEADERS,
                "securitySchemes": {"oauth2": _security(bindings)},
            },
        }


def _operation(binding: Binding, schemas: Schemas, said: Mapping[str, str]) -> Schema:
    method = binding.method
    operation: Schema = {
        "operationId": method.full_name.removeprefix("zhongtai."),
        "tags": [_tag(method.descriptor.containing_service)],
        "summary": words(method.descriptor.name),
        "description": _about(binding, said),
        "security": [{"oauth2": [method.operation.scope]}],
        "parameters": _parameters(binding, schemas),
        "responses": {
            "200": {
                "description": said.get(method.descriptor.output_type.full_name, "The reply."),
                "content": {"application/json": {"schema": schemas.of(method.descriptor.output_type)}},
            },
            **{status: {"$ref": f"#/components/responses/{name}"} for name, status in _STATUSES.items()},
        },
        "x-effect": options_pb2.Effect.Name(method.operation.effect).removeprefix("EFFECT_"),
        "x-api-level": options_pb2.ApiLevel.Name(method.operation.api_level).removeprefix("API_LEVEL_"),
        "x-refusals": list(method.operation.refusals),
    }
    if binding.body:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _body(binding, schemas)}},
        }
    return operation


_STATUSES = {
    "Invalid": "400",
    "Unauthenticated": "401",
    "Denied": "403",
    "Missing": "404",
    "Conflict": "409",
    "Unmet": "422",
    "Limited": "429",
    "Unreachable": "503",
    "DeadlineExceeded": "504",
    "Other": "default",
}


def _parameters(binding: Binding, schemas: Schemas) -> list[Schema]:
    found: list[Schema] = [
        {"name": name, "in": "path", "required": True, "schema": _as_text(parameter, schemas)}
        for parameter, name in zip(binding.path_parameters, binding.template.variables, strict=True)
    ]
    found += [
        {"name": parameter.name, "in": "query", "schema": _as_text(parameter, schemas)}
        for parameter in binding.query_parameters
    ]
    headers = ["IdempotencyKey"] if binding.changes else []
    return [*found, *({"$ref": f"#/components/parameters/{name}"} for name in (*headers, "Language", "Deadline"))]


def _as_text(parameter: Parameter, schemas: Schemas) -> Schema:
    """The schema of a parameter; some messages are one text there."""
    inner = parameter.leaf.message_type
    if inner is None or inner.full_name in SPECIAL or inner.full_name not in QUERY:
        return schemas.field(parameter.leaf)
    shape = {"google.type.Date": {"format": "date"}}.get(inner.full_name, {})
    described = {name: value for name, value in schemas.field(parameter.leaf).items() if name == "description"}
    return {"type": "string", **shape, **described}


def _body(binding: Binding, schemas: Schemas) -> Schema:
    descriptor = binding.method.descriptor.input_type
    if binding.body != WHOLE_BODY:
        return schemas.field(descriptor.fields_by_name[binding.body])
    elsewhere = frozenset(parameter.fields[0].name for parameter in binding.path_parameters)
    return schemas.object(descriptor, elsewhere) | {"additionalProperties": False}


def _about(binding: Binding, said: Mapping[str, str]) -> str:
    operation = binding.method.operation
    parts = [said.get(binding.method.full_name, "")]
    parts.append(_EFFECTS[operation.effect].format(undo=f"`{operation.undo.removeprefix('zhongtai.')}`"))
    if stream := contracts.stream_of(binding.method):
        parts.append(f"Over gRPC, `{stream.full_name.removeprefix('zhongtai.')}` takes a stream of these requests.")
    if operation.refusals:
        parts.append("Refuses with " + ", ".join(f"`{reason}`" for reason in operation.refusals) + ".")
    return "\n\n".join(part for part in parts if part)


def _about_service(service: Any, said: Mapping[str, str]) -> str:
    title: str = service.GetOptions().Extensions[_COMPONENT].title_zh
    sentence = said.get(service.full_name, "")
    return f"{title}: {sentence}" if title else sentence


_COMPONENT: Any = options_pb2.component


def _tag(service: Any) -> str:
    """`credit · Limit`."""
    return f"{service.full_name.split('.')[1].replace('_', ' ')} · {words(service.name.removesuffix('Service'))}"


def _security(bindings: Sequence[Binding]) -> Schema:
    users: dict[str, list[str]] = {}
    for binding in bindings:
        users.setdefault(binding.method.operation.scope, []).append(words(binding.method.descriptor.name))
    scopes = {scope: ", ".join(dict.fromkeys(names)) for scope, names in sorted(users.items())}
    for scope in DOOR_SCOPES:
        scopes.setdefault(scope, "A right at the door itself, beside those of the operations.")
    return {
        "type": "oauth2",
        "description": "Client id and secret for a short-lived token.",
        "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": scopes}},
    }
