"""What a close would come to: its steps are asked one after the other by RPCs that only read; no trace is left."""

from collections import Counter
from datetime import date
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from zhongtai.common.v1.money_pb2 import Money
from zhongtai.gateway.closing.domain import Closing, ClosingStep
from zhongtai.gateway.job import calls
from zhongtai.gateway.job.domain import JobLook, JobStep
from zhongtai.gateway.v1 import closing_pb2 as v1
from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime.orchestration import Orchestration

PIECES_AT_MOST = 10_000
# Dates and moments hold numbers, which come to nothing.
_NO_FIGURES = "google."
_NUMBERS = (FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_INT64)
# The field and its currency; "" for a number.
Figures = Counter[tuple[str, str]]


async def preview(given: Orchestration, found: Closing) -> list[v1.ClosingPreview]:
    """What each step would come to, in their order; one that would be refused says so and stops no other."""
    return [await _step(given, step, found.business_date) for step in found.steps]


async def _step(given: Orchestration, step: ClosingStep, on: date) -> v1.ClosingPreview:
    told = v1.ClosingPreview(job_id=step.job.job_id)
    figures: Figures = Counter()
    try:
        for each in step.job.steps:
            if each.preview is not None:
                told.previewed = True
                await _look(given, each.preview, on, figures)
            elif each.holds_field and calls.reads(each):
                told.previewed = told.proof = True
                told.holds = await _proof(given, each, on)
    except Refusal as refusal:
        told.reason, told.sentence = refusal.reason, refusal.sentence(given.call.language)
    told.figures.extend(map(_figure, sorted(figures.items())))
    return told


async def _look(given: Orchestration, look: JobLook, on: date, figures: Figures) -> None:
    """Adds what a look says, piece by piece, to the figures."""
    position = ""
    for _ in range(PIECES_AT_MOST):
        reply = await given.calls.call(calls.looked_at(look, on, position), given.call)
        add_up(reply, "", figures)
        position = calls.further(reply)
        if not position:
            return


async def _proof(given: Orchestration, step: JobStep, on: date) -> bool:
    """Whether a proof that only reads holds now, over all its pieces."""
    position = ""
    for _ in range(PIECES_AT_MOST):
        reply = await given.calls.call(calls.asked(step, on, position), given.call)
        more, position = calls.more(step, reply)
        if not calls.holds(step, reply) or not more:
            return calls.holds(step, reply)
    return False


def add_up(message: Message, path: str, figures: Figures) -> None:
    """Adds every amount and every number within a message to the figures, by the path of its field."""
    for field, value in message.ListFields():
        name = f"{path}{field.name}"
        for each in value if field.is_repeated else (value,):
            _add(field, each, name, figures)


def _add(field: Any, value: Any, name: str, figures: Figures) -> None:
    if isinstance(value, Money):
        figures[name, value.currency_code] += value.minor_units
    elif isinstance(value, Message) and not value.DESCRIPTOR.full_name.startswith(_NO_FIGURES):
        add_up(value, f"{name}.", figures)
    elif field.type in _NUMBERS:
        figures[name, ""] += value


def _figure(summed: tuple[tuple[str, str], int]) -> v1.ClosingFigure:
    (name, currency), total = summed
    if currency:
        return v1.ClosingFigure(name=name, amount=Money(currency_code=currency, minor_units=total))
    return v1.ClosingFigure(name=name, count=total)
