"""What a comparison makes of breaks that are open and of differences it finds."""

from datetime import date, timedelta
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from tests.credit.examples import cny
from zhongtai.credit.exposure_proof import domain
from zhongtai.credit.exposure_proof.domain import BreakKind, BreakStatus, Difference, ExposureBreak, findings

DAY = date(2026, 1, 5)


def differs(subject: str, counted: int = 1, owed: int = 0, kind: BreakKind = BreakKind.LIMIT) -> Difference:
    return Difference(kind, subject, cny(counted), cny(owed))


def test_a_difference_found_again_is_the_same_break_with_its_new_figures() -> None:
    first = findings([differs("lim_1", 5)], [], on=DAY, new_id=lambda: "break_1")
    assert [fact.break_id for fact in first.facts] == ["break_1"]
    again = findings([differs("lim_1", 7)], first.found, on=DAY + timedelta(days=1), new_id=lambda: "break_2")
    (seen,) = again.seen
    assert (seen.break_id, seen.counted, seen.found_on, seen.seen_on) == ("break_1", cny(7), DAY, date(2026, 1, 6))
    assert (again.found, again.facts) == ((), ())


def test_a_break_ends_when_the_figures_agree_again() -> None:
    first = findings([differs("lim_1")], [], on=DAY, new_id=lambda: "break_1")
    after = findings([], first.found, on=DAY, new_id=lambda: "break_2")
    (resolved,) = after.resolved
    assert (resolved.status, resolved.resolved_on) == (BreakStatus.RESOLVED, DAY)
    assert after.facts == (domain.ExposureBreakResolved("break_1", DAY),)


def test_one_run_makes_so_many_breaks_and_says_what_is_left() -> None:
    numbers = count(1)
    many = [differs(f"lim_{place}") for place in range(domain.BREAKS_AT_ONCE + 5)]
    first = findings(many, [], on=DAY, new_id=lambda: f"break_{next(numbers)}")
    assert (len(first.found), first.left) == (domain.BREAKS_AT_ONCE, 5)
    second = findings(many, first.found, on=DAY, new_id=lambda: f"break_{next(numbers)}")
    assert (len(second.found), len(second.seen), second.left) == (5, domain.BREAKS_AT_ONCE, 0)


kinds = st.sampled_from(list(BreakKind))
days = st.lists(st.sets(st.tuples(kinds, st.sampled_from("abcde")), max_size=8), min_size=1, max_size=6)


@given(days)
def test_what_is_open_is_what_differs_whatever_came_before(days: list[set[tuple[BreakKind, str]]]) -> None:
    numbers = count(1)
    open_now: dict[str, ExposureBreak] = {}
    told: set[str] = set()
    for place, subjects in enumerate(days):
        differences = [differs(subject, kind=kind) for kind, subject in sorted(subjects)]
        for _ in range(2):  # the second run of a day changes nothing
            after = findings(
                differences,
                open_now.values(),
                on=DAY + timedelta(days=place),
                new_id=lambda: f"break_{next(numbers)}",
            )
            open_now = {one.break_id: one for one in (*after.found, *after.seen)}
            for fact in after.facts:
                told = told ^ {fact.break_id}
            assert {(one.kind, one.subject) for one in open_now.values()} == subjects
            assert told == set(open_now), "the events alone tell what is open"
        assert not after.facts


def test_what_another_proof_wrote_meanwhile_is_not_written_again() -> None:
    mine = findings([differs("lim_1")], [], on=DAY, new_id=lambda: "break_1")
    theirs = findings([differs("lim_1")], [], on=DAY, new_id=lambda: "break_2").found
    assert not mine.fresh(theirs).found
    again = findings([differs("lim_1", 7)], theirs, on=DAY, new_id=lambda: "break_3")
    assert again.fresh(theirs) == again
    assert not again.fresh([]).seen, "it ended meanwhile"
    gone = findings([], theirs, on=DAY, new_id=lambda: "break_3")
    assert len(gone.fresh(theirs).resolved) == 1
    assert not gone.fresh([]).resolved


def test_it_is_written_in_pieces_that_make_the_whole() -> None:
    numbers = count(1)
    many = [differs(f"lim_{place}") for place in range(250)]
    whole = findings(many, [], on=DAY, new_id=lambda: f"break_{next(numbers)}")
    pieces = list(whole.pieces())
    assert max(len(piece.found) for piece in pieces) <= domain.WRITTEN_AT_ONCE
    assert sum((piece.found for piece in pieces), ()) == whole.found
