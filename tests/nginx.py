"""The nginx of deploy/ as a test can run it: with a certificate of its own, in a folder, on other ports."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tests.programs import needed
from tests.served import free_port, is_free, until

NAME = "practices.example"
AROUND = """pid {folder}/pid; error_log {folder}/error.log; worker_rlimit_nofile 20000;
events {{ worker_connections 8192; }}
http {{ access_log off;
"""  # the figures are those that install.sh writes


def write(folder: Path, upstream: str = "127.0.0.1:9", ports: tuple[int, int] = (80, 443)) -> list[str]:
    """Fills in what stands in braces; returns the command that runs it."""
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
    for usual, port in zip((80, 443), ports, strict=True):
        text = text.replace(f"listen {usual}", f"listen {port}").replace(f"[::]:{usual}", f"[::]:{port}")
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder) + text + "}\n")
    return [needed("nginx"), "-q", "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]


@contextmanager
def running(upstream: str = "127.0.0.1:9") -> Iterator[tuple[int, int]]:
    """It runs inside; yields its ports for HTTP and for HTTPS."""
    ports = free_port(), free_port()
    with tempfile.TemporaryDirectory(prefix="portal-nginx-") as folder:
        Path(folder).chmod(0o755)  # nginx reads it as another user
        process = subprocess.Popen([*write(Path(folder), upstream, ports), "-g", "daemon off;"])
        try:
            until(lambda: not is_free(ports[1]), process)
            yield ports
        finally:
            process.terminate()
            process.wait()
