"""What leaves the house by itself: a head of the record, as a letter, or as a hash to a time-stamping authority.

Nothing else is ever sent from here, and nothing at all unless an address is set: a head is a number, a hash, a time and
a signature, and tells of nobody. A failure is said and stops nothing: the head is signed and on the disk already.
"""

import hashlib
import smtplib
import ssl
import urllib.request
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rfc3161_client import HashAlgorithm, PKIStatus, TimestampRequestBuilder, decode_timestamp_response

from fieldcheck.domain.errors import Busy
from fieldcheck.settings import Settings

PATIENCE = 30
LARGEST_STAMP = 256 * 1024


def send(settings: Settings, subject: str, text: str, attached: Path) -> None:
    """Send a letter to everybody in FIELDCHECK_ANCHOR_TO, each apart; raises Busy when the server refuses."""
    at = urlsplit(settings.smtp_url)
    try:
        with _connect(settings.smtp_url) as server:
            for to in settings.anchor_to:
                letter = EmailMessage()
                letter["Subject"], letter["To"] = subject, to
                sender = unquote(at.username or "")
                letter["From"] = sender if "@" in sender else f"record@{settings.host}"
                letter.set_content(text)
                letter.add_attachment(attached.read_bytes(), "application", "json", filename=attached.name)
                server.send_message(letter)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise Busy("anchor.not_sent", reason=type(error).__name__) from error


def _connect(url: str) -> smtplib.SMTP:
    """Speak to smtp:// (STARTTLS wherever there is a password) or smtps://; a password never goes in the clear."""
    at, context = urlsplit(url), ssl.create_default_context()
    if at.scheme not in {"smtp", "smtps"} or not at.hostname:
        raise ValueError("FIELDCHECK_SMTP_URL is smtp://user:password@host:587 or smtps://...")
    if at.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(at.hostname, at.port or 465, timeout=PATIENCE, context=context)
    else:
        server = smtplib.SMTP(at.hostname, at.port or 587, timeout=PATIENCE)
    try:
        server.ehlo()
        if at.scheme == "smtp" and (at.username or server.has_extn("starttls")):
            server.starttls(context=context)
        if at.username:
            server.login(unquote(at.username), unquote(at.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def stamp(url: str, data: bytes) -> bytes:
    """Let an RFC 3161 authority stamp the hash of *data*; gives its answer, which `openssl ts -verify` reads.

    Raises Busy when it does not answer, refuses, or stamps something else. Whether the authority is to be trusted is
    for whoever verifies, with the authority's own certificate.
    """
    asked = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    try:
        said = _ask(url, asked.as_bytes())
        given = decode_timestamp_response(said)
        granted = PKIStatus(given.status) in {PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS}
        info = given.tst_info
        fits = granted and info.message_imprint.message == hashlib.sha256(data).digest() and info.nonce == asked.nonce
    except (OSError, ValueError) as error:
        raise Busy("anchor.not_stamped", reason=type(error).__name__) from error
    if not fits:
        raise Busy("anchor.not_stamped", reason="refused")
    return said


def _ask(url: str, query: bytes) -> bytes:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ValueError("FIELDCHECK_TSA_URL is http://... or https://...")
    headers = {"Content-Type": "application/timestamp-query"}
    request = urllib.request.Request(url, query, headers)  # noqa: S310 - the scheme was checked above
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - the same
        return bytes(answer.read(LARGEST_STAMP))
