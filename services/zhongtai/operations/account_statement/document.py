"""The statement as a document."""

from zhongtai.kernel.money import Money
from zhongtai.operations.account.domain import Account
from zhongtai.operations.account_statement.domain import StatementPage
from zhongtai.runtime.paper import Paper

_WORDS = {
    "en": (
        "Statement of account",
        ("Account", "Currency", "Period", "Opening balance", "Debits", "Credits", "Closing balance"),
        ("Booked", "Value", "Reference", "Narrative", "Debit", "Credit", "Balance"),
    ),
    "zh-CN": (
        "账户对账单",
        ("账号", "币种", "期间", "期初余额", "借方发生额", "贷方发生额", "期末余额"),
        ("记账日", "起息日", "参考号", "摘要", "借方", "贷方", "余额"),
    ),
}
_WIDTHS = (0.1, 0.1, 0.17, 0.24, 0.13, 0.13, 0.13)
_FIRST_FIGURE = 4


def statement_document(account: Account, page: StatementPage, language: str) -> bytes:
    """A whole statement as a PDF, in English or Chinese."""
    title, names, columns = _WORDS.get(language, _WORDS["en"])
    paper = Paper(title, account.account_id)
    amounts = (page.opening, page.debits, page.credits, page.closing)
    told = (account.account_id, account.currency_code, f"{page.first_day} – {page.last_day}", *map(str, amounts))
    paper.facts(list(zip(names, told, strict=True)))
    paper.text("")
    paper.table(
        [
            (name, width, place >= _FIRST_FIGURE)
            for place, (name, width) in enumerate(zip(columns, _WIDTHS, strict=True))
        ],
        [
            (
                line.booking_date.isoformat(),
                line.value_date.isoformat(),
                line.reference,
                line.narrative,
                _figure(line.debit),
                _figure(line.credit),
                _figure(line.balance),
            )
            for line in page.lines
        ],
    )
    return paper.content()


def _figure(amount: Money | None) -> str:
    """The amount without its currency, which stands at the top."""
    return str(amount).partition(" ")[2] if amount else ""
