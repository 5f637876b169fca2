"""The RPCs of certificates."""

from datetime import datetime

from zhongtai.operations.account import store as account_store
from zhongtai.operations.deposit_certificate import store
from zhongtai.operations.deposit_certificate.document import certificate_document
from zhongtai.operations.deposit_certificate.domain import DepositCertificate
from zhongtai.operations.v1 import deposit_certificate_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of
from zhongtai.runtime.paper import CONTENT_TYPE
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def issue_deposit_certificate(
    request: v1.IssueDepositCertificateRequest, unit: Unit
) -> v1.IssueDepositCertificateResponse:
    """Says what is available on accounts, and holds it where it is for a period."""
    certificate, issued = DepositCertificate.issue(
        unit.new_id("dct"),
        (request.customer_id, request.holder_name),
        [account_store.accounts.load(unit, account_id) for account_id in request.account_ids],
        serial=store.next_serial(unit, unit.business_date),
        ends_on=date_of(request.ends_on) if request.HasField("ends_on") else None,
        on=unit.business_date,
        now=unit.now,
    )
    if until := certificate.held_until:
        certificate = _held(unit, certificate, until)
    store.certificates.add(unit, certificate)
    unit.record(issued)
    return v1.IssueDepositCertificateResponse(
        certificate_id=certificate.certificate_id, certificate=_message(certificate)
    )


@rpc
def revoke_deposit_certificate(
    request: v1.RevokeDepositCertificateRequest, unit: Unit
) -> v1.RevokeDepositCertificateResponse:
    """Withdraws a certificate and frees the money."""
    certificate, revoked = store.certificates.load(unit, request.certificate_id).withdrawn()
    if revoked:
        for line in certificate.lines:
            account_store.release_hold(unit, line.account_id, line.hold_id)
        store.certificates.save(unit, certificate)
        unit.record(revoked)
    return v1.RevokeDepositCertificateResponse(certificate=_message(certificate))


@rpc
def verify_deposit_certificate(
    request: v1.VerifyDepositCertificateRequest, view: View
) -> v1.VerifyDepositCertificateResponse:
    """Whether a paper is genuine."""
    found = store.genuine(view, request.number, request.code)
    return v1.VerifyDepositCertificateResponse(
        genuine=found is not None, certificate=_message(found) if found else None
    )


@rpc
def render_deposit_certificate(
    request: v1.RenderDepositCertificateRequest, view: View
) -> v1.RenderDepositCertificateResponse:
    """The certificate as a PDF."""
    certificate = store.certificates.load(view, request.certificate_id)
    return v1.RenderDepositCertificateResponse(content=certificate_document(certificate), content_type=CONTENT_TYPE)


@rpc
def get_deposit_certificate(request: v1.GetDepositCertificateRequest, view: View) -> v1.GetDepositCertificateResponse:
    """One certificate."""
    return v1.GetDepositCertificateResponse(certificate=_message(store.certificates.load(view, request.certificate_id)))


@rpc
def list_deposit_certificates(
    request: v1.ListDepositCertificatesRequest, view: View
) -> v1.ListDepositCertificatesResponse:
    """Certificates page by page."""
    conditions = [store.CERTIFICATE.c.customer_id == request.customer_id] if request.customer_id else []
    found, page = store.certificates.page(view, request.page, *conditions)
    return v1.ListDepositCertificatesResponse(certificates=[_message(each) for each in found], page=page)


def _held(unit: Unit, certificate: DepositCertificate, until: datetime) -> DepositCertificate:
    hold_ids = []
    for line in certificate.lines:
        account = account_store.accounts.load(unit, line.account_id)
        account, placed = account.place_hold(unit.new_id("hold"), line.amount, until, certificate.number, unit.now)
        account_store.accounts.save(unit, account)
        unit.record(placed)
        hold_ids.append(placed.hold_id)
    return certificate.with_holds(hold_ids)


def _message(certificate: DepositCertificate) -> v1.DepositCertificate:
    return message_of(certificate, v1.DepositCertificate)
