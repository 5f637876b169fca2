"""One HTTP route of one RPC: how path, query, header and body become its request."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs

from google.api import http_pb2

from zhongtai.gateway.door.findings import Findings
from zhongtai.gateway.door.parameters import Parameter, parameters, path_parameter
from zhongtai.gateway.door.reading import Set, fill, parse, setter
from zhongtai.gateway.door.refusals import RequestIdRequired
from zhongtai.gateway.door.templates import Template
from zhongtai.gateway.door.wellknown import check_supported
from zhongtai.gateway.door.writing import writer
from zhongtai.runtime.contracts import Method
from zhongtai.runtime.violations import violations_of

REQUEST_ID = "request_id"
WHOLE_BODY = "*"
MOST_PARAMETERS = 100


@dataclass(frozen=True)
class Binding:
    """A route: made at the start, so that a contract that cannot be served does not build."""

    method: Method
    verb: str
    template: Template
    body: str

    @cached_property
    def path_parameters(self) -> tuple[Parameter, ...]:
        """The fields that the path gives, in its order."""
        return tuple(path_parameter(self.method.descriptor.input_type, name) for name in self.template.variables)

    @cached_property
    def query_parameters(self) -> tuple[Parameter, ...]:
        """The fields that a query may give."""
        if self.body == WHOLE_BODY:
            return ()
        given = {parameter.fields[0].name for parameter in self.path_parameters} | {self.body}
        return tuple(parameters(self.method.descriptor.input_type, frozenset(given)))

    @cached_property
    def changes(self) -> bool:
        """True where the request carries an id of the caller's."""
        return REQUEST_ID in self.method.descriptor.input_type.fields_by_name and not self.method.reads

    @cached_property
    def _fill(self) -> Set | None:
        descriptor = self.method.descriptor.input_type
        if self.body == WHOLE_BODY:
            return fill(descriptor)
        return setter(descriptor.fields_by_name[self.body]) if self.body else None

    @cached_property
    def _queries(self) -> dict[str, Any]:
        return {name: (put, parameter.name) for parameter in self.query_parameters
                for put in (parameter.setter(),) for name in parameter.names}  # fmt: skip

    @cached_property
    def _paths(self) -> tuple[Any, ...]:
        return tuple((parameter, parameter.setter()) for parameter in self.path_parameters)

    def build(self) -> "Binding":
        """Compiles everything; raises ValueError, KeyError or TypeError where the contract cannot be served."""
        for descriptor in (self.method.descriptor.input_type, self.method.descriptor.output_type):
            check_supported(descriptor)
        _ = self._fill, self._queries, self._paths, writer(self.method.descriptor.output_type)
        return self

    def request(self, values: list[str], query: bytes, body: bytes, idempotency_key: str) -> Any:
        """The request; raises `RequestInvalid` with everything that is wrong with it."""
        request = self.method.request_type()
        found = Findings()
        if body:
            self._read_body(request, body, found)
        for (parameter, put), value in zip(self._paths, values, strict=True):
            self._put_path(request, parameter, put, value, found)
        if query:
            self._read_query(request, query, found)
        if self.changes:
            _put_request_id(request, idempotency_key, found)
        if found:
            self._complain(request, found)
        return request

    def _read_body(self, request: Any, body: bytes, found: Findings) -> None:
        if self._fill is None:
            found.add((), "BODY_NOT_EXPECTED")
            return
        item = parse(body, found)
        if not found:
            if item is None and self.body == WHOLE_BODY:
                found.add((), "BODY_REQUIRED")
            else:
                self._fill(request, item, (), found)

    def _put_path(self, request: Any, parameter: Parameter, put: Any, value: str, found: Findings) -> None:
        """The path speaks; a body that says the same again is borne, one that says otherwise is not."""
        holder = request
        for field in parameter.fields[:-1]:
            holder = getattr(holder, field.name)
        before = getattr(holder, parameter.leaf.name)
        put(request, [value], found)
        after = getattr(holder, parameter.leaf.name)
        if before and before != after:
            path = tuple(field.name for field in parameter.fields)
            found.add(path, "PATH_MISMATCH", wanted=repr(after)[:80], given=repr(before)[:80])

    def _read_query(self, request: Any, query: bytes, found: Findings) -> None:
        try:
            given = parse_qs(
                query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS
            )
        except UnicodeError:
            found.add((), "NOT_UNICODE")
            return
        except ValueError:
            found.add((), "TOO_MANY")
            return
        seen: set[str] = set()
        for name, texts in given.items():
            put, proper = self._queries.get(name, (None, name))
            if put is None:
                found.unknown((), name, [parameter.name for parameter in self.query_parameters])
            elif proper in seen:
                found.add((name,), "DUPLICATE_KEY", name=repr(proper))
            else:
                seen.add(proper)
                put(request, texts, found)

    def _complain(self, request: Any, found: Findings) -> None:
        """Raises all findings, with the rules of the contract that the fields which could be read break."""
        more = [broken for broken in violations_of(request) if not found.cover(broken.field)]
        found.found.extend(more)
        if any(one.reason == "REQUEST_ID_REQUIRED" for one in found.found) and len(found.found) == 1:
            raise RequestIdRequired(violations=tuple(found.found))
        raise found.refusal()


def _put_request_id(request: Any, key: str, found: Findings) -> None:
    # The draft for the Idempotency-Key header writes it as a quoted string; most callers do not.
    key = key[1:-1] if len(key) > 1 and key[0] == key[-1] == '"' else key
    if not request.request_id:
        request.request_id = key
    elif key and key != request.request_id:
        found.add((REQUEST_ID,), "REQUEST_ID_MISMATCH")
    if not request.request_id and not found.cover(REQUEST_ID):
        found.add((REQUEST_ID,), "REQUEST_ID_REQUIRED")


def bindings(method: Method) -> list[Binding]:
    """The routes of an RPC, its additional ones too; ValueError where one cannot be served or no scope is declared."""
    if not method.operation.scope:
        raise ValueError(f"{method.full_name} declares no scope: nobody could say who may call it")
    if method.http is None:
        return []
    try:
        return [_binding(method, rule).build() for rule in (method.http, *method.http.additional_bindings)]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{method.full_name} cannot be served over HTTP: {error}") from error


def _binding(method: Method, rule: http_pb2.HttpRule) -> Binding:
    kind = rule.WhichOneof("pattern")
    if kind is None:
        raise ValueError("its route has no path")
    if rule.response_body:
        raise ValueError("a part of a reply as the body is not supported")
    verb, path = (rule.custom.kind, rule.custom.path) if kind == "custom" else (kind, getattr(rule, kind))
    return Binding(method, verb.upper(), Template.parse(path), rule.body)
