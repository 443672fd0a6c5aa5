"""Requests per second of the portal's pages and API, as multiples of other programs with the same rows.

    python benchmarks/web.py --practices 10000 --datasette BIN/datasette --nginx

One worker each; all servers run at once and are asked in turn, round after round, so that other programs on
the machine affect all alike. `--datasette` names that program (pip install datasette, in its own folder);
with `--nginx`, nginx serves the same bytes as static files and caches the portal's pages. Needs granian
(requirements/deploy.txt) and wrk. Prints requests per second and the medians of the ratios.
"""

import argparse
import json
import os
import re
import secrets
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import urlopen

HERE = Path(__file__).resolve().parent
ROUNDS, SECONDS, CONNECTIONS = 5, 3, 4
# What is asked of us, and of Datasette for the same rows.
PAGES = {
    "results page with facets": (
        "/practices/",
        "/rows/practices?_size=20&_sort_desc=published_at&_facet_array=countries&_facet_array=themes&_nosuggest=1",
    ),
    "one practice": ("/practices/practice-7/", "/rows/practices/8?_nosuggest=1"),
    "one practice, from a search": ("/practices/practice-7/?in=q%3Dba", "/rows/practices/8?_nosuggest=1"),
    "API list of 20": (
        "/api/v1/practices/",
        "/rows/practices.json?_size=20&_sort_desc=published_at&_shape=objects&_nosuggest=1",
    ),
}  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(command: list[str], port: int, path: str = "/", **environment: str) -> Iterator[tuple[str, int]]:
    """A server while it is needed; its address, once it answers, and the number of its process."""
    process = subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                urlopen(address + path).read()
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError(f"{command[0]} ended with {process.returncode}") from None
                time.sleep(0.1)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait()


@contextmanager
def portal(database: str, **more: str) -> Iterator[str]:
    """The portal as a public site runs it, with one worker and one thread."""
    collect = [sys.executable, str(HERE.parent / "manage.py"), "collectstatic", "--noinput", "-v0"]
    known = {"SECRET_KEY": secrets.token_urlsafe(48), "DEBUG": "false", "DATABASE_URL": database}
    subprocess.run(collect, check=True, env=os.environ | known)
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--workers",
        "1",
        "--blocking-threads",
        "1",
    ]
    command += [
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--working-dir",
        str(HERE.parent),
        "portal.wsgi:application",
    ]
    settings = known | {
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "API_RATE": "0",
        **more,
    }
    with running(command, port, "/practices/", **settings) as (address, _pid):
        yield address


@contextmanager
def datasette(program: str, database: Path, folder: Path) -> Iterator[str]:
    """The same practices as one table, whole as the API's list tells them."""
    file = folder / "rows.db"
    with sqlite3.connect(file) as rows, sqlite3.connect(database) as ours:
        rows.execute(
            "CREATE TABLE practices (id INTEGER PRIMARY KEY, slug, title, summary, period, published_at, "
            "countries, themes, document)"
        )
        asked = ours.execute(
            "SELECT p.id, p.slug, p.title, p.summary, p.period, p.published_at, i.card, i.document "
            "FROM practices_practice p JOIN practices_indexedpractice i ON i.practice_id = p.id"
        )
        for *columns, card, document in asked:
            kept = json.loads(card)
            lists = [json.dumps(kept["countries"]), json.dumps(kept["themes"])]
            rows.execute(f"INSERT INTO practices VALUES ({', '.join('?' * 9)})", [*columns, *lists, document])
        rows.execute("CREATE INDEX newest ON practices (published_at)")
    port = free_port()
    with running([program, str(file), "--port", str(port), "--setting", "num_sql_threads", "1"], port) as (
        address,
        _pid,
    ):
        yield address


@contextmanager
def nginx(folder: Path, behind: str, pages: dict[str, str]) -> Iterator[str]:
    """Static files of our answers under /static/<n>, and our pages through a cache."""
    port = free_port()
    for number, path in enumerate(pages.values()):
        (folder / "www").mkdir(exist_ok=True)
        (folder / "www" / f"{number}").write_bytes(urlopen(behind + path).read())
    (folder / "nginx.conf").write_text(f"""
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off; default_type text/html; keepalive_requests 1000000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  proxy_cache_path {folder}/cache keys_zone=pages:10m;
  server {{
    listen 127.0.0.1:{port};
    location /kept/ {{ alias {folder}/www/; }}
    location / {{
      proxy_pass {behind}; proxy_set_header Host 127.0.0.1; proxy_cache pages; proxy_cache_use_stale updating;
    }}
  }}
}}""")
    with running(
        [shutil.which("nginx") or "/usr/sbin/nginx", "-c", f"{folder}/nginx.conf", "-p", str(folder)], port
    ) as (address, _pid):
        yield address


def rate(address: str) -> float:
    """Requests per second."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", address]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise RuntimeError(f"{address} answered with errors")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])


def compare(servers: dict[str, dict[str, str]]) -> None:
    """For each page the rates of all servers in turn, and the medians of their ratios to the first one."""
    for page, addresses in servers.items():
        rounds = [{name: rate(address) for name, address in addresses.items()} for _ in range(ROUNDS)]
        print(f"\n{page}")
        first = next(iter(addresses))
        for name in addresses:
            ratio = statistics.median(one[name] / one[first] for one in rounds)
            print(
                f"  {name:32}{statistics.median(one[name] for one in rounds):10.0f} a second {ratio:9.2f} ×"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--practices", type=int, default=10_000)
    parser.add_argument(
        "--keep", type=Path, help="an SQLite file to make, or to use when it is there already"
    )
    parser.add_argument("--datasette", help="the program")
    parser.add_argument("--nginx", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)  # nginx reads it as another user
        database = (options.keep or folder / "benchmark.sqlite3").resolve()
        if not database.exists():
            command = [
                sys.executable,
                HERE / "search.py",
                "--practices",
                str(options.practices),
                "--keep",
                database,
                "--make",
            ]
            subprocess.run(list(map(str, command)), check=True, env=os.environ | {"DATABASE_URL": ""})
        portal_address = stack.enter_context(portal(f"sqlite:///{database}"))
        ours = {page: path for page, (path, _theirs) in PAGES.items()}
        servers: dict[str, dict[str, str]] = {page: {} for page in PAGES}
        if options.datasette:
            other = stack.enter_context(datasette(options.datasette, database, folder))
            for page, (_path, theirs) in PAGES.items():
                servers[page]["Datasette"] = other + theirs
        for page, path in ours.items():
            servers[page]["portal"] = portal_address + path
        if options.nginx:
            cached = stack.enter_context(nginx(folder, portal_address, ours))
            for number, (page, path) in enumerate(ours.items()):
                servers[page]["portal behind nginx's cache"] = cached + path
                servers[page]["nginx, the same bytes as a file"] = f"{cached}/kept/{number}"
        compare(servers)


if __name__ == "__main__":
    main()
