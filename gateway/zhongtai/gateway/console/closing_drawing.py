"""Draws the close of a day as SVG: each step a box below those it waits for, coloured and named by how it stands."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from textwrap import wrap

from zhongtai.gateway.v1 import closing_pb2

WIDTH, HEIGHT, ACROSS, DOWN, MARGIN = 250, 66, 26, 30, 16
# Fill and edge; told apart by lightness too, and the state stands in words besides.
COLOURS = {
    "WAITING": ("#f8fafc", "#94a3b8"),
    "RUNNING": ("#e0f2fe", "#0369a1"),
    "DONE": ("#dcfce7", "#15803d"),
    "FAILED": ("#fecaca", "#b91c1c"),
    "OVERRIDDEN": ("#fef9c3", "#a16207"),
    "PASSED_OVER": ("#ffffff", "#64748b"),
}
# So many letters fit a line of a box, which has two.
LONGEST, LINES = 34, 2


def draw(
    steps: Sequence[closing_pb2.ClosingStep],
    title: str,
    behind: str,
    name: Callable[..., str],
    detail: Callable[..., str],
) -> str:
    """The graph; `name` and `detail` give the texts of a step's box, `behind` that of the line below the closed date.

    Every text is escaped.
    """
    places = _places(steps)
    across = max((place[0] + WIDTH for place in places.values()), default=WIDTH) + MARGIN
    down = max((place[1] + HEIGHT for place in places.values()), default=HEIGHT) + MARGIN
    lines = [line for step in steps for line in _lines(step, places)]
    boxes = [_box(step, places[step.job.job_id], name(step), detail(step)) for step in steps]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across} {down}" role="img" '
            'font-family="system-ui, Noto Sans CJK SC, sans-serif" font-size="13">',
            f"<title>{escape(title)}</title>",
            *_line_below(steps, across, behind),
            *lines,
            *boxes,
            "</svg>",
        ]
    )


def state(step: closing_pb2.ClosingStep) -> str:
    """How a step stands, `DONE`."""
    return closing_pb2.ClosingStepState.Name(step.state).removeprefix("CLOSING_STEP_STATE_")


def _places(steps: Sequence[closing_pb2.ClosingStep]) -> dict[str, tuple[int, int]]:
    """Where each box stands: a row for each depth, in the middle, in the order of the steps."""
    rows: dict[int, list[str]] = {}
    for step in steps:
        rows.setdefault(step.depth, []).append(step.job.job_id)
    widest = max(map(len, rows.values()), default=0)
    return {
        name: (
            MARGIN + (widest - len(row) + 2 * column) * (WIDTH + ACROSS) // 2,
            MARGIN + depth * (HEIGHT + DOWN),
        )
        for depth, row in rows.items()
        for column, name in enumerate(row)
    }


def _line_below(steps: Sequence[closing_pb2.ClosingStep], across: int, behind: str) -> list[str]:
    """A broken line between what guards the closed date and what comes behind it, where anything does."""
    if all(step.guards for step in steps):
        return []
    rows = 1 + max((step.depth for step in steps if step.guards), default=-1)
    y = MARGIN + rows * (HEIGHT + DOWN) - DOWN // 2
    return [
        f'<line x1="0" y1="{y}" x2="{across}" y2="{y}" stroke="#64748b" stroke-dasharray="6 5"/>',
        f'<text x="{MARGIN}" y="{y - 6}" font-size="11" fill="#475569">{escape(behind)}</text>',
    ]


def _lines(step: closing_pb2.ClosingStep, places: Mapping[str, tuple[int, int]]) -> list[str]:
    to_x, to_y = places[step.job.job_id]
    return [
        f'<line x1="{places[before][0] + WIDTH // 2}" y1="{places[before][1] + HEIGHT}" '
        f'x2="{to_x + WIDTH // 2}" y2="{to_y}" stroke="#94a3b8" stroke-width="1.5"/>'
        for before in step.job.after
        if before in places
    ]


def _box(step: closing_pb2.ClosingStep, place: tuple[int, int], name: str, detail: str) -> str:
    fill, edge = COLOURS[state(step)]
    x, y = place
    # A proof is told from an act by its round ends.
    corner = HEIGHT // 2 if step.proof else 6
    lines = wrap(name, LONGEST, max_lines=LINES, placeholder="…")
    top = y + (28 if len(lines) == 1 else 20)
    texts = [
        f'<text x="{x + WIDTH // 2}" y="{top + 17 * row}" text-anchor="middle" fill="#0f172a">{escape(line)}</text>'
        for row, line in enumerate(lines)
    ]
    return (
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="{corner}" fill="{fill}" stroke="{edge}"/>'
        f"{''.join(texts)}"
        f'<text x="{x + WIDTH // 2}" y="{top + 17 * len(lines)}" text-anchor="middle" font-size="11" fill="#475569">'
        f"{escape(detail)}</text>"
    )
