"""What one installation decides: where its data lies, which database, under which address.

Why it exists: everything that differs from one machine to the next is read from the environment once, at the door, and
handed down as one frozen value. It refuses to be read twice, and it refuses a secret that others could read or guess.
"""

import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fieldcheck.storage.disk import keep_once

ZONE = ZoneInfo("Asia/Almaty")  # every clock time that a person reads is this wall clock's
REPOSITORY = Path(__file__).resolve().parent.parent
SECRET_LENGTH = 32
WAYS = ("link", "password", "oidc")
_RELEASE = "release_after_hours"  # in the data folder; the demo writes it
_SIGN_IN = "desk_sign_in"  # the same; whoever begins a real programme writes it


class BadSettings(Exception):
    """The environment or the data folder is not fit to run with; the message says what to do."""


def own_bytes(path: Path) -> bytes:
    """Read a file that holds a secret or a key; raises BadSettings for one that others could read."""
    if path.stat().st_mode & 0o077:
        raise BadSettings(f"{path} can be read by others. Run: chmod 600 {path}")
    return path.read_bytes()


@dataclass(frozen=True)
class Retention:
    """How long what is kept; the defaults are those of the programme's requirement E-32."""

    drafts: timedelta = timedelta(days=30)
    photos: timedelta = timedelta(days=90)
    findings: timedelta = timedelta(days=3 * 365)


@dataclass(frozen=True)
class Release:
    """When the agency sees a register entry, and how many visitors must have been around for it to see the half-day."""

    after: timedelta = timedelta(hours=24)
    least_visitors: int = 3


@dataclass(frozen=True)
class SignIn:
    """How desks sign in (link, password or oidc), after how long unseen they are out, and how patient the door is.

    A desk that has nothing but its link is never out for being idle: it could not come back by itself.
    """

    way: str = "link"
    idle: timedelta = timedelta(minutes=30)
    tries: int = 10
    locked_for: timedelta = timedelta(minutes=15)


@dataclass(frozen=True)
class Provider:
    """Which identity provider desks sign in at, and as what this installation is known there."""

    metadata_url: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Settings:
    """One installation's decisions."""

    data: Path
    database_url: str
    checklists: Path
    url: str = "http://localhost:8501"
    secret: str = field(default="", repr=False)
    keep: Retention = field(default_factory=Retention)
    smtp_url: str = field(default="", repr=False)
    anchor_to: tuple[str, ...] = ()
    tsa_url: str = ""
    vault_url: str = field(default="", repr=False)
    vault_key_file: Path | None = None
    release: Release = field(default_factory=Release)
    season: timedelta = timedelta(days=365)
    sign_in: SignIn = field(default_factory=SignIn)
    provider: Provider = field(default_factory=Provider)
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()

    @property
    def photos(self) -> Path:
        """Folder that only ``storage/photos.py`` opens."""
        return self.data / "photos"

    @property
    def signing_key(self) -> Path:
        """File of the key that signs the record's heads; it never enters the database."""
        return self.data / "signing.key"

    @property
    def vault_key(self) -> Path:
        """File of the key that wraps everybody's own key in the vault; it never enters a database."""
        return self.vault_key_file or self.data / "vault.key"

    @property
    def anchors(self) -> Path:
        """Folder of heads that are to leave the house."""
        return self.data / "anchors"

    @property
    def cookie_secret(self) -> str:
        """Secret with which Streamlit signs its own cookies: derived, so that neither tells the other."""
        return self.derived("streamlit").hex()

    def derived(self, purpose: str) -> bytes:
        """Give a key for one purpose, from the secret that lies outside of the database; no key tells another."""
        return hmac.digest(self.secret.encode(), purpose.encode(), "sha256")

    @property
    def host(self) -> str:
        """Name under which browsers reach this installation."""
        return urlsplit(self.url).hostname or "localhost"

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach this installation over HTTPS, so that cookies can demand it."""
        return urlsplit(self.url).scheme == "https"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read *environment* (the process's own by default), make the data folder and its secret on a first run."""
    env = os.environ if environment is None else environment
    data = Path(env.get("FIELDCHECK_DATA") or "data").expanduser().resolve()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = (env.get("FIELDCHECK_URL") or "http://localhost:8501").rstrip("/")
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise BadSettings(f"FIELDCHECK_URL is {url!r}: write it as https://name, without a path.")
    return Settings(
        data=data,
        database_url=env.get("FIELDCHECK_DATABASE_URL") or f"sqlite:///{data / 'fieldcheck.db'}",
        checklists=Path(env.get("FIELDCHECK_CHECKLISTS") or REPOSITORY / "checklists").resolve(),
        url=url,
        secret=_secret(data / "secret"),
        keep=_retention(env),
        smtp_url=env.get("FIELDCHECK_SMTP_URL") or "",
        anchor_to=tuple(to.strip() for to in (env.get("FIELDCHECK_ANCHOR_TO") or "").split(",") if to.strip()),
        tsa_url=env.get("FIELDCHECK_TSA_URL") or "",
        vault_url=env.get("FIELDCHECK_VAULT_URL") or "",
        vault_key_file=Path(key).expanduser().resolve() if (key := env.get("FIELDCHECK_VAULT_KEY_FILE")) else None,
        release=_release(env, data),
        season=timedelta(days=_count(env, "FIELDCHECK_SEASON_DAYS", 365, (1, 3650))),
        sign_in=_sign_in(env, data),
        provider=_provider(env, data),
        proxies=_proxies(env),
    )


def _proxies(env: Mapping[str, str]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Read whose word about addresses is believed; a network of everybody would be no secret to anybody."""
    said = [one.strip() for one in (env.get("FIELDCHECK_TRUSTED_PROXIES") or "").split(",") if one.strip()]
    try:
        networks = tuple(ip_network(one) for one in said)
    except ValueError as error:
        raise BadSettings(f"FIELDCHECK_TRUSTED_PROXIES: {error}. Write addresses or networks with commas.") from None
    if any(network.prefixlen == 0 for network in networks):
        raise BadSettings("FIELDCHECK_TRUSTED_PROXIES names everybody. Write the addresses of your proxies only.")
    return networks


def set_release(data: Path, hours: int) -> None:
    """Write down after how many hours this installation releases entries, where the environment does not say."""
    (data / _RELEASE).write_text(f"{hours}\n")


def set_sign_in(data: Path, way: str) -> None:
    """Write down how this installation's desks sign in, where the environment does not say."""
    (data / _SIGN_IN).write_text(f"{way}\n")


def _sign_in(env: Mapping[str, str], data: Path) -> SignIn:
    kept = data / _SIGN_IN
    way = env.get("FIELDCHECK_DESK_SIGN_IN") or (kept.read_text().strip() if kept.exists() else "link")
    if way not in WAYS:
        raise BadSettings(f"FIELDCHECK_DESK_SIGN_IN is {way!r}: write one of {', '.join(WAYS)}.")
    return SignIn(
        way,
        timedelta(minutes=_count(env, "FIELDCHECK_DESK_IDLE_MINUTES", 30, (1, 480))),
        _count(env, "FIELDCHECK_SIGN_IN_TRIES", 10, (4, 100)),
        timedelta(minutes=_count(env, "FIELDCHECK_SIGN_IN_LOCK_MINUTES", 15, (1, 1440))),
    )


def _provider(env: Mapping[str, str], data: Path) -> Provider:
    """Read the provider; its secret stands in the environment or in a file that nobody else can read."""
    kept = Path(env.get("FIELDCHECK_OIDC_SECRET_FILE") or data / "oidc.secret")
    in_file = own_bytes(kept).decode().strip() if kept.exists() else ""
    secret = env.get("FIELDCHECK_OIDC_CLIENT_SECRET") or in_file
    told = Provider(env.get("FIELDCHECK_OIDC_METADATA_URL") or "", env.get("FIELDCHECK_OIDC_CLIENT_ID") or "", secret)
    if _sign_in(env, data).way == "oidc":
        lacking = [name for name, said in vars(told).items() if not said]
        if lacking:
            names = ", ".join(f"FIELDCHECK_OIDC_{name.upper()}" for name in lacking)
            raise BadSettings(f"FIELDCHECK_DESK_SIGN_IN is 'oidc': set {names} too.")
        where = urlsplit(told.metadata_url)
        if where.scheme != "https" and where.hostname not in {"localhost", "127.0.0.1"}:
            raise BadSettings(f"FIELDCHECK_OIDC_METADATA_URL is {told.metadata_url!r}: write an https:// address.")
    return told


def _release(env: Mapping[str, str], data: Path) -> Release:
    kept = data / _RELEASE
    before = {"FIELDCHECK_RELEASE_AFTER_HOURS": kept.read_text().strip()} if kept.exists() else {}
    hours = _count({**before, **env}, "FIELDCHECK_RELEASE_AFTER_HOURS", 24, (0, 2160))
    return Release(timedelta(hours=hours), _count(env, "FIELDCHECK_RELEASE_LEAST_VISITORS", 3, (1, 100)))


def _count(env: Mapping[str, str], variable: str, otherwise: int, bounds: tuple[int, int]) -> int:
    said = env.get(variable)
    if not said:
        return otherwise
    if not said.isdecimal() or not bounds[0] <= int(said) <= bounds[1]:
        raise BadSettings(f"{variable} is {said!r}: write a whole number from {bounds[0]} to {bounds[1]}.")
    return int(said)


def _retention(env: Mapping[str, str]) -> Retention:
    kept = {}
    for name in ("drafts", "photos", "findings"):
        variable = f"FIELDCHECK_KEEP_{name.upper()}_DAYS"
        said = env.get(variable)
        if not said:
            continue
        if not said.isdecimal() or not 1 <= int(said) <= 36500:
            raise BadSettings(f"{variable} is {said!r}: write a number of days, at least 1.")
        kept[name] = timedelta(days=int(said))
    return Retention(**kept)


def _secret(path: Path) -> str:
    """Read the installation's secret; whichever process comes first makes it, whole or not at all."""
    if not path.exists():
        keep_once(path, secrets.token_urlsafe(SECRET_LENGTH).encode())
    kept = own_bytes(path).decode().strip()
    if len(kept) < SECRET_LENGTH or len(set(kept)) < 10:
        raise BadSettings(f"{path} holds a secret that is too short or too plain. Delete it; a new one is made.")
    return kept
