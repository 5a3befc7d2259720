"""a signed-in device by an id that may be shown: how, on what, and after how long unseen it ends.

Revision 0005, after 0004.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up; who is signed in stays signed in."""
    text = sqlmodel.sql.sqltypes.AutoString
    with op.batch_alter_table('signed_in', schema=None) as batch_op:
        batch_op.add_column(sa.Column('id', text(length=40), nullable=True))
        batch_op.add_column(sa.Column('how', text(length=10), nullable=False, server_default='link'))
        batch_op.add_column(sa.Column('device', text(length=10), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('idle_seconds', sa.Integer(), nullable=False, server_default='0'))
    op.execute("update signed_in set id = substr(cookie_hash, 1, 32)")
    with op.batch_alter_table('signed_in', schema=None) as batch_op:
        batch_op.alter_column('id', existing_type=text(length=40), nullable=False)
        batch_op.alter_column('how', existing_type=text(length=10), server_default=None)
        batch_op.alter_column('device', existing_type=text(length=10), server_default=None)
        batch_op.alter_column('idle_seconds', existing_type=sa.Integer(), server_default=None)
        batch_op.create_unique_constraint(batch_op.f('uq_signed_in_id'), ['id'])


def downgrade() -> None:
    """Not taken down."""
    raise NotImplementedError("restore a backup instead")
