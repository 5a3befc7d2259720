"""How much the phone's API takes in: whole visits with photos, without, and answers sent one by one."""

from dataclasses import dataclass
from pathlib import Path

from fieldcheck.bench import client, ground, server
from fieldcheck.bench.client import Phone, Tally
from fieldcheck.settings import Settings

CLIENTS = (1, 8, 32)
SECONDS = 6.0


@dataclass(frozen=True)
class Load:
    """One measured load."""

    name: str
    clients: int
    one_by_one: bool
    tally: Tally
    server_cpu: float


def measure(
    settings: Settings, photo: bytes, clients: tuple[int, ...] = CLIENTS, seconds: float = SECONDS
) -> list[Load]:
    """Load a served installation in each way with each number of clients."""
    laid = ground.lay(settings, max(clients))
    told = ground.answers(laid)
    loads: list[Load] = []
    with server.serving(settings) as served:
        for name, picture, one_by_one in (
            ("answers sent one by one", None, True),
            ("visits of 30 answers, no photos", None, False),
            # Last: for minutes after it, the server develops the photos that came in.
            ("visits of 30 answers and 2 photos", photo, False),
        ):
            for many in clients:
                each = int(seconds * 900 / many) + 20
                assigned = ground.visits(laid, each)
                cookies = ground.sign_in(laid)
                phones = [Phone(served.port, cookies[n], assigned[n], told, picture, one_by_one) for n in range(many)]
                before = served.cpu()
                tally = client.run(phones, seconds)
                loads.append(Load(name, many, one_by_one, tally, served.cpu() - before))
    return loads


def photo_of(size: int, folder: Path) -> bytes:
    """Draw a photo and bring it to *size* bytes."""
    from fieldcheck.demo import drawing

    data = drawing.draw(drawing.Scene.STAND, 1)
    filler = max(size - len(data) - 16, 0)
    folder.mkdir(parents=True, exist_ok=True)
    return data[:-2] + b"\0" * filler + data[-2:]
