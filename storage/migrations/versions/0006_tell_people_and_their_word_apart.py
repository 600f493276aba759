"""Tell people apart under one event id, what a key may do, who has opted out since when, and replays."""

from datetime import UTC, datetime

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0006"
down_revision = "0005"
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
    with op.batch_alter_table("body", schema=None) as batch_op:
        batch_op.add_column(sa.Column("signed", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.add_column(sa.Column("consent", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("consent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("consent_source", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    _fill_consent()


_LEAD = sa.table(
    "lead",
    sa.column("id", sa.Integer),
    sa.column("source", sa.String),
    sa.column("attributes", sa.JSON),
    sa.column("filled", sa.JSON),
    sa.column("first_seen_at", sqlmodel.sql.sqltypes.UTCDateTime()),
    sa.column("consent", sa.String),
    sa.column("consent_at", sqlmodel.sql.sqltypes.UTCDateTime()),
    sa.column("consent_source", sa.String),
)


def _fill_consent() -> None:
    """Who has the attribute `unsubscribed` has opted out, on the day it was told of."""
    connection, done = op.get_bind(), 0
    told = sa.cast(_LEAD.c.attributes, sa.Text).like('%"unsubscribed"%')
    page = sa.select(*list(_LEAD.c)[:5]).where(told).order_by(_LEAD.c.id).limit(1_000)
    while rows := connection.execute(page.where(_LEAD.c.id > done)).all():
        done = rows[-1].id
        out = [_opted_out(row) for row in rows if row.attributes.get("unsubscribed") is True]
        if out:
            connection.execute(_SAY, out)


_SAY = (
    sa.update(_LEAD)
    .where(_LEAD.c.id == sa.bindparam("_id"))
    .values(
        consent="opted_out",
        consent_at=sa.bindparam("_at", type_=sqlmodel.sql.sqltypes.UTCDateTime()),
        consent_source=sa.bindparam("_source"),
    )
)


def _opted_out(row: sa.Row) -> dict[str, object]:
    day = (row.filled or {}).get("attributes.unsubscribed")
    at = datetime.fromisoformat(day).astimezone(UTC) if day else row.first_seen_at
    return {"_id": row.id, "_at": at, "_source": row.source}


def downgrade() -> None:
    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.drop_column("consent_source")
        batch_op.drop_column("consent_at")
        batch_op.drop_column("consent")

    with op.batch_alter_table("body", schema=None) as batch_op:
        batch_op.drop_column("signed")
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
