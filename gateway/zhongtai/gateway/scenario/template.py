"""Templates: a message of a contract with an expression for each field, checked when the file is compiled.

with:
  customer_id: input.customer_id             one expression
  tags: [input.segment, "'instalment'"]      a list of expressions
  details: {score: string(decision.score)}   a map, or a message field by field
  cash_flows: {each: quote.instalments, as: item, with: {date: item.due_date, amount: item.principal}}
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from zhongtai.common.v1 import options_pb2, validate_pb2
from zhongtai.gateway.scenario.expressions import Formula, assignable, compile_formula
from zhongtai.gateway.scenario.findings import Findings, Place, rather
from zhongtai.gateway.scenario.kinds import Kind, enum_name, enum_values, kind_of_field, putter, short_name
from zhongtai.gateway.scenario.names import ExpressionInvalidError, Names
from zhongtai.gateway.scenario.source import Listing, Node, Scalar, Table
from zhongtai.gateway.scenario.tokens import plain_text, tokens
from zhongtai.runtime.contracts import data_class

Source = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Template:
    """A message whose fields are filled from values."""

    message: type[Message]
    fields: tuple[tuple[FieldDescriptor, Source], ...]
    formulas: tuple[Formula, ...]

    def __call__(self, values: Mapping[str, Any]) -> Message:
        """The message for these values. Raises `ExpressionFailedError`."""
        made = self.message()
        for field, source in self.fields:
            value = source(values)
            if value is not None:
                putter(field)(made, value)
        return made


@dataclass
class TemplateReader:
    """Reads templates over some names. `told` where what is written leaves the platform as an event."""

    findings: Findings
    names: Names
    told: bool = False

    def message(
        self, node: Node | None, descriptor: Descriptor, place: Place, *, engine: frozenset[str] = frozenset()
    ) -> Template | None:
        """A message from a table. `engine` are the fields that the engine fills."""
        if node is not None and not isinstance(node, Table):
            self.findings.add(
                node.place, "ZT004", "This is a table of fields.", f"Fields: {', '.join(descriptor.fields_by_name)}."
            )
            return None
        formulas: list[Formula] = []
        fields: list[tuple[FieldDescriptor, Source]] = []
        for entry in node or ():
            field = descriptor.fields_by_name.get(entry.key)
            if entry.key == "request_id":
                self.findings.add(entry.place, "ZT032", "The engine makes the request id.", "Leave it out.")
            elif entry.key in engine:
                self.findings.add(entry.place, "ZT032", f"The engine fills `{entry.key}`.", "Leave it out.")
            elif field is None:
                reason = f"{short_name(descriptor.full_name)} has no field `{entry.key}`."
                known = set(descriptor.fields_by_name) - engine - {"request_id"}
                self.findings.add(entry.place, "ZT012", reason, rather(entry.key, known))
            else:
                source = self._of_field(entry.node, field, formulas)
                if source is not None:
                    fields.append((field, source))
        written = {entry.key for entry in node or ()}
        for field in descriptor.fields:
            if required(field) and field.name not in written | engine | {"request_id"}:
                at = node.place if node is not None else place
                reason = f"{short_name(descriptor.full_name)} needs `{field.name}` ({kind_of_field(field)})."
                self.findings.add(at, "ZT031", reason, f"Add `{field.name}:` with an expression.")
        return Template(GetMessageClass(descriptor), tuple(fields), tuple(formulas))

    def formula(self, node: Node | None, place: Place) -> Formula | None:
        """One expression; None, with a finding, where there is none or it does not compile."""
        if not isinstance(node, Scalar) or node.value is None:
            self.findings.add(node.place if node else place, "ZT004", "An expression stands here.")
            return None
        try:
            found = compile_formula(node.text, self.names)
        except ExpressionInvalidError as error:
            if not error.number:
                return None
            at = node.inner.right(error.offset) if "\n" not in node.text else node.inner
            self.findings.add(at, error.number, error.reason, error.instead)
            return None
        self._personal(found, node.inner)
        return found

    def condition(self, node: Node | None, place: Place) -> Formula | None:
        """An expression that is true or false."""
        found = self.formula(node, place)
        if found is not None and found.kind.name != "bool":
            assert node is not None
            self.findings.add(
                node.place,
                "ZT021",
                f"A condition is true or false; this is a {found.kind}.",
                "Compare it with something.",
            )
            return None
        return found

    def value(
        self, node: Node | None, kind: Kind, place: Place, formulas: list[Formula] | None = None
    ) -> Source | None:
        """An expression of a kind, or a literal of an enum."""
        if isinstance(node, Scalar) and isinstance(kind.descriptor, EnumDescriptor):
            literal = self._enum_literal(node, kind.descriptor)
            if literal is not None:
                return literal
        found = self.formula(node, place)
        if found is None or node is None:
            return None
        if formulas is not None:
            formulas.append(found)
        if kind.name == "string" and isinstance(found.kind.descriptor, EnumDescriptor):
            return _named(found, found.kind.descriptor)
        if not assignable(kind, found):
            wanted = f"It wants {_article(str(kind))}."
            self.findings.add(node.place, "ZT021", f"`{found.text}` is {_article(str(found.kind))}.", wanted)
            return None
        return found

    def _of_field(self, node: Node, field: FieldDescriptor, formulas: list[Formula]) -> Source | None:
        kind = kind_of_field(field)
        if data_class(field) == options_pb2.DATA_CLASS_C3:
            self.findings.add(
                node.place, "ZT033", f"`{field.name}` authenticates a person: a product does not pass it on."
            )
            return None
        if kind.name == "list" and isinstance(node, Table):
            return self._loop(node, field, formulas)
        if kind.name == "list" and isinstance(node, Listing):
            element = kind.element or kind
            items = [self._item(item, element, formulas) for item in node.items]
            return _many([item for item in items if item is not None])
        if kind.name == "map" and isinstance(node, Table):
            element = kind.element or kind
            entries = {entry.key: self._item(entry.node, element, formulas) for entry in node}
            return _mapping({key: source for key, source in entries.items() if source is not None})
        return self._item(node, kind, formulas)

    def _item(self, node: Node, kind: Kind, formulas: list[Formula]) -> Source | None:
        if isinstance(node, Table) and isinstance(kind.descriptor, Descriptor):
            nested = self.message(node, kind.descriptor, node.place)
            if nested is not None:
                formulas.extend(nested.formulas)
            return nested
        return self.value(node, kind, node.place, formulas)

    def _loop(self, node: Table, field: FieldDescriptor, formulas: list[Formula]) -> Source | None:
        unknown = [entry for entry in node if entry.key not in ("each", "as", "with")]
        for entry in unknown:
            self.findings.add(
                entry.place, "ZT002", f"`{entry.key}` means nothing here.", rather(entry.key, ("each", "as", "with"))
            )
        over = self.formula(node.get("each"), node.place)
        name = node.get("as")
        body = node.get("with")
        if over is None or unknown:
            return None
        if over.kind.name != "list" or over.kind.element is None:
            self.findings.add(
                node.place, "ZT021", f"`{over.text}` is {_article(str(over.kind))}.", "`each` wants a list."
            )
            return None
        if not isinstance(name, Scalar) or not str(name.value).isidentifier() or field.message_type is None:
            self.findings.add(
                node.place, "ZT003", "`each` needs `as: <name>`, the name of one item, for a list of messages."
            )
            return None
        inner = TemplateReader(self.findings, self.names.plus({str(name.value): over.kind.element}), self.told)
        template = inner.message(body, field.message_type, node.place)
        if template is None:
            return None
        formulas.extend((over, *(formula for formula in template.formulas)))
        return _looped(over, str(name.value), template)

    def _enum_literal(self, node: Scalar, descriptor: EnumDescriptor) -> Source | None:
        words = tokens(node.text)
        said = plain_text(words[0]) if len(words) == 1 else None
        if said is None:
            return None
        values = enum_values(descriptor)
        if said not in values:
            known = [name for name in values if name != "UNSPECIFIED"]
            self.findings.add(
                node.inner, "ZT015", f"{short_name(descriptor.full_name)} is never '{said}'.", rather(said, known)
            )
        number = values.get(said, 0)
        return lambda values: number

    def _personal(self, formula: Formula, place: Place) -> None:
        classes = {data_class(field) for field in formula.passes}
        if options_pb2.DATA_CLASS_C3 in classes:
            self.findings.add(
                place, "ZT033", f"`{formula.text}` authenticates a person: a product does not pass it on."
            )
        if self.told and options_pb2.DATA_CLASS_C2 in classes:
            self.findings.add(
                place, "ZT034", f"`{formula.text}` is personal: an event does not tell it.", "Tell the id."
            )


def required(field: FieldDescriptor) -> bool:
    """True where the contract refuses a request without the field."""
    options: Any = field.GetOptions()
    if not options.HasExtension(validate_pb2.field):
        return False
    rules: Any = options.Extensions[validate_pb2.field]
    return bool(
        rules.required
        or rules.string.min_len
        or rules.string.len
        or rules.repeated.min_items
        or rules.map.min_pairs
        or 0 in rules.enum.not_in
        or (field.cpp_type == FieldDescriptor.CPPTYPE_INT32 and rules.int32.gte > 0)
        or (field.cpp_type == FieldDescriptor.CPPTYPE_INT64 and rules.int64.gte > 0)
    )


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeio' else 'a'} {kind}"


def _named(formula: Formula, descriptor: EnumDescriptor) -> Source:
    return lambda values: enum_name(descriptor, formula(values))


def _many(sources: list[Source]) -> Source:
    return lambda values: [source(values) for source in sources]


def _mapping(sources: Mapping[str, Source]) -> Source:
    return lambda values: {key: source(values) for key, source in sources.items()}


def _looped(over: Formula, name: str, template: Template) -> Source:
    def items(values: Mapping[str, Any]) -> list[Message]:
        inner = {**values}
        made = []
        for item in over(values):
            inner[name] = item
            made.append(template(inner))
        return made

    return items
