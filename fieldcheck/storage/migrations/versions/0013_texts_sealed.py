"""free texts sealed: the words of an answer under a key of its own, wrapped.

Revision 0013, after 0012. What is there already is named in a list of its own; the next start, which has the key, seals it.
"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.add_column('answer', sa.Column('wrapped', sa.LargeBinary(), nullable=True))
    op.add_column('answer', sa.Column('sealed', sa.LargeBinary(), nullable=True))
    plain = "select id from answer where value is not null"
    if op.get_bind().exec_driver_sql(f"{plain} limit 1").first() is not None:
        op.execute(f"create table answer_unsealed as {plain}")


def downgrade() -> None:
    """Keys are not thrown away."""
    raise NotImplementedError("a text's key is not thrown away; restore a backup instead")
