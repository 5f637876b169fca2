"""How collection agreements rest: one row each, with what was collected under it."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Index, MetaData, Table, bindparam

from zhongtai.operations.collection_agreement.domain import (
    CollectionAgreement,
    CollectionAgreementMustBeOnlyOne,
    CollectionAgreementNotFound,
    CollectionAgreementStatus,
)
from zhongtai.runtime.store import Records, day, money, text
from zhongtai.runtime.unit import View

metadata = MetaData()
COLLECTION_AGREEMENT = Table(
    "collection_agreement",
    metadata,
    text("collection_agreement_id", primary_key=True),
    text("customer_id", index=True),
    text("debtor_account_id"),
    text("creditor_account_id"),
    text("purpose"),
    *money("up_to"),
    *money("per_month", nullable=True),
    day("ends_on"),
    text("status"),
    day("collected_on", nullable=True),
    *money("collected"),
    Index("ix_collection_agreement_parties", "creditor_account_id", "debtor_account_id"),
)
agreements = Records(COLLECTION_AGREEMENT, CollectionAgreement, missing=CollectionAgreementNotFound)
_C = COLLECTION_AGREEMENT.c
_BETWEEN = agreements.query(
    _C.creditor_account_id == bindparam("creditor"),
    _C.debtor_account_id == bindparam("debtor"),
    _C.status == CollectionAgreementStatus.ACTIVE.value,
)


def must_be_only_one(view: View, wanted: CollectionAgreement) -> None:
    """Refuses a second agreement between two accounts while one is in force."""
    for one in _BETWEEN(view, creditor=wanted.creditor_account_id, debtor=wanted.debtor_account_id):
        if one.stands(view.business_date):
            raise CollectionAgreementMustBeOnlyOne(collection_agreement_id=one.collection_agreement_id)


def in_force(view: View, creditor_account_id: str, debtors: Iterable[str]) -> dict[str, CollectionAgreement]:
    """The agreements in force with one creditor, by the account that pays: one query for many of them."""
    found = agreements.where(
        view,
        _C.creditor_account_id == creditor_account_id,
        _C.debtor_account_id.in_(sorted(debtors)),
        _C.status == CollectionAgreementStatus.ACTIVE.value,
    )
    return {one.debtor_account_id: one for one in found if one.stands(view.business_date)}


def about(customer_id: str, creditor_account_id: str) -> list[ColumnElement[bool]]:
    """The conditions on agreements of a payer, with a creditor; empty texts ask nothing."""
    wanted = [(_C.customer_id, customer_id), (_C.creditor_account_id, creditor_account_id)]
    return [column == sought for column, sought in wanted if sought]
