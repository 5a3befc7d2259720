"""register entries are found by words, through an index.

Revision 0012, after 0011.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from fieldcheck.domain.register import words_of
from fieldcheck.storage.case_search import LEXEMES

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

AT_ONCE = 5000


def upgrade() -> None:
    """Go up; what an entry was found by until now it is found by again."""
    connection = op.get_bind()
    words = op.create_table('case_words',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('words', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['register_case.id'], name=op.f('fk_case_words_case_id_register_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_words')),
    sa.UniqueConstraint('case_id', name=op.f('uq_case_words_case_id'))
    )
    there = connection.execute(sa.text("select id, search_text from register_case order by id")).all()
    for start in range(0, len(there), AT_ONCE):
        rows = there[start : start + AT_ONCE]
        connection.execute(words.insert(), [{"case_id": id_, "words": " ".join(words_of(text))} for id_, text in rows])
    if connection.dialect.name == "sqlite":
        op.execute("create virtual table case_search using fts5("
                   "words, content='case_words', content_rowid='id', prefix='2 3 4', "
                   "tokenize=\"unicode61 remove_diacritics 0\")")
        op.execute("insert into case_search (case_search) values ('rebuild')")
    else:
        op.execute(f"create index ix_case_words_words on case_words using gin ({LEXEMES})")
    op.drop_column('register_case', 'search_text')


def downgrade() -> None:
    """Not taken down."""
    raise NotImplementedError("restore a backup instead")
