"""Documents: they go on over pages, and the same content is the same file."""

from zhongtai.runtime.paper import Paper


def made(rows: int) -> bytes:
    paper = Paper("存款证明 Certificate of deposit", "number 1")
    paper.facts([("Account 账号", "acc_1")])
    paper.text("甲" * 200)
    paper.table([("Name", 0.7, False), ("Amount", 0.3, True)], [("a name that is " * 20, "1.00")] * rows)
    return paper.content()


def test_a_document_has_as_many_pages_as_it_needs() -> None:
    assert made(3).count(b"/Type /Page\n") == 1
    assert made(200).count(b"/Type /Page\n") == 5
    assert made(200) == made(200)
