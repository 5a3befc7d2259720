"""what a phone tells of its holder's safety, who saw to it, and how many faces were covered in a photo.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import fieldcheck.storage.tables

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table('visit_alarm',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('visit_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('region_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
    sa.Column('at', fieldcheck.storage.tables.Moment(timezone=True), nullable=False),
    sa.Column('received_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=False),
    sa.Column('lat', sa.Float(), nullable=True),
    sa.Column('lon', sa.Float(), nullable=True),
    sa.Column('accuracy', sa.Float(), nullable=True),
    sa.Column('age', sa.Float(), nullable=True),
    sa.Column('no_place', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
    sa.Column('body_hash', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.CheckConstraint("kind in ('check_in', 'check_out', 'recognised', 'duress')", name=op.f('ck_visit_alarm_kind')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_visit_alarm_person_id_person')),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_visit_alarm_region_id_region')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_visit_alarm_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_alarm'))
    )
    with op.batch_alter_table('visit_alarm', schema=None) as batch_op:
        batch_op.create_index('ix_visit_alarm_region_kind', ['region_id', 'kind', 'received_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_visit_alarm_visit_id'), ['visit_id'], unique=False)

    op.create_table('follow_up',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('what', sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
    sa.Column('subject', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', fieldcheck.storage.tables.Moment(timezone=True), nullable=False),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("what in ('alarm', 'overdue', 'stopped')", name=op.f('ck_follow_up_what')),
    sa.ForeignKeyConstraint(['by'], ['person.id'], name=op.f('fk_follow_up_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_follow_up'))
    )
    with op.batch_alter_table('follow_up', schema=None) as batch_op:
        batch_op.create_index('ix_follow_up_subject', ['subject', 'what', 'at'], unique=False)

    with op.batch_alter_table('photo', schema=None) as batch_op:
        batch_op.add_column(sa.Column('boxes', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('confirmed', sa.Boolean(), nullable=True))


def downgrade() -> None:
    """What somebody told of her safety is not taken down."""
    raise NotImplementedError("what was told is not taken down; restore a backup instead")
