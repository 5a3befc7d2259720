"""What a password must be: long, and not what anybody would try first. Of which letters is its owner's affair."""

from collections.abc import Iterable

SHORTEST, LONGEST = 12, 200
# What whoever guesses begins with, here and in these languages; a password made of nothing else is refused.
_OBVIOUS = (
    "qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "qazwsxedc", "1q2w3e4r5t",
    "1qaz2wsx", "password", "passw0rd", "пароль", "құпиясөз", "кұпиясөз", "welcome", "letmein", "admin",
    "administrator", "coordinator", "reviewer", "координатор", "проверяющий", "администратор", "үйлестіруші", "login",
    "secret", "iloveyou", "monkey", "dragon", "football", "sunshine", "princess", "changeme", "default", "notes",
    "kazakhstan", "казахстан", "қазақстан", "qazaqstan", "almaty", "алматы", "astana", "астана", "школа", "мектеп",
    "school", "inspection", "inspector", "проверка", "инспектор", "тексеру", "fieldcheck", "абай", "привет", "сәлем",
    "любовь", "махаббат", "samsung", "iphone",
)  # fmt: skip
_SEQUENCES = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "абвгдеёжзийклмнопрст")


def fault(password: str, owners: Iterable[str] = ()) -> str | None:
    """Say what is wrong with a password as a code, None when nothing is; *owners* are the words that name its owner."""
    if len(password) < SHORTEST:
        return "password.short"
    if len(password) > LONGEST:
        return "password.long"
    plain = password.casefold()
    if len(set(plain)) < 5:
        return "password.plain"
    rest = _without(plain, (*_OBVIOUS, *_owned(owners)))
    if sum(letter.isalpha() for letter in rest) < 4 and len(set(rest)) < 7:
        return "password.plain"
    return "password.plain" if any(_letters(plain) in line for line in _SEQUENCES) else None


def _owned(owners: Iterable[str]) -> list[str]:
    parts = [part for owner in owners for part in (owner, *owner.replace("-", " ").split())]
    return [part.casefold() for part in parts if len(part) > 2]


def _without(text: str, words: Iterable[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return text


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())
