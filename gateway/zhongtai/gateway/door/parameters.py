"""Query and path parameters: which fields of a request they may fill, and how text becomes a field's value."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from zhongtai.gateway.door.findings import Findings, WrongValueError
from zhongtai.gateway.door.scalars import converter, text, truth
from zhongtai.gateway.door.wellknown import QUERY, READ

DEEPEST = 3


@dataclass(frozen=True)
class Parameter:
    """One field, perhaps of a message within the request, that text may fill: `page.size`."""

    fields: tuple[FieldDescriptor, ...]

    @property
    def leaf(self) -> FieldDescriptor:
        """The field that holds the value."""
        return self.fields[-1]

    @property
    def name(self) -> str:
        """The name in the query, in camel case."""
        return ".".join(field.json_name for field in self.fields)

    @property
    def names(self) -> tuple[str, str]:
        """Both spellings."""
        return self.name, ".".join(field.name for field in self.fields)

    def setter(self) -> Callable[[Any, Sequence[str], Findings], None]:
        """What puts the texts given for this parameter into a request."""
        holders = [field.name for field in self.fields[:-1]]
        leaf, path = self.leaf, tuple(field.name for field in self.fields)
        known = QUERY[leaf.message_type.full_name] if leaf.message_type else None
        convert = None if known else truth if leaf.type == leaf.TYPE_BOOL else converter(leaf)
        numeric = leaf.type == leaf.TYPE_ENUM

        def put(request: Any, given: Sequence[str], found: Findings) -> None:
            if len(given) > 1 and not leaf.is_repeated:
                found.add(path, "DUPLICATE_KEY", name=repr(self.name))
                return
            holder = request
            for name in holders:
                holder = getattr(holder, name)
            for item in given:
                try:
                    if known:
                        target = getattr(holder, leaf.name)
                        known(target.add() if leaf.is_repeated else target, text(item))
                        continue
                    assert convert is not None
                    value = convert(int(item) if numeric and item.isdecimal() and len(item) < 10 else item)
                except WrongValueError as error:
                    found.wrong(path, error)
                    continue
                if leaf.is_repeated:
                    getattr(holder, leaf.name).append(value)
                else:
                    setattr(holder, leaf.name, value)

        return put


def parameters(descriptor: Descriptor, excluded: frozenset[str] = frozenset()) -> list[Parameter]:
    """Every parameter a query may give for a request; `excluded` are fields that the path or the body give."""
    return list(_parameters(descriptor, (), excluded))


def path_parameter(descriptor: Descriptor, name: str) -> Parameter:
    """The parameter that a path variable fills, `limit_id` or `limit.limit_id`; ValueError where there is none."""
    fields: list[FieldDescriptor] = []
    holder: Descriptor | None = descriptor
    for part in name.split("."):
        field = holder.fields_by_name.get(part) if holder else None
        if field is None:
            raise ValueError(f"the request has no field {name}")
        fields.append(field)
        holder = field.message_type
    if fields[-1].is_repeated or fields[-1].message_type:
        raise ValueError(f"{name} is no single value, so it cannot stand in a path")
    return Parameter(tuple(fields))


def _parameters(
    descriptor: Descriptor, holders: tuple[FieldDescriptor, ...], excluded: frozenset[str]
) -> list[Parameter]:
    found: list[Parameter] = []
    for field in descriptor.fields:
        if not holders and field.name in excluded:
            continue
        fields, inner = (*holders, field), field.message_type
        if inner is None:
            found.append(Parameter(fields))
            continue
        if inner.full_name in QUERY:
            found.append(Parameter(fields))
        if not field.is_repeated and inner.full_name not in READ and len(fields) < DEEPEST:
            found.extend(_parameters(inner, fields, excluded))
    return found
