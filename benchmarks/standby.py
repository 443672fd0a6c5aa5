"""Requests per second of one process with PostgreSQL, and of two processes with a standby.

    python benchmarks/standby.py

Creates a server with the 17 cases and a standby of it. nginx is in front of both setups, which run at once
and are asked in turn. On one machine they share its cores, so two machines reach at least this ratio. Needs
what web.py needs, nginx and PostgreSQL.
"""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from web import HERE, compare, free_port, portal, running

sys.path.insert(0, str(HERE.parent))

from tests.databases import standby
from tests.postgres import INITDB, Cluster, installed

PATHS = {
    "list": "/practices/",
    "a search": "/practices/?q=remittances",
    "one practice, from a search": "/practices/paicodels-senegal/?in=q%3Dbank",
    "API list of 20": "/api/v1/practices/",
}


@contextmanager
def balanced(folder: Path, name: str, servers: list[str]) -> Iterator[str]:
    """nginx before some servers, each asked in turn."""
    port, file = free_port(), folder / f"{name}.conf"
    listed = " ".join(f"server {address.removeprefix('http://')};" for address in servers)
    file.write_text(f"""
worker_processes 1; daemon off; pid {folder}/{name}.pid; error_log {folder}/{name}.log;
events {{ worker_connections 512; }}
http {{
  access_log off; keepalive_requests 1000000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream portal {{ {listed} keepalive 16; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://portal; proxy_http_version 1.1; proxy_set_header Host 127.0.0.1;
      proxy_set_header Connection "";
    }}
  }}
}}""")
    command = [shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(file), "-p", str(folder)]
    with running(command, port) as (address, _pid):
        yield address


def main() -> None:
    binaries = installed()
    if binaries is None:
        raise SystemExit("No PostgreSQL found. On Debian: apt install postgresql")
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)  # nginx and PostgreSQL read it as other users
        (folder / "primary").mkdir()
        primary = Cluster(binaries, folder / "primary")
        primary.make("initdb", *INITDB)
        primary.start()
        stack.callback(primary.stop)
        known = {"DATABASE_URL": primary.url, "SECRET_KEY": secrets.token_urlsafe(48), "DEBUG": "false"}
        prepare = [sys.executable, str(HERE.parent / "manage.py"), "bootstrap", "-v0"]
        subprocess.run(prepare, check=True, env=os.environ | known, stdout=subprocess.DEVNULL)
        behind = stack.enter_context(standby(primary, seconds=0))
        alone = stack.enter_context(portal(primary.url))
        two = [stack.enter_context(portal(primary.url, REPLICA_URL=behind)) for _ in "12"]
        one_machine = stack.enter_context(balanced(folder, "one", [alone]))
        with_standby = stack.enter_context(balanced(folder, "two", two))
        ways = {"one process": one_machine, "two processes, a standby": with_standby}
        compare({page: {way: to + path for way, to in ways.items()} for page, path in PATHS.items()})


if __name__ == "__main__":
    main()
