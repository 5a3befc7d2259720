"""The chain of custody: tampering is found, and an erased record leaves the chain whole."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldcheck.domain.custody import GENESIS, Link, canonical, commitment, first_break, seal


def a_chain(length: int) -> list[tuple[Link, str]]:
    chain: list[tuple[Link, str]] = []
    prev = GENESIS
    for seq in range(1, length + 1):
        link = Link(seq, f"2026-09-14T05:00:{seq:02}.000+00:00", "V-1", "answer.take", f"{seq:064}", prev)
        prev = seal(link)
        chain.append((link, prev))
    return chain


def test_a_short_salt_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        commitment(b"short", {})


def test_not_a_number_has_no_canonical_form() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical({"x": float("nan")})


def test_the_canonical_form_does_not_depend_on_the_order() -> None:
    assert canonical({"b": 1, "a": "ә"}) == canonical({"a": "ә", "b": 1}) == '{"a":"ә","b":1}'.encode()


def test_the_same_record_under_two_salts_has_two_commitments() -> None:
    record = {"answer": "yes"}

    assert commitment(b"1" * 32, record) != commitment(b"2" * 32, record)
    assert commitment(b"1" * 32, record) == hashlib.sha256(b"1" * 32 + canonical(record)).hexdigest()


def test_an_untouched_chain_holds() -> None:
    assert first_break(a_chain(20)) is None
    assert first_break([]) is None


@given(st.integers(0, 19), st.sampled_from(["seq", "at", "actor", "action", "commitment", "prev"]))
def test_any_altered_field_breaks_the_chain_at_its_entry(index: int, name: str) -> None:
    chain = a_chain(20)
    link, stored = chain[index]
    value = getattr(link, name)
    chain[index] = (replace(link, **{name: value + 1 if isinstance(value, int) else value[:-1] + "#"}), stored)

    assert first_break(chain) == index + 1


def test_a_removed_entry_is_found() -> None:
    chain = a_chain(20)
    del chain[7]

    assert first_break(chain) == 8


def test_an_entry_altered_and_sealed_anew_breaks_at_the_next_one() -> None:
    chain = a_chain(20)
    forged = replace(chain[7][0], actor="V-2")
    chain[7] = (forged, seal(forged))

    assert first_break(chain) == 9
