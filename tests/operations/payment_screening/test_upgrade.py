"""Orders that waited for a screening by hand before go on waiting for their work order after the upgrade."""

from importlib import import_module

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, text

TEXTS = (
    *("initiating_party", "customer_id", "debtor_account_id", "creditor_account_id", "rail", "amount_currency"),
    *("requested_execution_date", "purpose_code", "remittance_information", "instruction_id", "uetr"),
    *("execution_date", "reason_code", "duplicate_of", "payment_id", "created_at"),
)


def test_whoever_waited_for_people_still_does() -> None:
    with create_engine("sqlite://").connect() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            import_module("zhongtai.operations.migrations.payment_order_0001").upgrade()
            for order_id, status in (("po_1", "ACTC"), ("po_2", "ACSC")):
                values = ", ".join("'x'" for _ in TEXTS)
                connection.execute(
                    text(
                        f"INSERT INTO payment_order (payment_order_id, end_to_end_id, status, amount_minor, "
                        f"{', '.join(TEXTS)}) VALUES ('{order_id}', '{order_id}', '{status}', 1, {values})"
                    )
                )
            for revision in ("payment_screening_0001", "payment_order_0002"):
                import_module(f"zhongtai.operations.migrations.{revision}").upgrade()
        kept = connection.execute(text("SELECT screening_id, payment_order_id, state FROM payment_screening")).all()
        orders = connection.execute(text("SELECT payment_order_id, screening_id, placed_by FROM payment_order")).all()
    assert [tuple(row) for row in kept] == [("scr_po_1", "po_1", "HELD")]
    assert [tuple(row) for row in orders] == [("po_1", "scr_po_1", ""), ("po_2", "", "")]
