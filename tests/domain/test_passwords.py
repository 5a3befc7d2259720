"""What a password must be."""

import pytest

from fieldcheck.domain.passwords import LONGEST, fault


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "password.short"),
        ("Tr0ub4dor&3", "password.short"),
        ("a" * 201, "password.long"),
        ("aaaaaaaaaaaaaa", "password.plain"),
        ("abababababab", "password.plain"),
        ("123456789012", "password.plain"),
        ("password1234", "password.plain"),
        ("Password2026!", "password.plain"),
        ("qwertyuiop123", "password.plain"),
        ("йцукенгшщзхъ", "password.plain"),
        ("пароль123456", "password.plain"),
        ("құпиясөз2026", "password.plain"),
        ("C-104C-104C-104", "password.plain"),
        ("coordinator104", "password.plain"),
        ("AlicePetrova1", "password.plain"),
        ("administrator!", "password.plain"),
    ],
)
def test_what_would_be_guessed_first_is_refused(password: str, why: str) -> None:
    assert fault(password, ("C-104", "Alice Petrova", "coordinator")) == why


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "синий чайник на крыше", "тауда жаңбыр жауды", "hT7#kq0!vZ2m", "xab1!" * 40],
)
def test_what_nobody_would_try_is_taken(password: str) -> None:
    assert len(password) <= LONGEST
    assert fault(password, ("C-104", "Alice Petrova", "")) is None
