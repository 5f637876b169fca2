"""Proofs: figures that agree have no break, and what has no opposite comes to what is left."""

from hypothesis import given
from hypothesis import strategies as st

from zhongtai.operations.ledger_proof.domain import BREAKS_MAX, Figure, ProofKind, compared, unpaired

FIGURES = st.dictionaries(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["CNY", "USD"])),
    st.builds(Figure, st.integers(-3, 3).filter(bool), st.sampled_from(["ent_1", "ent_2", "ent_3"])),
)


@given(FIGURES, FIGURES)
def test_a_proof_holds_exactly_where_both_sides_are_the_same(
    expected: dict[tuple[str, str], Figure], found: dict[tuple[str, str], Figure]
) -> None:
    proof = compared(ProofKind.SUB_LEDGER, expected, found)
    same = {place: one.minor_units for place, one in expected.items()} == {
        place: one.minor_units for place, one in found.items()
    }
    assert proof.holds is same
    apart = sum(one.found.minor_units - one.expected.minor_units for one in proof.breaks)
    assert apart == sum(one.minor_units for one in found.values()) - sum(one.minor_units for one in expected.values())


@given(FIGURES)
def test_what_has_no_opposite_comes_to_what_is_left_and_has_one_sign(figures: dict[tuple[str, str], Figure]) -> None:
    left = unpaired(figures)
    for currency in ("CNY", "USD"):
        for amount in (1, 2, 3):
            signed = [one.minor_units for place, one in left.items() if place[1] == currency]
            assert not ({amount, -amount} <= set(signed))
        total = sum(one.minor_units for place, one in figures.items() if place[1] == currency)
        assert sum(one.minor_units for place, one in left.items() if place[1] == currency) == total


def test_a_fault_that_touches_everything_is_told_with_a_bound() -> None:
    found = {(f"{number:04d}", "CNY"): Figure(1) for number in range(BREAKS_MAX + 5)}
    proof = compared(ProofKind.SUB_LEDGER, {}, found)
    assert (len(proof.breaks), proof.breaks_left, proof.holds) == (BREAKS_MAX, 5, False)
