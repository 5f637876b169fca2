"""What stops an account from paying is named: the bank's own freeze, each freeze of the whole."""

import json
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "account_0003"
down_revision = "account_0002"
branch_labels = None


def upgrade() -> None:
    """Keeps every account; a frozen one is stopped by its freezes of the whole, or else by the bank."""
    op.add_column("account", sa.Column("stops", sa.Text(), nullable=False, server_default="[]"))
    held = op.get_bind()
    whole: dict[str, list[str]] = defaultdict(list)
    if sa.inspect(held).has_table("account_freeze"):
        chosen = "SELECT account_id, freeze_id FROM account_freeze WHERE status = 'STANDING' AND amount_minor IS NULL"
        for account_id, freeze_id in held.execute(sa.text(f"{chosen} ORDER BY freeze_id")):
            whole[account_id].append(freeze_id)
    frozen = held.execute(sa.text("SELECT account_id FROM account WHERE status = 'FROZEN'")).scalars().all()
    for account_id in frozen:
        stops = json.dumps(whole[account_id] or ["bank"], separators=(",", ":"))
        held.execute(
            sa.text("UPDATE account SET stops = :stops WHERE account_id = :account_id"),
            {"stops": stops, "account_id": account_id},
        )
    with op.batch_alter_table("account") as table:
        table.alter_column("stops", existing_type=sa.Text(), existing_nullable=False, server_default=None)
