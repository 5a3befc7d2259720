"""what photos look like, and which of them look like one picture.

Revision 0015, after 0014. Photos from before are looked at by the server as it goes.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        'photo_look',
        sa.Column('seq', sa.Integer(), nullable=False),
        sa.Column('photo_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('look', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(['photo_id'], ['photo.id'], name=op.f('fk_photo_look_photo_id_photo')),
        sa.PrimaryKeyConstraint('seq', name=op.f('pk_photo_look')),
        sa.UniqueConstraint('photo_id', name=op.f('uq_photo_look_photo_id')),
    )
    op.create_table(
        'photo_likeness',
        sa.Column('photo_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('other_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('percent', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['other_id'], ['photo.id'], name=op.f('fk_photo_likeness_other_id_photo')),
        sa.ForeignKeyConstraint(['photo_id'], ['photo.id'], name=op.f('fk_photo_likeness_photo_id_photo')),
        sa.PrimaryKeyConstraint('photo_id', 'other_id', name=op.f('pk_photo_likeness')),
    )
    op.create_index(op.f('ix_photo_likeness_other_id'), 'photo_likeness', ['other_id'])


def downgrade() -> None:
    """Go down."""
    op.drop_table('photo_likeness')
    op.drop_table('photo_look')
