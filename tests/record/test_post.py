"""Heads leave the house as letters and as hashes to be stamped; nothing else does, and a failure is said."""

import shutil
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from fieldcheck import archive, cli, post, verifier
from fieldcheck.domain.errors import Busy
from fieldcheck.settings import BadSettings, Settings, read_settings
from fieldcheck.usecases import people
from tests.story import NOW

CONFIG = """
[req]
distinguished_name = dn
x509_extensions = tsa
prompt = no
[dn]
CN = A stamp of somebody outside
[tsa]
extendedKeyUsage = critical, timeStamping
keyUsage = critical, digitalSignature
basicConstraints = CA:false
[ts]
default_tsa = one
[one]
serial = ./serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
"""


class MailRoom(socketserver.StreamRequestHandler):
    """As much of SMTP as one letter needs."""

    letters: list[tuple[str, bytes]]

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        to = ""
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"RCPT":
                to = line.decode().split("<")[1].split(">")[0]
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                body = b""
                while (one := self.rfile.readline()) != b".\r\n":
                    body += one
                self.letters.append((to, body))
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


@pytest.fixture
def mail(settings: Settings) -> Iterator[tuple[Settings, list[tuple[str, bytes]]]]:
    """An installation that sends its heads to two people, and what they got."""
    letters: list[tuple[str, bytes]] = []
    room = type("Room", (MailRoom,), {"letters": letters})
    with socketserver.TCPServer(("127.0.0.1", 0), room) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"smtp://127.0.0.1:{server.server_address[1]}"
        yield replace(settings, smtp_url=url, anchor_to=("one@example.org", "two@example.org")), letters
        server.shutdown()
        thread.join()


def begun(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    from fieldcheck.usecases import health

    health.prepare(settings)
    people.found(settings, "Dana", "en", NOW)
    monkeypatch.setattr(archive, "read_settings", lambda: settings)
    monkeypatch.setenv("LC_ALL", "C")
    return settings


def test_nothing_is_sent_where_nobody_said_to_whom(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begun(settings, monkeypatch)
    monkeypatch.setattr(post, "send", lambda *_: pytest.fail("a letter"))
    monkeypatch.setattr(post, "stamp", lambda *_: pytest.fail("a hash"))

    assert cli.main(["anchor"]) == 0
    assert '"signature"' in capsys.readouterr().out


def test_a_mail_server_that_is_not_there_is_told_and_the_head_is_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begun(replace(settings, smtp_url="smtp://127.0.0.1:1", anchor_to=("one@example.org",)), monkeypatch)

    assert cli.main(["anchor"]) == 2
    assert "FIELDCHECK_SMTP_URL" in capsys.readouterr().err
    assert len(list(settings.anchors.glob("*.json"))) == 1


def test_a_password_is_never_sent_in_the_clear(mail: tuple[Settings, list[tuple[str, bytes]]], tmp_path: Path) -> None:
    settings, letters = mail
    with_password = replace(settings, smtp_url=settings.smtp_url.replace("//", "//user:secret@"))
    (tmp_path / "head.json").write_text("{}")

    with pytest.raises(Busy, match=r"anchor\.not_sent"):
        post.send(with_password, "s", "t", tmp_path / "head.json")
    assert letters == []


def test_each_gets_a_letter_of_his_own_that_is_an_anchor(
    mail: tuple[Settings, list[tuple[str, bytes]]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings, letters = mail
    begun(settings, monkeypatch)

    code = cli.main(["anchor"])

    parts = list(message_from_bytes(letters[0][1]).walk())
    attached = tmp_path / "attached.json"
    attached.write_bytes(parts[-1].get_payload(decode=True))  # type: ignore[arg-type]
    assert code == 0
    assert [to for to, _letter in letters] == ["one@example.org", "two@example.org"]
    assert b"two@example.org" not in letters[0][1]
    assert verifier.read_anchor(attached)[1]["seq"] == 1
    assert cli.main(["verify", "--anchor", str(attached)]) == 0


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A time-stamping authority of OpenSSL's: its address, and its certificate."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on this machine to play the authority")
    (tmp_path / "config").write_text(CONFIG)
    (tmp_path / "serial").write_text("01\n")
    run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout",
        "tsa.priv", "-out", "tsa.crt", "-config", "config", cwd=tmp_path)  # fmt: skip

    class Stamps(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (tmp_path / "asked").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            run("ts", "-reply", "-queryfile", "asked", "-signer", "tsa.crt", "-inkey", "tsa.priv", "-config", "config",
                "-section", "one", "-out", "answer", cwd=tmp_path)  # fmt: skip
            self.send_response(200)
            self.end_headers()
            self.wfile.write((tmp_path / "answer").read_bytes())

        def log_message(self, *_said: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Stamps) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", tmp_path / "tsa.crt"
        server.shutdown()
        thread.join()


def run(*said: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *said], cwd=cwd, check=True, capture_output=True, text=True)


def test_a_head_is_stamped_and_the_stamp_verifies_without_us(
    settings: Settings, authority: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, certificate = authority
    begun(replace(settings, tsa_url=url), monkeypatch)

    code = cli.main(["anchor"])

    (head,), (stamp,) = settings.anchors.glob("*.json"), settings.anchors.glob("*.tsr")
    verified = run("ts", "-verify", "-data", str(head), "-in", str(stamp), "-CAfile", str(certificate),
                   cwd=settings.data)  # fmt: skip
    assert code == 0
    assert "Verification: OK" in verified.stdout + verified.stderr


def test_a_stamp_of_another_thing_is_refused(authority: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    url, _certificate = authority
    old = post._ask
    answers: list[bytes] = []

    def stale(url: str, query: bytes) -> bytes:
        answers.append(old(url, query))
        return answers[0]

    monkeypatch.setattr(post, "_ask", stale)
    post.stamp(url, b"yesterday's head")

    with pytest.raises(Busy, match=r"anchor\.not_stamped"):
        post.stamp(url, b"today's head")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://127.0.0.1:1/"])
def test_an_authority_that_cannot_be_asked_is_told(url: str) -> None:
    with pytest.raises(Busy, match=r"anchor\.not_stamped"):
        post.stamp(url, b"head")


@pytest.mark.parametrize("said", ["0", "-1", "a week", "99999"])
def test_a_period_that_is_no_number_of_days_is_refused(tmp_path: Path, said: str) -> None:
    with pytest.raises(BadSettings, match="FIELDCHECK_KEEP_PHOTOS_DAYS"):
        read_settings({"FIELDCHECK_DATA": str(tmp_path), "FIELDCHECK_KEEP_PHOTOS_DAYS": said})
