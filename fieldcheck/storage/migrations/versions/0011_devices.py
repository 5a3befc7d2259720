"""a volunteer's phone, apart from the session on it.

Revision 0011, after 0010. Whoever is signed in on a phone now keeps that session to its end, and the phone is listed;
what it sends is taken under the same cookie for as long.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import fieldcheck.storage.tables

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

PHONES = """insert into device (id, person_id, cookie_hash, created_at, expires_at, seen_day, wrong)
    select signed_in.id, person_id, cookie_hash, signed_in.created_at, expires_at, substr({day}, 1, 10), 0
    from signed_in join person on person.id = person_id where person.role = 'volunteer' and revoked_at is null"""


def upgrade() -> None:
    """Go up; who is signed in stays signed in."""
    text, moment = sqlmodel.sql.sqltypes.AutoString, fieldcheck.storage.tables.Moment
    op.create_table('device',
    sa.Column('id', text(length=40), nullable=False),
    sa.Column('person_id', text(), nullable=False),
    sa.Column('cookie_hash', text(length=64), nullable=False),
    sa.Column('created_at', moment(timezone=True), nullable=False),
    sa.Column('expires_at', moment(timezone=True), nullable=False),
    sa.Column('seen_day', text(length=10), nullable=False),
    sa.Column('pin', text(length=200), nullable=True),
    sa.Column('wrong', sa.Integer(), nullable=False),
    sa.Column('locked_at', moment(timezone=True), nullable=True),
    sa.Column('ended_at', moment(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_device_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_device')),
    sa.UniqueConstraint('cookie_hash', name=op.f('uq_device_cookie_hash'))
    )
    with op.batch_alter_table('device', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_device_person_id'), ['person_id'], unique=False)
    with op.batch_alter_table('signed_in', schema=None) as batch_op:
        batch_op.add_column(sa.Column('device_id', text(), nullable=True))
        batch_op.create_index(batch_op.f('ix_signed_in_device_id'), ['device_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_signed_in_device_id_device'), 'device', ['device_id'], ['id'])
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(PHONES.format(day="signed_in.seen_at" if sqlite else "cast(signed_in.seen_at as varchar)"))
    op.execute("update signed_in set device_id = id where id in (select id from device)")


def downgrade() -> None:
    """Not taken down."""
    raise NotImplementedError("restore a backup instead")
