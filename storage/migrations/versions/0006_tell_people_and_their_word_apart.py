"""Tell people apart under one event id, and what a key may do."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("engagement", schema=None) as batch_op:
        batch_op.drop_constraint("uq_engagement_source_event_id", type_="unique")
        batch_op.create_unique_constraint(
            "uq_engagement_source_event_id_lead_id_kind", ["source", "event_id", "lead_id", "kind"]
        )
    # A key that is there already may go on doing what it could; NULL says so, and that nobody gave it these rights.
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reads", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("any_source", sa.Boolean(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.drop_column("any_source")
        batch_op.drop_column("reads")

    # Of what one id tells of several people or kinds, the older key has room for the first alone.
    op.execute(
        "DELETE FROM engagement WHERE event_id IS NOT NULL AND id NOT IN"
        " (SELECT min(id) FROM engagement WHERE event_id IS NOT NULL GROUP BY source, event_id)"
    )
    with op.batch_alter_table("engagement", schema=None) as batch_op:
        batch_op.drop_constraint("uq_engagement_source_event_id_lead_id_kind", type_="unique")
        batch_op.create_unique_constraint("uq_engagement_source_event_id", ["source", "event_id"])
