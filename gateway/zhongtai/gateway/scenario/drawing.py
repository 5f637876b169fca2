"""Draws a plan as SVG: the steps from top to bottom, coloured by what they do to the world, the ends at the side."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from zhongtai.common.v1 import options_pb2
from zhongtai.gateway.scenario.kinds import short_name
from zhongtai.gateway.scenario.plan import (
    AllStep,
    CallStep,
    EachStep,
    EmitStep,
    HumanStep,
    Plan,
    ProductStep,
    RequireStep,
    Step,
    WaitStep,
    answers_of,
)

WIDTH, HEIGHT, GAP, LEFT, INDENT = 330, 46, 18, 24, 26
ENDS_AT, END_WIDTH = 470, 210
# Fill and edge; told apart by lightness too, for those who do not see the colours.
COLOURS = {
    "READ": ("#eef2f7", "#64748b"),
    "REVERSIBLE": ("#e0f2fe", "#0369a1"),
    "PIVOT": ("#fecaca", "#b91c1c"),
    "RETRIABLE": ("#dcfce7", "#15803d"),
    "REQUIRE": ("#fef9c3", "#a16207"),
    "HUMAN": ("#ede9fe", "#6d28d9"),
    "WAIT": ("#fae8ff", "#a21caf"),
    "EMIT": ("#ffffff", "#334155"),
    "BLOCK": ("#f8fafc", "#94a3b8"),
}
WORDS = {
    "READ": ("reads", "查询"),
    "REVERSIBLE": ("can be undone", "可冲正"),
    "PIVOT": ("pivot: no way back", "支付枢轴：不可撤回"),
    "RETRIABLE": ("repeated until done", "重试至完成"),
    "REQUIRE": ("must hold", "必须满足"),
    "HUMAN": ("a person decides", "人工审批"),
    "WAIT": ("waits for an event", "等待事件"),
    "EMIT": ("tells an event", "发布事件"),
    "BLOCK": ("block", "步骤块"),
}


@dataclass(frozen=True, slots=True)
class _Box:
    """One step on its line: its full name, what it is, what stands below its name, how far in, and its ends."""

    name: str
    look: str
    detail: str
    depth: int
    condition: str
    ends: tuple[str, ...]


def draw(plan: Plan, language: str = "en") -> str:
    """The plan as one SVG document without scripts, in "en" or "zh-CN"."""
    chinese = language.startswith("zh")
    boxes = list(_boxes(plan.steps, "", 0))
    lines = [_line(box, 60 + at * (HEIGHT + GAP), chinese) for at, box in enumerate(boxes)]
    bottom = 60 + len(boxes) * (HEIGHT + GAP)
    title = plan.title.zh if chinese else plan.title.en
    sentence = plan.outcomes[plan.done].zh if chinese else plan.outcomes[plan.done].en
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {ENDS_AT + END_WIDTH + LEFT} {bottom + 120}" '
            f'role="img" font-family="system-ui, Noto Sans CJK SC, sans-serif" font-size="13">',
            f"<title>{escape(title)}</title>",
            f'<text x="{LEFT}" y="34" font-size="18" font-weight="600">{escape(title)} · {plan.version}</text>',
            *lines,
            _end(plan.done, LEFT, bottom, WIDTH, "#15803d"),
            f'<text x="{LEFT}" y="{bottom + 58}" fill="#475569">{escape(sentence)}</text>',
            _legend(boxes, bottom + 84, chinese),
            "</svg>",
        ]
    )


def _boxes(steps: tuple[Step, ...], prefix: str, depth: int) -> Iterator[_Box]:
    for step in steps:
        name = prefix + step.id
        ends = tuple(dict.fromkeys(answer.outcome for answer in answers_of(step))) if depth == 0 or not prefix else ()
        condition = step.when.text if step.when is not None else ""
        yield _Box(name, _look(step), _detail(step), depth, condition, ends)
        if isinstance(step, AllStep):
            yield from _boxes(step.steps, prefix, depth + 1)
        elif isinstance(step, EachStep):
            yield from _boxes(step.steps, f"{name}.", depth + 1)
        elif isinstance(step, ProductStep):
            yield from _boxes(step.plan.steps, f"{name}.", depth + 1)


def _look(step: Step) -> str:
    match step:
        case CallStep():
            return options_pb2.Effect.Name(step.method.operation.effect).removeprefix("EFFECT_")
        case RequireStep():
            return "REQUIRE"
        case HumanStep():
            return "HUMAN"
        case WaitStep():
            return "WAIT"
        case EmitStep():
            return "EMIT"
    return "BLOCK"


def _detail(step: Step) -> str:
    match step:
        case CallStep():
            return short_name(step.method.full_name)
        case RequireStep():
            return step.condition.text
        case HumanStep():
            return step.role
        case WaitStep():
            return short_name(step.event.DESCRIPTOR.full_name)
        case EmitStep():
            return short_name(step.event.message.DESCRIPTOR.full_name)
        case EachStep():
            return f"{step.over.text} ≤ {step.at_most}"
        case ProductStep():
            return f"{step.plan.product}@{step.plan.version}"
    return "‖"


def _line(box: _Box, top: int, chinese: bool) -> str:
    fill, edge = COLOURS[box.look]
    left, width = LEFT + box.depth * INDENT, WIDTH - box.depth * INDENT
    dashes = ' stroke-dasharray="5 4"' if box.condition else ""
    middle = left + width // 2
    word = WORDS[box.look][chinese]
    parts = [
        f'<line x1="{middle}" y1="{top - GAP}" x2="{middle}" y2="{top}" stroke="#94a3b8"/>',
        f'<rect x="{left}" y="{top}" width="{width}" height="{HEIGHT}" rx="7" fill="{fill}" stroke="{edge}"{dashes}/>',
        f'<text x="{left + 12}" y="{top + 19}" font-weight="600">{escape(box.name)}</text>',
        f'<text x="{left + width - 12}" y="{top + 19}" text-anchor="end" font-size="11" '
        f'fill="{edge}">{escape(word)}</text>',
        f'<text x="{left + 12}" y="{top + 37}" font-size="11" fill="#475569">{escape(_short(box))}</text>',
    ]
    share = END_WIDTH // max(1, len(box.ends))
    for at, end in enumerate(box.ends):
        parts.append(_end(end, ENDS_AT + at * share, top + 6, share - 6, "#b45309"))
    if box.ends:
        parts.append(
            f'<line x1="{left + width}" y1="{top + HEIGHT // 2}" x2="{ENDS_AT}" y2="{top + HEIGHT // 2}" '
            f'stroke="#b45309" stroke-dasharray="2 3"/>'
        )
    return "".join(parts)


def _short(box: _Box) -> str:
    text = f"{box.detail}  [{box.condition}]" if box.condition else box.detail
    return text if len(text) <= 50 else text[:49] + "…"


def _end(outcome: str, left: int, top: int, width: int, colour: str) -> str:
    return (
        f'<rect x="{left}" y="{top}" width="{width}" height="34" rx="17" fill="#ffffff" stroke="{colour}"/>'
        f'<text x="{left + width // 2}" y="{top + 22}" text-anchor="middle" font-size="12" '
        f'fill="{colour}">{escape(outcome)}</text>'
    )


def _legend(boxes: list[_Box], top: int, chinese: bool) -> str:
    parts: list[str] = []
    for at, look in enumerate(dict.fromkeys(box.look for box in boxes)):
        left, line = LEFT + at % 4 * 165, top + at // 4 * 20
        fill, edge = COLOURS[look]
        parts.append(f'<rect x="{left}" y="{line}" width="12" height="12" rx="3" fill="{fill}" stroke="{edge}"/>')
        parts.append(f'<text x="{left + 18}" y="{line + 11}" font-size="11">{escape(WORDS[look][chinese])}</text>')
    return "".join(parts)
