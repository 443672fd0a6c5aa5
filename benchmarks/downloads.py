"""Memory and time that a whole list takes in each format.

    python benchmarks/downloads.py --practices 100000 [--keep FILE]

Creates an SQLite database of synthetic practices (as benchmarks/search.py does, without its index) and
writes the whole list once in each format, each in its own process, as the API streams it.
"""

import argparse
import os
import random
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(48))
os.environ["DEBUG"] = "false"


def write(name: str) -> None:
    """Writes the list and says what it took."""
    import django

    django.setup()
    from django.http import QueryDict

    from practices.exchange.downloads import list_file
    from practices.exchange.formats import FORMATS
    from practices.listing.filters import PracticeFilter

    filterset = PracticeFilter(QueryDict())
    if not filterset.is_valid():
        raise SystemExit("The list cannot be read.")
    before, started = peak(), time.perf_counter()
    size = sum(map(len, list_file(FORMATS[name], filterset).streaming_content))
    seconds = time.perf_counter() - started
    print(f"{name:8}{size / 1e6:9.1f} MB{seconds:8.0f} s{before:6.0f} MB{peak():6.0f} MB", flush=True)


def peak() -> float:
    """The most memory this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--practices", type=int, default=100_000)
    parser.add_argument("--keep", help="an SQLite file to make, or to use when it is there already")
    parser.add_argument("--formats", default="csv,jsonl,xlsx,geojson,jsonld,bib,ris")
    parser.add_argument("--write", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        write(options.write)
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(options.keep or f"{folder}/benchmark.sqlite3").resolve()
        os.environ["DATABASE_URL"] = f"sqlite:///{file}"
        if not file.exists():
            import django

            django.setup()
            from benchmarks.search import make

            make(options.practices, random.Random(2026), indexed=False)
        print(f"{'format':8}{'file':>12}{'time':>10}{'before':>9}{'peak':>9}", flush=True)
        for name in options.formats.split(","):
            subprocess.run([sys.executable, __file__, "--write", name], check=True)


if __name__ == "__main__":
    main()
