"""a phone's PIN before the last change, until the new one was used; how far its clock was off when a photo was sent.

Revision 0014, after 0013.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.add_column('device', sa.Column('pin_before', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True))
    op.add_column('photo', sa.Column('clock_gap_s', sa.Integer(), nullable=True))


def downgrade() -> None:
    """Not taken down."""
    raise NotImplementedError("restore a backup instead")
