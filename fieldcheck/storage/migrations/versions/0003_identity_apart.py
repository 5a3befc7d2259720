"""the vault, reveals, the quiz, consent, and when an entry is released.

Revision 0003, after 0002. Names and conflicts that stand in plain tables stay there until `vault.adopt` moves them,
because a migration has no key; tables that are empty go at once.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import fieldcheck.storage.tables

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

_REGISTER_INDEXES = {
    'ix_register_case_region_state_opened': ['region_id', 'state', 'opened_at', 'released_at'],
    'ix_register_case_school_state': ['school_id', 'state', 'severity', 'region_id', 'released_at'],
    'ix_register_case_due': ['state', 'due_at', 'released_at'],
    'ix_register_case_severity': ['severity', 'region_id', 'released_at'],
    'ix_register_case_nature': ['nature', 'region_id', 'released_at'],
}


def upgrade() -> None:
    """Go up."""
    op.create_table('vault_key',
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_vault_key'))
    )
    op.create_table('vault_item',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint("kind in ('identity', 'conflict')", name=op.f('ck_vault_item_kind')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vault_item'))
    )
    with op.batch_alter_table('vault_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_vault_item_person_id'), ['person_id'], unique=False)
    op.create_table('reveal',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_by', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('asked_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
    sa.Column('decided_by', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
    sa.Column('decided_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=True),
    sa.Column('opened_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('asked', 'refused', 'consented', 'opened')", name=op.f('ck_reveal_state')),
    sa.CheckConstraint("decided_by is null or decided_by <> asked_by", name=op.f('ck_reveal_two_people')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_reveal_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reveal'))
    )
    with op.batch_alter_table('reveal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reveal_person_id'), ['person_id'], unique=False)
    op.create_table('quiz_taken',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('digest', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('answers', sa.JSON(), nullable=False),
    sa.Column('right', sa.Integer(), nullable=False),
    sa.Column('asked', sa.Integer(), nullable=False),
    sa.Column('passed', sa.Boolean(), nullable=False),
    sa.Column('taken_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_quiz_taken_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quiz_taken'))
    )
    with op.batch_alter_table('quiz_taken', schema=None) as batch_op:
        batch_op.create_index('ix_quiz_taken_person_passed', ['person_id', 'passed', 'taken_at'], unique=False)
    op.create_table('consent',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('digest', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('language', sqlmodel.sql.sqltypes.AutoString(length=2), nullable=False),
    sa.Column('given_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=False),
    sa.Column('withdrawn_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_consent_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent'))
    )
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.create_index('ix_consent_person_given', ['person_id', 'given_at'], unique=False)
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('conflicts_declared_at', fieldcheck.storage.tables.Moment(timezone=True), nullable=True)
        )
    _release()
    _drop_what_is_empty()


def _release() -> None:
    """What stands in the register was seen already: it stays released, with its half-day."""
    with op.batch_alter_table('register_case', schema=None) as batch_op:
        for name in _REGISTER_INDEXES:
            batch_op.drop_index(name)
        batch_op.add_column(sa.Column('visited_told', sqlmodel.sql.sqltypes.AutoString(length=13), nullable=True))
        for name in ('released_at', 'dated_at'):
            batch_op.add_column(sa.Column(name, fieldcheck.storage.tables.Moment(timezone=True), nullable=True))
    op.execute('update register_case set visited_told = visited_half, released_at = opened_at, dated_at = opened_at')
    with op.batch_alter_table('register_case', schema=None) as batch_op:
        for name in ('visited_told', 'released_at', 'dated_at'):
            batch_op.alter_column(name, nullable=False)
        for name, columns in _REGISTER_INDEXES.items():
            batch_op.create_index(name, columns, unique=False)


def _drop_what_is_empty() -> None:
    for table in ('identity', 'conflict'):
        if op.get_bind().execute(sa.text(f'select 1 from "{table}" limit 1')).first() is None:
            op.drop_table(table)


def downgrade() -> None:
    """A vault is not emptied into the open."""
    raise NotImplementedError("a vault is not emptied into the open; restore a backup instead")
