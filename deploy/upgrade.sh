#!/usr/bin/env bash
# Installs a release, and goes back to the former one if the new one is not healthy.
#     sudo deploy/upgrade.sh [folder of the release]
# The new release is installed next to the current one. Then the script stops the portal, makes a backup, migrates,
# starts, checks the health, and installs the nginx.conf of the release. If a step fails or the script is
# interrupted (Ctrl-C, a lost ssh connection), it restores the database and files and starts the previous release.
set -euo pipefail
umask 022
source_folder=$(cd "${1:-$(dirname "$0")/..}" && pwd)
[ "$(id -u)" = 0 ] || { echo "Run this script as root." >&2; exit 1; }
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
    if running; then systemctl start portal-web; else echo "systemd is not running. Nothing was started."; fi
}
stop() { if running; then systemctl stop portal-web 2>/dev/null || true; fi; }
well() {
    running || return 0
    for _second in $(seq 60); do
        if curl -fsS -o /dev/null "http://127.0.0.1:$port/healthz/" 2>/dev/null; then return 0; fi
        sleep 1
    done
    echo "The portal is not healthy after a minute:" >&2
    curl -sS "http://127.0.0.1:$port/healthz/" >&2 || true
    return 1
}

site=/etc/nginx/sites-available/portal
host=$(sed -n 's/^ *server_name \(.*\);$/\1/p' "$site" 2>/dev/null | head -n 1 || true)
nginx_of() { "$release/deploy/nginx.sh" "$1/deploy/nginx.conf" "$host"; } # a previous release may have no nginx.sh
bring_nginx() { # only if nginx is set up and nobody changed the file on this machine
    [ -n "$host" ] || return 0
    if [ -z "$former" ] || ! cmp -s "$site" <(nginx_of "$former"); then
        nginx_of "$release" > "$site.new"
        cmp -s "$site" "$site.new" || echo "$site was changed on this machine. Compare it with $site.new" >&2
        return 0
    fi
    cp "$site" "$site.former"
    nginx_of "$release" > "$site"
    nginx -t -q
    if running; then systemctl reload nginx; fi
}

say "Installing into $release"
give_up() {
    trap '' HUP INT TERM PIPE
    set +e
    rm -rf "$release"
    echo "The release could not be installed. Nothing was changed." >&2
    exit 1
}
# Every early end of the script, by an error or a signal, runs the trap of EXIT.
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 141' PIPE
trap give_up EXIT
install -d -m 0755 "$release"
tar -C "$source_folder" --exclude=./.git --exclude=./.venv --exclude=./.env --exclude=./media --exclude='./*.sqlite3*' \
    --exclude=./staticfiles --exclude=__pycache__ -cf - . | tar -C "$release" --no-same-owner -xf -
ln -s /etc/portal/portal.env "$release/.env"
python3 -m venv "$release/.venv"
"$release/.venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$release/requirements/deploy.txt"
"$release/.venv/bin/python" -m compileall -q "$release/portal" "$release/practices"
(cd "$release" && .venv/bin/python manage.py collectstatic --noinput -v 0)
manage "$release" check --deploy --fail-level ERROR

go_back() { # writes to a file, because the terminal may be closed
    trap '' HUP INT TERM PIPE
    set +e
    echo "Returning to the previous release. See $backup.log" >&2
    exec 3>&2 >> "$backup.log" 2>&1
    stop
    if [ -n "$former" ]; then
        if [ -e "$backup" ]; then manage "$former" restore "$backup" --replace; fi
        use "$former"
        cp -r "$former"/deploy/systemd/. /etc/systemd/system/
        if running; then systemctl daemon-reload; fi
        if [ -e "$site.former" ]; then
            mv "$site.former" "$site"
            if running; then systemctl reload nginx; fi
        fi
        start
        well && echo "The previous release is running with its previous data. The failed release is in $release." | tee /dev/fd/3
    fi
    exit 1
}
trap go_back EXIT
stop
if [ -n "$former" ]; then
    say "Backup"
    manage "$former" backup "$backup"
fi
say "Migrating"
manage "$release" bootstrap
# Units and release change together: a timer must not run a command that the release in use does not have.
say "systemd units"
cp -r "$release"/deploy/systemd/. /etc/systemd/system/
use "$release"
if running; then systemctl daemon-reload; fi
say "Starting"
start
well
bring_nginx
trap - EXIT HUP INT TERM PIPE
rm -f "$site.former"
if running; then systemctl enable --quiet portal-web; systemctl enable --quiet --now portal-backup.timer portal-publish.timer; fi
# Keeps the three newest releases and the five newest backups of upgrades.
find "$base/releases" -mindepth 1 -maxdepth 1 -type d | sort | head -n -3 | xargs -r rm -rf
find /var/backups/portal -name 'before-*.zip' | sort | head -n -5 | xargs -r rm -f
say "$(basename "$release") is the current release"
