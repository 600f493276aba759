"""Keep what other systems reported, so that a history can be built from all of it."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stage_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("stage", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("is_dated", sa.Boolean(), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_stage_report_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_report")),
        sa.UniqueConstraint("lead_id", "stage", "at", name=op.f("uq_stage_report_lead_id_stage_at")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("move", schema=None) as batch_op:
        batch_op.add_column(sa.Column("report_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_move_report_id"), ["report_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_move_report_id"), "stage_report", ["report_id"], ["id"])
    _take_over_reports()


def _take_over_reports() -> None:
    """The lines of the history that reports made: until now they alone said what had been reported."""
    op.execute(
        "INSERT INTO stage_report (lead_id, stage, at, is_dated, actor, reason, recorded_at) "
        "SELECT lead_id, new, at, MAX(CASE WHEN at = recorded_at THEN 0 ELSE 1 END) = 1, MIN(actor), '', "
        "MIN(recorded_at) FROM move WHERE reason = 'reported' AND old <> new GROUP BY lead_id, new, at"
    )
    op.execute(
        "UPDATE move SET report_id = (SELECT stage_report.id FROM stage_report WHERE stage_report.lead_id = move.lead_id "
        "AND stage_report.stage = move.new AND stage_report.at = move.at) WHERE reason = 'reported' AND old <> new"
    )


def downgrade() -> None:
    with op.batch_alter_table("move", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_move_report_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_move_report_id"))
        batch_op.drop_column("report_id")
    op.drop_table("stage_report")
