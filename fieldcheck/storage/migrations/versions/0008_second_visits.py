"""second visits that the register asks for after an answer.

Revision 0008, after 0007.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import fieldcheck.storage.tables

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table('revisit',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('school_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('region_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('checklist_id', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('opens_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=False),
    sa.Column('closes_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=False),
    sa.Column('asked_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=False),
    sa.Column('dropped_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=True),
    sa.Column('visit_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('seen', sqlmodel.sql.sqltypes.AutoString(length=8), nullable=True),
    sa.Column('told_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=True),
    sa.CheckConstraint("seen in ('gone', 'again', 'unclear')", name=op.f('ck_revisit_seen')),
    sa.ForeignKeyConstraint(['case_id'], ['register_case.id'], name=op.f('fk_revisit_case_id_register_case')),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_revisit_region_id_region')),
    sa.ForeignKeyConstraint(['school_id'], ['school.id'], name=op.f('fk_revisit_school_id_school')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_revisit_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_revisit'))
    )
    with op.batch_alter_table('revisit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_revisit_case_id'), ['case_id'], unique=False)
        batch_op.create_index('ix_revisit_region_closes', ['region_id', 'closes_at'], unique=False)
        batch_op.create_index('ix_revisit_school', ['school_id', 'checklist_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_revisit_visit_id'), ['visit_id'], unique=False)


def downgrade() -> None:
    """Go down."""
    op.drop_table('revisit')
