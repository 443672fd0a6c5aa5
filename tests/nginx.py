"""The nginx of deploy/ for tests: in a folder, with a self-signed certificate and other ports."""

import secrets
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path

from django.conf import settings

from tests.programs import needed
from tests.served import free_port, is_free, until

NAME = "practices.example"
PUBLIC = {  # the settings of a portal behind it
    "ALLOWED_HOSTS": NAME, "SITE_URL": f"https://{NAME}", "SECRET_KEY": secrets.token_urlsafe(48),
}  # fmt: skip
TRUST = ssl.create_default_context()
TRUST.check_hostname, TRUST.verify_mode = False, ssl.CERT_NONE
# As Debian's nginx.conf has it, with its logs of everything; the figures are those that install.sh writes.
AROUND = """pid {folder}/pid; error_log {folder}/error.log; worker_rlimit_nofile 20000;
events {{ worker_connections 8192; }}
http {{ access_log {folder}/debian-access.log; error_log {folder}/debian-error.log;
"""


def write(folder: Path, upstream: str = "127.0.0.1:9", ports: tuple[int, int] = (80, 443)) -> list[str]:
    """Fill in the names in braces; return the command that runs nginx."""
    curve, files = "ec_paramgen_curve:prime256v1", [folder / "privkey.pem", folder / "fullchain.pem"]
    subprocess.run(
        [needed("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", curve, "-nodes", "-days", "1",
         "-subj", f"/CN={NAME}", "-keyout", files[0], "-out", files[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    text = (settings.BASE_DIR / "deploy/nginx.conf").read_text()
    for name, value in {"UPSTREAM": upstream, "HOST": NAME, "TLS": str(folder)}.items():
        text = text.replace(f"${{PORTAL_{name}}}", value)
    assert "${" not in text
    text = text.replace("/var/cache/nginx/portal", str(folder / "cache"))
    text = text.replace("/var/log/nginx/access.log", str(folder / "access.log"))
    for usual, port in zip((80, 443), ports, strict=True):
        text = text.replace(f"listen {usual}", f"listen {port}").replace(f"[::]:{usual}", f"[::]:{port}")
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder) + text + "}\n")
    return [needed("nginx"), "-q", "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]


@contextmanager
def new_folder() -> Iterator[Path]:
    """Create a folder for its files; its workers read them as another user."""
    with tempfile.TemporaryDirectory(prefix="portal-nginx-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def started(files: Path, upstream: str) -> tuple[subprocess.Popen, tuple[int, int]]:
    """Return nginx and its ports. Another program can take a port in the meantime: three attempts."""
    for _attempt in range(3):
        ports = free_port(), free_port()
        process = subprocess.Popen([*write(files, upstream, ports), "-g", "daemon off;"])
        try:
            until(lambda port=ports[1]: not is_free(port), process)
        except AssertionError:
            process.terminate()
            process.wait()
        else:
            return process, ports
    raise AssertionError(f"nginx did not start: {(files / 'error.log').read_text()[-500:]}")


@contextmanager
def running(upstream: str = "127.0.0.1:9", folder: Path | None = None) -> Iterator[tuple[int, int]]:
    """Run nginx; yield its ports for HTTP and HTTPS. `folder` is one of `new_folder()`."""
    with nullcontext(folder) if folder else new_folder() as files:
        process, ports = started(files, upstream)
        try:
            yield ports
        finally:
            process.terminate()
            process.wait()


def ask(port: int, path: str, method: str = "GET", **headers: str) -> tuple[int, HTTPMessage, bytes]:
    """Return status, headers and body of an HTTPS request. The certificate is not verified."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
        connection = HTTPConnection(NAME)
        connection.sock = TRUST.wrap_socket(plain, server_hostname=NAME)
        with closing(connection):
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
