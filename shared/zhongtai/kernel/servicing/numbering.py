"""Numbering instalments anew, and with them the parts of charges that are kept by instalment number."""

from zhongtai.kernel.servicing.instalments import number_anew
from zhongtai.kernel.servicing.workings import Workings


def make_room(work: Workings, number: int) -> None:
    """Moves the instalments from a number on, and the parts of charges on them, up by one."""
    for instalment in work.instalments:
        if instalment.number >= number:
            instalment.number += 1
    for levy in work.levies:
        levy.slices = {key + (key >= number): part for key, part in levy.slices.items()}


def number_again(work: Workings) -> None:
    """Orders and numbers the instalments, each beginning where the one before it ends."""
    before = _numbers(work)
    number_anew(work.instalments)
    _move_parts(work, before)


def number_by_due_date(work: Workings) -> None:
    """Orders and numbers the instalments and leaves the day each begins."""
    before = _numbers(work)
    work.instalments.sort(key=lambda each: each.due)
    for number, instalment in enumerate(work.instalments, start=1):
        instalment.number = number
    _move_parts(work, before)


def _numbers(work: Workings) -> dict[int, int]:
    return {id(instalment): instalment.number for instalment in work.instalments}


def _move_parts(work: Workings, before: dict[int, int]) -> None:
    """Parts of charges follow the instalment they are on."""
    moved = {before[id(instalment)]: instalment.number for instalment in work.instalments}
    for levy in work.levies:
        levy.slices = {moved[key]: part for key, part in levy.slices.items() if key in moved}
