"""tries at a door, counted for all processes together.

Revision 0006, after 0005.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import fieldcheck.storage.tables

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table('tries',
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('last_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=False),
    sa.Column('locked_until', fieldcheck.storage.tables.Moment(timezone=True), nullable=True),
    sa.Column('forget_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_tries'))
    )
    with op.batch_alter_table('tries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tries_forget_at'), ['forget_at'], unique=False)


def downgrade() -> None:
    """Not taken down."""
    raise NotImplementedError("restore a backup instead")
