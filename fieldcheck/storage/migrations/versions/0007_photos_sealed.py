"""photos sealed: the name and size of the sealed bytes, and the photo's own key, wrapped.

Revision 0007, after 0006. What is there stays as it lies, and is read as before; `fieldcheck seal` seals it.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    with op.batch_alter_table('photo', schema=None) as batch_op:
        batch_op.add_column(sa.Column('stored', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True))
        batch_op.add_column(sa.Column('stored_size', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('wrapped', sa.LargeBinary(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f('uq_photo_stored'), ['stored'])


def downgrade() -> None:
    """Keys are not thrown away."""
    raise NotImplementedError("a photo's key is not thrown away; restore a backup instead")
