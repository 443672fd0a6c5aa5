#!/usr/bin/env bash
# Brings a release into place, and back to the former one when it does not get well.
#     sudo deploy/upgrade.sh [folder of the release]
# Installs beside the release in use; then stops it, backs up, migrates, starts, and asks for its health. When
# something fails from there on, the database and files are put back and the former release is started again.
set -euo pipefail
umask 022
source_folder=$(cd "${1:-$(dirname "$0")/..}" && pwd)
[ "$(id -u)" = 0 ] || { echo "Run it as root." >&2; exit 1; }
base=/opt/portal
release=$base/releases/$(date -u +%Y%m%d-%H%M%S)
former=$(readlink -f "$base/current" 2>/dev/null || true)
[ -d "$former" ] || former=
backup=/var/backups/portal/before-$(basename "$release").zip
port=8000

say() { printf '\n-- %s\n' "$*"; }
running() { [ -d /run/systemd/system ]; }
manage() { (cd "$1" && shift && exec runuser -u portal -- .venv/bin/python manage.py "$@"); }
use() { ln -sfn "$1" "$base/current.new" && mv -T "$base/current.new" "$base/current"; }
start() {
    if running; then systemctl start portal-web; else echo "No systemd runs here: nothing was started."; fi
}
stop() { if running; then systemctl stop portal-web 2>/dev/null || true; fi; }
well() {
    running || return 0
    for _second in $(seq 60); do
        if curl -fsS -o /dev/null "http://127.0.0.1:$port/healthz/" 2>/dev/null; then return 0; fi
        sleep 1
    done
    echo "The portal did not get well within a minute:" >&2
    curl -sS "http://127.0.0.1:$port/healthz/" >&2 || true
    return 1
}

say "Installing into $release"
trap 'rm -rf "$release"; echo "The release could not be installed; nothing was changed." >&2' ERR
install -d -m 0755 "$release"
tar -C "$source_folder" --exclude=./.git --exclude=./.venv --exclude=./.env --exclude=./media --exclude='./*.sqlite3*' \
    --exclude=./staticfiles --exclude=__pycache__ -cf - . | tar -C "$release" --no-same-owner -xf -
ln -s /etc/portal/portal.env "$release/.env"
python3 -m venv "$release/.venv"
"$release/.venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$release/requirements/deploy.txt"
"$release/.venv/bin/python" -m compileall -q "$release/portal" "$release/practices"
(cd "$release" && .venv/bin/python manage.py collectstatic --noinput -v 0 && .venv/bin/python manage.py compile_templates)
manage "$release" check --deploy --fail-level ERROR

say "Units"
cp -r "$release"/deploy/systemd/. /etc/systemd/system/
if running; then systemctl daemon-reload; fi
trap - ERR

go_back() {
    trap - ERR
    echo "Going back." >&2
    stop
    if [ -n "$former" ]; then
        if [ -e "$backup" ]; then manage "$former" restore "$backup" --replace; fi
        use "$former"
        cp -r "$former"/deploy/systemd/. /etc/systemd/system/
        if running; then systemctl daemon-reload; fi
        start
        well && echo "The former release serves again, with what it had. The failed one is in $release." >&2
    fi
    exit 1
}
trap go_back ERR
stop
if [ -n "$former" ]; then
    say "Backup"
    manage "$former" backup "$backup"
fi
say "Migrating"
manage "$release" prepare
use "$release"
say "Starting"
start
well
trap - ERR
if running; then systemctl enable --quiet portal-web; systemctl enable --quiet --now portal-backup.timer portal-publish.timer; fi
# The three newest releases stay, and the five newest backups of upgrades.
find "$base/releases" -mindepth 1 -maxdepth 1 -type d | sort | head -n -3 | xargs -r rm -rf
find /var/backups/portal -name 'before-*.zip' | sort | head -n -5 | xargs -r rm -f
say "$(basename "$release") is in use"
