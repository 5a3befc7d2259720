"""An entry's opening is the moment from which the agency sees it: its acceptance would tell when the visit was made.

Revision 0010, after 0009.
"""

from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.execute("update register_case set opened_at = released_at where opened_at < released_at")


def downgrade() -> None:
    """When it was accepted stands with the visit."""
    raise NotImplementedError("an acceptance is not told to the agency again; restore a backup instead")
