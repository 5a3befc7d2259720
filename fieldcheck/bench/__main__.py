"""Measure this machine and print a table: `python -m fieldcheck.bench`, or `--quick` for a minute's impression.

Everything is served, written and measured in one folder, on the disk that holds it; nothing of ./data is touched.
"""

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from fieldcheck.bench import ground, intake, judging, raw, register, screens
from fieldcheck.settings import Settings, read_settings

PHOTO_SIZE = 300_000


def main() -> None:
    """Measure and print."""
    said = argparse.ArgumentParser(prog="python -m fieldcheck.bench", description=__doc__)
    said.add_argument("--quick", action="store_true", help="shorter loads, a tenth of the register")
    said.add_argument("--folder", type=Path, help="where to measure; a folder beside this one by default")
    options = said.parse_args()
    folder = Path(tempfile.mkdtemp(prefix=".bench-", dir=options.folder or Path.cwd()))
    try:
        measure(folder, quick=options.quick)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(folder: Path, *, quick: bool) -> None:
    """Measure everything in *folder*."""
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the start")
    photo = intake.photo_of(PHOTO_SIZE, folder)
    limits = raw.measure(folder / "raw", photo)
    table("Raw limits of this machine", limits.items())
    loads = intake.measure(installation(folder, "intake"), photo, seconds=2 if quick else intake.SECONDS)
    print_intake(loads, limits)
    laid = ground.lay(installation(folder, "judging"), 1)
    table("The rules, microseconds of one core", judging.measure(laid).items())
    rows = 10_000 if quick else 100_000
    table(f"The register with {rows} entries", register.measure(installation(folder, "register"), rows).items())
    screens.show(installation(folder, "screens"), rows)
    print(f"load {os.getloadavg()[0]:.1f} at the end")


def installation(folder: Path, name: str) -> Settings:
    """Make an installation of its own."""
    checklists = os.environ.get("FIELDCHECK_CHECKLISTS", "")
    return read_settings({"FIELDCHECK_DATA": str(folder / name), "FIELDCHECK_CHECKLISTS": checklists})


def print_intake(loads: list[intake.Load], limits: Mapping[str, float]) -> None:
    """Print what was taken in, beside what the disk alone could take."""
    commits = limits["commits/s of SQLite (WAL, FULL)"]
    files = limits["photos written and fsynced/s, one after the other"]
    print("\nTaken in by /api over HTTP, from acknowledgement to acknowledgement")
    heads = ("clients", "visits/s", "answers/s", "p50 ms", "p95 ms", "errors", "server", "client")
    print(f"{'(server, client: ms of CPU a visit)':36}" + "".join(f"{head:>10}" for head in heads) + "  ratio")
    for load in loads:
        tally, visits = load.tally, max(load.tally.visits, 1)
        print(
            f"{load.name:36}{load.clients:10}{tally.visits / tally.seconds:10.1f}{tally.answers / tally.seconds:10.0f}"
            f"{tally.percentile(0.5):10.1f}{tally.percentile(0.95):10.1f}{len(tally.errors):10}"
            f"{1000 * load.server_cpu / visits:10.2f}{1000 * tally.cpu / visits:10.2f}  {_beside(load, commits, files)}"
        )
        for error in tally.errors[:1]:
            print(f"    {error}")


def _beside(load: intake.Load, commits: float, files: float) -> str:
    tally = load.tally
    if tally.photos:
        return f"{tally.photos / tally.seconds / files:.2f} of the photos that the disk takes one by one"
    requests = tally.answers if load.one_by_one else tally.visits
    return f"{requests / tally.seconds / commits:.2f} of SQLite's commits one by one"


def table(title: str, rows: Iterable[tuple[str, float]]) -> None:
    """Print names and figures."""
    print(f"\n{title}")
    for name, value in rows:
        print(f"    {name:52} {value:12,.1f}", flush=True)


if __name__ == "__main__":
    main()
