"""passwords, second factors, recovery codes, and identities at a provider.

Revision 0009, after 0008.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import fieldcheck.storage.tables

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    text, moment = sqlmodel.sql.sqltypes.AutoString, fieldcheck.storage.tables.Moment
    op.create_table('credential',
    sa.Column('person_id', text(), nullable=False),
    sa.Column('password', text(), nullable=False),
    sa.Column('password_at', moment(timezone=True), nullable=True),
    sa.Column('factor', sa.LargeBinary(), nullable=True),
    sa.Column('factor_at', moment(timezone=True), nullable=True),
    sa.Column('factor_step', sa.Integer(), nullable=False),
    sa.Column('pending', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_credential_person_id_person')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_credential'))
    )
    op.create_table('recovery_code',
    sa.Column('hash', text(length=64), nullable=False),
    sa.Column('person_id', text(), nullable=False),
    sa.Column('made_at', moment(timezone=True), nullable=False),
    sa.Column('used_at', moment(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_recovery_code_person_id_person')),
    sa.PrimaryKeyConstraint('hash', name=op.f('pk_recovery_code'))
    )
    with op.batch_alter_table('recovery_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recovery_code_person_id'), ['person_id'], unique=False)
    op.create_table('open_identity',
    sa.Column('issuer', text(length=300), nullable=False),
    sa.Column('subject', text(length=255), nullable=False),
    sa.Column('person_id', text(), nullable=False),
    sa.Column('added_at', moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_open_identity_person_id_person')),
    sa.PrimaryKeyConstraint('issuer', 'subject', name=op.f('pk_open_identity')),
    sa.UniqueConstraint('person_id', name=op.f('uq_open_identity_person_id'))
    )


def downgrade() -> None:
    """Not taken down."""
    raise NotImplementedError("restore a backup instead")
