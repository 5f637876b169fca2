"""The steps that wait: for a person's decision on a work order, and for an event."""

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from zhongtai.gateway.scenario.expressions import Formula
from zhongtai.gateway.scenario.findings import rather
from zhongtai.gateway.scenario.kinds import STRING, descriptor_of, kind_of_field, short_name
from zhongtai.gateway.scenario.plan import HumanStep, WaitStep
from zhongtai.gateway.scenario.reading import Reading
from zhongtai.gateway.scenario.source import Entry, Scalar, Table
from zhongtai.gateway.scenario.template import Source, Template
from zhongtai.operations.v1 import work_order_pb2
from zhongtai.runtime import contracts

LONGEST_WAIT_S = 90 * 86400
HUMAN_NEEDS = ("kind", "role", "sla", "title")
HUMAN_ALSO = ("four_eyes", "details")


def read_human(reading: Reading, table: Table, name: str, when: Formula | None) -> HumanStep | None:
    """A work order: `{kind, role, four_eyes, sla, title, details}` and what happens when nobody decides in time."""
    human = reading.shape.table(table.get("human"), "a work order")
    if human is None or not reading.shape.keys(human, "a work order", HUMAN_NEEDS, HUMAN_ALSO):
        return None
    opening = _opening(reading, human)
    timeout = reading.shape.table(table.get("timeout"), "a timeout")
    if timeout is None or not reading.shape.keys(timeout, "a timeout", ("after", "outcome"), ("reasons",)):
        return None
    after = _after(reading, timeout)
    answer = reading.answer(timeout, f"{name}.timeout", timeout.place)
    role = reading.shape.word(human.get("role"), "a role")
    return HumanStep(name, when, role, opening, after, answer) if opening and answer and role else None


def _opening(reading: Reading, human: Table) -> Template | None:
    """The request that opens the work order; the engine adds the run it is about and who asked."""
    shape = reading.shape
    title = shape.text(human.get("title"), "the title")
    sla_s = shape.seconds(human.get("sla"), "the time for a decision", 60)
    said = {
        "kind": shape.word(human.get("kind"), "the kind of a work order"),
        "role": shape.word(human.get("role"), "a role"),
        "four_eyes": shape.flag(human.get("four_eyes"), "`four_eyes`"),
        "title": title.en,
        "title_zh": title.zh,
        "sla_minutes": max(1, round(sla_s / 60)),
    }
    request = work_order_pb2.OpenWorkOrderRequest
    fields = descriptor_of(request).fields_by_name
    constants = tuple((fields[key], _constant(value)) for key, value in said.items())
    engine: tuple[tuple[FieldDescriptor, Source], ...] = (
        (fields["subject"], lambda values: values["run.id"]),
        (fields["requested_by"], lambda values: values["run.caller"]),
    )
    details = human.entry("details")
    written = Table(human.place, (details,) if details else ())
    filled = frozenset({*said, "subject", "requested_by"})
    template = reading.reader.message(written, descriptor_of(request), human.place, engine=filled)
    return Template(request, (*constants, *engine, *template.fields), template.formulas) if template else None


def _constant(value: Any) -> Source:
    return lambda values: value


def read_wait(reading: Reading, table: Table, name: str, when: Formula | None) -> WaitStep | None:
    """An event that has a value in one field; before the pivot its timeout has an outcome."""
    kind = table.entry("wait")
    assert kind is not None
    said = str(kind.node.value) if isinstance(kind.node, Scalar) else ""
    known = {short_name(full): event for full, event in contracts.events().items()}
    if said not in known:
        reading.findings.add(kind.node.place, "ZT011", f"There is no event `{said}`.", rather(said, known))
        return None
    match = reading.shape.table(table.get("match"), "`match`")
    timeout = reading.shape.table(table.get("timeout"), "a timeout")
    if (
        match is None
        or timeout is None
        or not reading.shape.keys(timeout, "a timeout", ("after",), ("outcome", "reasons"))
    ):
        return None
    if len(match.entries) != 1:
        reading.findings.add(
            match.place, "ZT004", "`match` names one field of the event.", "Such as {payment_id: pay.payment_id}."
        )
        return None
    formula = _matched(reading, match.entries[0], known[said])
    answer = reading.answer(timeout, f"{name}.timeout", timeout.place) if timeout.get("outcome") else None
    after = _after(reading, timeout)
    return WaitStep(name, when, known[said], match.entries[0].key, formula, after, answer) if formula else None


def _matched(reading: Reading, entry: Entry, event: type[Message]) -> Formula | None:
    field = descriptor_of(event).fields_by_name.get(entry.key)
    if field is None or kind_of_field(field) != STRING:
        texts = [found.name for found in descriptor_of(event).fields if kind_of_field(found) == STRING]
        reading.findings.add(
            entry.place, "ZT012", f"The event has no text field `{entry.key}`.", rather(entry.key, texts)
        )
        return None
    formula = reading.reader.formula(entry.node, entry.place)
    if formula is not None and formula.kind != STRING:
        reading.findings.add(entry.node.place, "ZT021", f"`{formula.text}` is {formula.kind}.", "It wants a string.")
        return None
    return formula


def _after(reading: Reading, timeout: Table) -> float:
    after = reading.shape.seconds(timeout.get("after"), "the time to wait")
    if after > LONGEST_WAIT_S:
        reading.findings.add(timeout.place, "ZT050", "A run waits for at most 90d.", "Begin a new run afterwards.")
    return after
