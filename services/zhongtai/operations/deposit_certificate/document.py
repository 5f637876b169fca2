"""The certificate as a document, in both languages on one page, as consulates ask for it."""

from zhongtai.operations.deposit_certificate.domain import DepositCertificate
from zhongtai.runtime.paper import Paper

_TITLE = "存款证明 Certificate of Deposit Balance"
_OF_A_MOMENT = "兹证明下列存款于开立日在本行。We certify that the deposits below were with us on the day of issue."
_OF_A_PERIOD = (
    "兹证明下列存款于开立日在本行，并止付至截止日。"
    "We certify that the deposits below were with us on the day of issue and are held through the last day."
)


def certificate_document(certificate: DepositCertificate) -> bytes:
    """A certificate as a PDF."""
    paper = Paper(_TITLE, f"{certificate.number} · {certificate.code}")
    paper.text("")
    paper.facts(
        [
            ("编号 Number", certificate.number),
            ("验证码 Code", certificate.code),
            ("户名 Name", certificate.holder_name),
            ("开立日 Issued on", certificate.issued_on.isoformat()),
            ("截止日 Held through", certificate.ends_on.isoformat() if certificate.ends_on else "—"),
        ]
    )
    paper.text("")
    paper.text(_OF_A_PERIOD if certificate.ends_on else _OF_A_MOMENT)
    paper.text("")
    paper.table(
        [("账号 Account", 0.5, False), ("产品 Product", 0.25, False), ("金额 Amount", 0.25, True)],
        [(line.account_id, line.product, str(line.amount)) for line in certificate.lines],
    )
    if certificate.revoked:
        paper.text("")
        paper.text("本证明已撤销。This certificate was withdrawn.")
    return paper.content()
