"""The verifier finds every way of bending the record that can be found; what it cannot find needs an anchor."""

import json
import random
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fieldcheck import verifier
from fieldcheck.domain import custody
from fieldcheck.verifier import verify
from tests.record.chains import WAYS, Entry, a_chain, a_head, committed, sealed_anew, tampered, write_export

TRIES = 200
LENGTH = 40
#: As security.md says: only somebody outside can tell that an end was cut off or written anew.
UNSEEN_ALONE = {"truncate the tail", "rewrite the tail"}


def caught(way: str) -> tuple[int, int]:
    """Bend as many chains as are tried: how many were caught by the chain alone, and with an anchor from outside."""
    alone = anchored = 0
    for seed in range(TRIES):
        chance = random.Random(f"{way}-{seed}")
        key = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        chain = a_chain(chance, LENGTH)
        anchor = a_head(chain, LENGTH, key)
        bent = tampered(chain, way, chance)
        alone += not verify(bent, key=key.public_key()).holds
        anchored += not verify(bent, anchors=[("mail", anchor)], key=key.public_key()).holds
    return alone, anchored


def table() -> str:
    """The table of what is caught, for whoever asks: python -m tests.record.test_verifier."""
    rows = [f"{'way':24} {'tried':>6} {'alone':>6} {'with an anchor':>15}"]
    for way in WAYS:
        alone, anchored = caught(way)
        rows.append(f"{way:24} {TRIES:6} {alone:6} {anchored:15}")
    return "\n".join(rows)


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_bending_is_caught_as_often_as_it_can_be(way: str) -> None:
    alone, anchored = caught(way)

    assert anchored == TRIES
    assert alone == (0 if way in UNSEEN_ALONE else TRIES)


def test_an_untouched_chain_holds_and_meets_its_anchor() -> None:
    key = Ed25519PrivateKey.generate()
    for seed in range(TRIES):
        chain = a_chain(random.Random(seed), LENGTH)

        report = verify(chain, [a_head(chain, 20, key)], [("mail", a_head(chain, 30, key))], key.public_key())

        assert report.holds
        assert (report.rows, report.heads, report.anchors_met) == (LENGTH, 1, 1)


def test_the_verifier_hashes_and_signs_as_the_house_does() -> None:
    entry = a_chain(random.Random(1), 3)[2]
    link = custody.Link(*(entry[name] for name in verifier.SEALED))
    body = {"ә": 1.5, "a": None, "z": ["x", True]}

    assert custody.seal(link) == verifier.seal(entry) == entry["hash"]
    assert custody.canonical(body) == verifier.canonical(body)
    assert custody.commitment(b"s" * 32, body) == committed({}, b"s" * 32, body)["commitment"]
    assert custody.head_message(1, "h", "t", "k") == verifier.head_message(1, "h", "t", "k")


def test_words_that_are_gone_without_an_order_are_not_accepted() -> None:
    chain = a_chain(random.Random(2), 10)
    del chain[3]["salt"], chain[3]["body"]

    report = verify(chain)

    assert not report.holds
    assert report.bodies_lost == [4]


def test_words_that_are_gone_by_order_are_counted_and_accepted() -> None:
    chain = a_chain(random.Random(3), 10)
    chain[9]["action"] = verifier.ERASED
    chain[9] = committed(chain[9], b"s" * 32, {"seqs": [4, 5], "photos": []})
    sealed_anew(chain, 9)
    for index in (3, 4):
        del chain[index]["salt"], chain[index]["body"]

    report = verify(chain)

    assert report.holds
    assert report.erased == [4, 5]


def test_an_order_that_does_not_keep_its_commitment_excuses_nothing() -> None:
    chain = a_chain(random.Random(3), 10)
    chain[9]["action"] = verifier.ERASED
    chain[9]["body"] = {"seqs": [4], "photos": []}
    sealed_anew(chain, 9)
    del chain[3]["salt"], chain[3]["body"]

    assert verify(chain).bodies_lost == [4]


@pytest.mark.parametrize(
    ("action", "body"),
    [
        (verifier.TAKEN, {"subject": "x"}),
        (verifier.SEALED_LATER, {"stored": "x"}),
        (verifier.ERASED, {"seqs": [1]}),
        (verifier.ERASED, {"seqs": 1, "photos": []}),
        (verifier.ERASED, {"seqs": [[]], "photos": []}),
        (verifier.ERASED, ["no words at all"]),
    ],
)
def test_a_forged_entry_that_says_what_the_house_never_says_is_told_and_stops_nothing(action: str, body: Any) -> None:
    """Whoever forges an entry of a photo or an order may leave out what it must say: that is tampering, no crash."""
    chain = a_chain(random.Random(8), 10)
    chain[4] = committed({**chain[4], "action": action}, b"s" * 32, body)
    sealed_anew(chain, 4)

    report = verify(chain)

    assert (report.rows, report.bodies_altered) == (10, [5])
    assert not report.holds


def test_a_head_signed_by_somebody_else_is_bad_and_so_is_his_anchor() -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    chain = a_chain(random.Random(4), 10)
    forged = {**a_head(chain, 5, other), "key_id": verifier.key_id_of(key.public_key())}

    report = verify(chain, [forged], [("mail", forged)], key.public_key())

    assert (report.heads_bad, report.anchors_forged, report.anchors_met) == ([5], ["mail"], 0)
    assert not report.holds


def test_heads_that_stayed_behind_betray_a_cut_tail() -> None:
    chain = a_chain(random.Random(5), 10)
    head = a_head(chain, 10, Ed25519PrivateKey.generate())

    assert verify(chain[:8], [head]).cut == 10


# --- as a program of its own


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """The verifier's one file, far from the house."""
    return Path(shutil.copy(Path(verifier.__file__), tmp_path / "verifier.py"))


def run(program: Path, *said: object) -> tuple[int, str]:
    """Run it isolated: no environment, no folder of ours on the path, and fieldcheck out of reach."""
    script = (
        "import runpy, sys\n"
        "class Nobody:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('fieldcheck', 'sqlmodel', 'sqlalchemy', 'streamlit', 'sqlite3'):\n"
        "            raise ImportError('not ours: ' + name)\n"
        "sys.meta_path.insert(0, Nobody())\n"
        "sys.argv = sys.argv[1:]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, program, *map(str, said)],
        cwd=program.parent,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@dataclass(frozen=True)
class Papers:
    """What somebody who verifies has in hand."""

    export: Path
    pub: Path
    anchor: Path
    chain: list[Entry]

    @property
    def said(self) -> list[object]:
        return [self.export, "--pub", self.pub, "--anchor", self.anchor]


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    """An export, its public key and an anchor, as files."""
    key = Ed25519PrivateKey.generate()
    chain = a_chain(random.Random(6), LENGTH)
    export, pub, anchor = tmp_path / "e.zip", tmp_path / "pub", tmp_path / "anchor.json"
    write_export(export, chain, [a_head(chain, 30, key)])
    pub.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    anchor.write_bytes(verifier.canonical(a_head(chain, LENGTH, key)) + b"\n")
    return Papers(export, pub, anchor, chain)


def test_a_whole_export_is_verified_by_one_file_that_imports_nothing_of_ours(alone: Path, papers: Papers) -> None:
    code, said = run(alone, *papers.said)

    assert code == 0, said
    assert "anchors met         1 of 1" in said
    assert "The record holds." in said


@pytest.mark.parametrize("way", WAYS)
def test_a_bent_export_ends_with_one(alone: Path, papers: Papers, way: str) -> None:
    write_export(papers.export, tampered(papers.chain, way, random.Random(7)), [])

    code, said = run(alone, *papers.said)

    assert code == 1, said
    assert "TAMPERED" in said


def test_a_letter_with_the_head_on_a_line_of_its_own_is_an_anchor_too(papers: Papers, tmp_path: Path) -> None:
    anchor, letter = papers.anchor, tmp_path / "letter.txt"
    letter.write_text(f"Good day,\n\n{anchor.read_text()}\nKeep this.\n")

    assert verifier.read_anchor(letter)[1] == verifier.read_anchor(anchor)[1]


@pytest.mark.parametrize("spoil", ["export", "half", "key", "anchor", "photos", "none"])
def test_what_cannot_be_read_ends_with_two(alone: Path, papers: Papers, spoil: str) -> None:
    said, export = papers.said, papers.export
    if spoil == "export":
        export.write_bytes(b"no zip")
    elif spoil == "half":
        export.write_bytes(export.read_bytes()[:-1024])
    elif spoil == "key":
        papers.pub.write_text("no key")
    elif spoil == "anchor":
        papers.anchor.write_text("nothing here")
    elif spoil == "photos":
        said += ["--photos", alone.parent / "nowhere"]
    else:
        with zipfile.ZipFile(export, "w") as archive:
            archive.writestr("record.jsonl", json.dumps({"seq": 1, "body": papers.chain[0]["body"]}))

    code, told = run(alone, *said)

    assert code == 2, told


def test_photos_are_missed_and_damage_is_found(tmp_path: Path) -> None:
    report = verifier.Report(named={"a" * 64, "b" * 64}, destroyed={"c" * 64})
    (tmp_path / ("b" * 64)).write_bytes(b"another thing")
    (tmp_path / ("c" * 64)).write_bytes(b"should be gone")

    verifier.look_at_photos(report, [{"sha256": "c" * 64}], tmp_path)

    assert report.photos_missing == ["a" * 64]
    assert report.photos_damaged == ["b" * 64]
    assert report.photos_undead == ["c" * 64]
    assert not replace(report, photos_missing=[], photos_damaged=[]).holds


if __name__ == "__main__":
    print(table())
