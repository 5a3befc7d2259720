"""what a volunteer says of why she stopped, sealed like her other words.

Revision 0016, after 0015. What is there already is sealed at the next start, which has the key.
"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.add_column('visit', sa.Column('note_sealed', sa.LargeBinary(), nullable=True))
    op.add_column('visit', sa.Column('note_wrapped', sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Keys are not thrown away."""
    raise NotImplementedError("a text's key is not thrown away; restore a backup instead")
