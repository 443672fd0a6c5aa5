"""upgrade.sh goes back to the previous release whatever ends it early, and installs nginx.conf.

Stand-ins for systemd, nginx, pip and the portal record how they are called.
"""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from tests.served import until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.one_engine,
    pytest.mark.skipif(os.geteuid() != 0, reason="upgrade.sh is run by root"),
]
DEPLOY = settings.BASE_DIR / "deploy"
PLACES = (
    "/opt/portal",
    "/etc/portal",
    "/etc/systemd/system",
    "/etc/nginx",
    "/var/backups/portal",
    "/run/systemd/system",
)
# A command of `manage.py`: it writes down the release and its arguments, then does what the test says.
PYTHON = """#!/bin/bash
echo "$(basename "$PWD") $*" >> "$CALLS"
case " $* " in
*" backup "*) echo backup > "$3" ;;
*" bootstrap "*) eval "$WHILE_PREPARING" ;;
esac
"""
STAND_INS = {
    "python3": '#!/bin/bash\nmkdir -p "$3/bin"; cp "$STAND_INS/python" "$STAND_INS/pip" "$3/bin/"\n',
    "python": PYTHON,
    "pip": PYTHON,
    "runuser": '#!/bin/bash\nshift 3; exec "$@"\n',
    "systemctl": '#!/bin/bash\necho "systemctl $*" >> "$CALLS"\n',
    "curl": "#!/bin/bash\nexit 0\n",
    "nginx": '#!/bin/bash\necho "nginx $*" >> "$CALLS"; eval "$WHILE_CHECKING_NGINX"\n',
}


def take_signals() -> None:
    """Run in a child process: `nohup` and background jobs start their children with these signals ignored."""
    for name in (signal.SIGINT, signal.SIGHUP):
        signal.signal(name, signal.SIG_DFL)


class Machine:
    """A folder with the folders that upgrade.sh uses, a current release, and a new one."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.calls = folder, folder / "calls"
        self.calls.touch()
        for place in PLACES:
            (folder / place[1:]).mkdir(parents=True)
        (folder / "etc/nginx/sites-available").mkdir()
        self.site = folder / "etc/nginx/sites-available/portal"
        for name, text in STAND_INS.items():
            (folder / "bin").mkdir(exist_ok=True)
            (folder / "bin" / name).write_text(text)
            (folder / "bin" / name).chmod(0o755)
        self.former = folder / "opt/portal/releases/20200101-000000"
        for release in (self.former, folder / "new"):
            for part in ("portal", "practices", "requirements", "deploy/systemd"):
                (release / part).mkdir(parents=True)
            (release / "deploy/systemd/unit").write_text(release.name)
            (release / "deploy/nginx.sh").write_bytes((DEPLOY / "nginx.sh").read_bytes())
            (release / "deploy/nginx.sh").chmod(0o755)
            (release / "deploy/nginx.conf").write_text(
                f"    server_name ${{PORTAL_HOST}};\n# {release.name}\n"
            )
        (self.former / ".venv/bin").mkdir(parents=True)
        (self.former / ".venv/bin/python").write_text(PYTHON)
        (self.former / ".venv/bin/python").chmod(0o755)
        (folder / "opt/portal/current").symlink_to(self.former)
        self.site.write_text("    server_name practices.example;\n# 20200101-000000\n")
        text = (DEPLOY / "upgrade.sh").read_text()
        for place in PLACES:
            text = text.replace(place, f"{folder}{place}")
        (folder / "upgrade.sh").write_text(text)

    def start(self, **does: str) -> subprocess.Popen:
        environment = os.environ | does | {
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}", "CALLS": str(self.calls),
            "STAND_INS": f"{self.folder}/bin", "MACHINE": str(self.folder),
        }  # fmt: skip
        return subprocess.Popen(
            ["bash", self.folder / "upgrade.sh", self.folder / "new"], env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
            # A shell cannot trap a signal that it was started to ignore.
            preexec_fn=take_signals,
        )  # fmt: skip

    def run(self, **does: str) -> tuple[int, str]:
        process = self.start(**does)
        said, _nothing = process.communicate(timeout=60)
        return process.returncode, said

    @property
    def release(self) -> str:
        return (self.folder / "opt/portal/current").resolve().name

    def went_back(self) -> bool:
        calls = self.calls.read_text().splitlines()
        restored = [call for call in calls if call.startswith(f"{self.former.name} manage.py restore ")]
        return (
            self.release == self.former.name
            and len(restored) == 1
            and restored[0].endswith(".zip --replace")
            and calls[-1] == "systemctl start portal-web"
            and (self.folder / "etc/systemd/system/unit").read_text() == self.former.name
            and self.site.read_text().endswith(f"# {self.former.name}\n")
        )


@pytest.fixture
def machine(tmp_path) -> Machine:
    return Machine(tmp_path)


def test_a_release_comes_into_place_with_its_nginx_conf(machine):
    assert machine.run()[0] == 0
    assert machine.release != machine.former.name
    assert machine.site.read_text() == "    server_name practices.example;\n# new\n"
    assert [path.name for path in machine.site.parent.iterdir()] == ["portal"]
    calls = machine.calls.read_text().splitlines()
    assert calls.index("nginx -t -q") < calls.index("systemctl reload nginx")


def test_an_nginx_conf_that_was_changed_by_hand_stays_and_the_new_one_lies_next_to_it(machine):
    machine.site.write_text(machine.site.read_text() + "# by hand\n")
    code, said = machine.run()
    assert (code, "was changed on this machine" in said) == (0, True)
    assert machine.site.read_text().endswith("# by hand\n")
    assert machine.site.with_name("portal.new").read_text().endswith("# new\n")


@pytest.mark.parametrize(
    "trouble", [{"WHILE_PREPARING": "exit 1"}, {"WHILE_CHECKING_NGINX": "exit 1"}], ids=["migration", "nginx"]
)
def test_an_error_goes_back(machine, trouble):
    assert machine.run(**trouble)[0] == 1
    assert machine.went_back()


@pytest.mark.parametrize("name", ["SIGHUP", "SIGINT", "SIGTERM"])
def test_a_signal_during_the_migration_goes_back(machine, name):
    """Sent to the whole process group, as a terminal does; its reader is gone after SIGHUP."""
    process = machine.start(WHILE_PREPARING='touch "$MACHINE/waits"; exec sleep 60')
    until(lambda: (machine.folder / "waits").exists(), process)
    if name == "SIGHUP":
        process.stdout.close()
    os.killpg(process.pid, getattr(signal, name))
    assert process.wait(60) == 1
    if name != "SIGHUP":
        process.stdout.close()
    assert machine.went_back()


def test_a_signal_before_the_portal_stops_changes_nothing(machine):
    (machine.folder / "bin/python3").write_text('#!/bin/bash\ntouch "$MACHINE/waits"; exec sleep 60\n')
    process = machine.start()
    until(lambda: (machine.folder / "waits").exists(), process)
    os.killpg(process.pid, signal.SIGTERM)
    said, _nothing = process.communicate(timeout=60)
    assert (process.returncode, "Nothing was changed" in said) == (1, True)
    assert machine.release == machine.former.name
    assert "systemctl stop" not in machine.calls.read_text()
    assert [path.name for path in machine.former.parent.iterdir()] == [machine.former.name]
