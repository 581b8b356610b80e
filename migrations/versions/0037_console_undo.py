"""Acts of the console that can be taken back, canned reasons, and filters of the audit log.

Expand only: the release before knows none of it. The audit log's targets gain a kind.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0037"
down_revision: str | None = "0036"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

squawk_ignores = {
    "prefer-robust-stmts": "an index that was left half made is dropped before",
    "ban-drop-constraint": "another takes its place at once, and allows more",
}

TARGETS = (
    *("user", "lounge", "lounge_request", "post", "comment", "report", "banned_words"),
    *("records", "job", "appeal", "announcement"),
)
URGENCY = "(timezone('UTC'::text, due_at) - gravity::double precision * '04:00:00'::interval)"
INDEXES: dict[str, tuple[str, list[str | sa.TextClause]]] = {
    "audit_log_actor_idx": ("audit_log", ["actor_id", "action", "id"]),
    "audit_log_actor_newest_idx": ("audit_log", ["actor_id", "id"]),
    "audit_log_action_idx": ("audit_log", ["action", "id"]),
    "audit_log_type_idx": ("audit_log", ["target_type", "id"]),
    "reports_case_idx": ("reports", ["case_id", "id"]),
    "report_cases_urgency_idx": (
        "report_cases",
        ["status", sa.text(URGENCY), "id"],
    ),
}
REASONS = (
    ("request", "同じ話題のラウンジがすでにあります。そちらをご利用ください。",
     "There is a lounge on this topic already. Please join us there."),
    ("request", "話題が広すぎるため、もう少し絞って申請してください。",
     "The topic is too broad. Please ask again with a narrower one."),
    ("request", "宣伝や販売を目的とするラウンジは開設できません。",
     "We do not open lounges for advertising or sales."),
    ("content", "特定の人への攻撃や嫌がらせにあたるため。", "It attacks or harasses a person."),
    ("content", "性的または暴力的な内容を含むため。", "It has sexual or violent content."),
    ("content", "宣伝や勧誘にあたるため。", "It is advertising or solicitation."),
    ("content", "個人を特定できる情報を含むため。", "It has information that identifies a person."),
    ("user", "嫌がらせを繰り返したため。", "Repeated harassment."),
    ("user", "宣伝や勧誘を繰り返したため。", "Repeated advertising or solicitation."),
    ("user", "ほかの人になりすましているため。", "Impersonation of another person."),
)  # fmt: skip


def upgrade() -> None:
    # The indexes can be made twice: a migration that had to wait too long for a lock begins again.
    with op.get_context().autocommit_block():
        for name, (table, columns) in INDEXES.items():
            op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)
            op.create_index(name, table, columns, postgresql_concurrently=True)
        _set_targets(*TARGETS, "canned_reasons")
    op.create_table(
        "canned_reasons",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("ja", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "use IN ('request', 'content', 'user')", name=op.f("canned_reasons_use_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("canned_reasons_pkey")),
    )
    op.create_index("canned_reasons_use_idx", "canned_reasons", ["use", "id"])
    reasons = sa.table(
        "canned_reasons", *(sa.column(name, sa.Text()) for name in ("use", "ja", "en"))
    )
    for use, ja, en in REASONS:  # One by one: their ids have the order of the list.
        op.execute(reasons.insert().values(use=use, ja=ja, en=en))
    op.create_table(
        "undoable_acts",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("admin_session_id", sa.Uuid(), nullable=False),
        sa.Column("done", sa.Text(), nullable=False),
        sa.Column("entry_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("notification_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("kept", postgresql.JSONB(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["admin_session_id"],
            ["user_sessions.id"],
            name=op.f("undoable_acts_admin_session_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("undoable_acts_pkey")),
    )
    op.create_index("undoable_acts_session_idx", "undoable_acts", ["admin_session_id", "id"])
    op.create_index(op.f("undoable_acts_until_idx"), "undoable_acts", ["until"])


def downgrade() -> None:
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table_name=table)
    op.drop_table("undoable_acts")
    op.drop_table("canned_reasons")
    op.execute("ALTER TABLE audit_log DISABLE TRIGGER USER")
    op.execute("DELETE FROM audit_log WHERE target_type = 'canned_reasons'")
    op.execute("ALTER TABLE audit_log ENABLE TRIGGER USER")
    _set_targets(*TARGETS)


def _set_targets(*targets: str) -> None:
    """Let the log's targets have these kinds."""
    name = "audit_log_target_type_check"
    listed = ", ".join(f"'{target}'" for target in targets)
    op.execute(f"ALTER TABLE audit_log DROP CONSTRAINT IF EXISTS {name}")
    op.execute(
        f"ALTER TABLE audit_log ADD CONSTRAINT {name} CHECK (target_type IN ({listed})) NOT VALID"
    )
    op.execute(f"ALTER TABLE audit_log VALIDATE CONSTRAINT {name}")
