"""Accounts of an earlier release come through the upgrade with what stops them named."""

from importlib import import_module

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, create_engine, text

ACCOUNT = """
INSERT INTO account (account_id, customer_id, account_class, product, account_code, side, currency_code, status, holds,
                     book, dimensions)
VALUES (:account_id, 'cus_1', 'CUSTOMER', 'demand_deposit', '2011', 'CREDIT', 'CNY', :status, '[]', 'general', '{}')
"""
FREEZE = """
INSERT INTO account_freeze (freeze_id, account_id, kind, authority, document, amount_minor, amount_currency, reason,
                            frozen_on, ends_on, renewals, deducted_minor, deducted_currency, status)
VALUES (:freeze_id, :account_id, 'JUDICIAL', '', '', :minor, :currency, '', '2026-01-01', '2027-01-01', 0, 0, 'CNY',
        :status)
"""


def upgraded(connection: Connection, *revisions: str) -> None:
    with Operations.context(MigrationContext.configure(connection)):
        for revision in revisions:
            import_module(f"zhongtai.operations.migrations.{revision}").upgrade()


def test_a_frozen_account_is_stopped_by_its_freezes_of_the_whole_or_by_the_bank() -> None:
    with create_engine("sqlite://").begin() as connection:
        upgraded(connection, "account_0001", "account_0002", "account_freeze_0001")
        for account_id, status in (("acc_1", "ACTIVE"), ("acc_2", "FROZEN"), ("acc_3", "FROZEN"), ("acc_4", "CLOSED")):
            connection.execute(text(ACCOUNT), {"account_id": account_id, "status": status})
        for freeze_id, minor, status in (
            ("frz_1", None, "STANDING"),
            ("frz_2", 5, "STANDING"),
            ("frz_3", None, "LIFTED"),
        ):
            given = {"freeze_id": freeze_id, "account_id": "acc_3", "minor": minor, "status": status}
            connection.execute(text(FREEZE), given | {"currency": "CNY" if minor else None})
        upgraded(connection, "account_0003")
        stops = connection.execute(text("SELECT account_id, stops FROM account ORDER BY account_id")).all()
    assert [tuple(row) for row in stops] == [
        ("acc_1", "[]"),
        ("acc_2", '["bank"]'),
        ("acc_3", '["frz_1"]'),
        ("acc_4", "[]"),
    ]
