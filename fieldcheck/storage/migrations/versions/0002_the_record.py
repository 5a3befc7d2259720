"""heads that are signed, erasures by order, holds, and the auditor's and the custodian's roles.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import fieldcheck.storage.tables

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_person_role'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_person_region_needed'), type_='check')
        batch_op.create_check_constraint(
            batch_op.f('ck_person_role'),
            "role in ('volunteer', 'coordinator', 'reviewer', 'administrator', 'auditor', 'custodian')",
        )
        batch_op.create_check_constraint(
            batch_op.f('ck_person_region_needed'), "region_id is not null or role not in ('volunteer', 'coordinator')"
        )
    with op.batch_alter_table('photo', schema=None) as batch_op:
        batch_op.add_column(sa.Column('erased_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=True))

    op.create_table('record_head',
    sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('key_id', sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
    sa.Column('hash', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('signature', sqlmodel.sql.sqltypes.AutoString(length=128), nullable=False),
    sa.ForeignKeyConstraint(['seq'], ['record_entry.seq'], name=op.f('fk_record_head_seq_record_entry')),
    sa.PrimaryKeyConstraint('seq', 'key_id', name=op.f('pk_record_head'))
    )
    op.create_table('erasure',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
    sa.Column('target', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_by', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('asked_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
    sa.Column('decided_by', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
    sa.Column('decided_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=True),
    sa.Column('record_seq', sa.Integer(), nullable=True),
    sa.CheckConstraint("kind in ('photo', 'photos', 'person', 'visit')", name=op.f('ck_erasure_kind')),
    sa.CheckConstraint("state in ('asked', 'refused', 'consented', 'done')", name=op.f('ck_erasure_state')),
    sa.CheckConstraint("decided_by is null or decided_by <> asked_by", name=op.f('ck_erasure_two_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasure'))
    )
    with op.batch_alter_table('erasure', schema=None) as batch_op:
        batch_op.create_index('ix_erasure_target', ['target', 'kind', 'state'], unique=False)

    op.create_table('legal_hold',
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('held_by', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('held_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['register_case.id'], name=op.f('fk_legal_hold_case_id_register_case')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_legal_hold'))
    )


def downgrade() -> None:
    """A record that was once kept is not taken down."""
    raise NotImplementedError("a record that was once kept is not taken down; restore a backup instead")
