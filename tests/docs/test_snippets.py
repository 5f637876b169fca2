"""What the README says can be run is run: against a platform that really runs, or in a copy of the tree."""

import shutil

import pytest

from tests.docs.conftest import Place
from tests.docs.pages import README, Piece, pieces

PIECES = pieces(README)


def of(where: str) -> list[Piece]:
    return [piece for piece in PIECES if piece.where == where]


def test_every_piece_is_run_somewhere() -> None:
    assert {piece.where for piece in PIECES} == {"platform", "tree"}


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="the pieces for channel apps are written with curl")
async def test_the_pieces_for_a_running_platform(platform: Place) -> None:
    said = [platform.run(piece) for piece in of("platform")]
    assert "王芳" in said[0]
    assert "王芳" in said[1]
    assert said[1].count("SERVING") == 7
    assert said[2].startswith("evt_")


@pytest.mark.slow
def test_the_pieces_for_the_tree(tree: Place) -> None:
    for piece in of("tree"):
        assert " passed" in tree.run(piece)
    assert (tree.folder / "services/zhongtai/credit/guarantee/domain.py").exists()
    assert (tree.folder / "gateway/zhongtai/scenarios/deposit_transfer.yaml").exists()
