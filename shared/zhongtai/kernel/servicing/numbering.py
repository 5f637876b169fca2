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
    """Orders and numbers the instalments; parts of charges follow the instalment they are on."""
    before = {id(instalment): instalment.number for instalment in work.instalments}
    number_anew(work.instalments)
    moved = {before[id(instalment)]: instalment.number for instalment in work.instalments}
    for levy in work.levies:
        levy.slices = {moved[key]: part for key, part in levy.slices.items() if key in moved}
