#!/usr/bin/env bash
# Sets up the portal on a Debian machine (12 or newer): nginx, PostgreSQL, a system account, units, a certificate.
#     sudo deploy/install.sh practices.example [editors@practices.example]
# With an e-mail address, certbot fetches a certificate; otherwise put your own into /etc/portal/tls. If it runs
# again, it keeps everything that exists and installs this release.
set -euo pipefail
umask 022
here=$(cd "$(dirname "$0")" && pwd)
host=${1:?"Enter the host name, such as practices.example"}
email=${2:-}
[ "$(id -u)" = 0 ] || { echo "Run this script as root." >&2; exit 1; }
command -v apt-get >/dev/null || { echo "This system is not Debian. Follow the manual steps in docs/operations.md." >&2; exit 1; }

say() { printf '\n== %s\n' "$*"; }
running() { [ -d /run/systemd/system ]; }

say "Packages"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends python3-venv nginx postgresql postgresql-client openssl curl \
    ca-certificates ${email:+certbot} >/dev/null

say "Account and folders"
id portal >/dev/null 2>&1 || useradd --system --home-dir /var/lib/portal --shell /usr/sbin/nologin portal
install -d -o portal -g portal -m 0750 /var/lib/portal /var/lib/portal/media /var/backups/portal
install -d -m 0755 /opt/portal/releases /var/lib/portal/acme /var/cache/nginx
install -d -o root -g portal -m 0750 /etc/portal
install -d -m 0700 /etc/portal/tls
chmod 0751 /var/lib/portal # nginx needs access to acme
if [ ! -e /etc/portal/portal.env ]; then
    install -o root -g portal -m 0640 /dev/null /etc/portal/portal.env
    cat > /etc/portal/portal.env <<END
# docs/reference/settings.md lists all settings. After a change, run: systemctl restart portal-web
SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_urlsafe(48))')
SITE_URL=https://$host
DATABASE_URL=postgres://portal@%2Fvar%2Frun%2Fpostgresql/portal
MEDIA_ROOT=/var/lib/portal/media
CONTACT_EMAIL=$email
REQUIRE_SECOND_FACTOR=true
END
fi
cat > /usr/local/bin/portal <<'END'
#!/bin/sh
# Runs manage.py of the current release as the system account `portal`: `portal backup /var/backups/portal --keep 14`
cd /opt/portal/current && exec runuser -u portal -- .venv/bin/python manage.py "$@"
END
chmod 0755 /usr/local/bin/portal

say "Database"
running || service postgresql start >/dev/null
as_postgres() { (cd / && runuser -u postgres -- "$@"); }
as_postgres psql -tAc "SELECT 1 FROM pg_roles WHERE rolname = 'portal'" | grep -q 1 || as_postgres createuser portal
as_postgres psql -tAc "SELECT 1 FROM pg_database WHERE datname = 'portal'" | grep -q 1 ||
    as_postgres createdb --owner portal --encoding UTF8 --locale C.UTF-8 --template template0 portal
# By default the log of PostgreSQL would contain statements with search terms and values of drafts.
for setting in "log_min_error_statement = panic" "log_error_verbosity = terse"; do
    as_postgres psql -qc "ALTER ROLE portal SET $setting"
done

say "Release"
"$here/upgrade.sh" "$here/.."

say "nginx"
if [ ! -e /etc/portal/tls/fullchain.pem ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$host" \
        -keyout /etc/portal/tls/privkey.pem -out /etc/portal/tls/fullchain.pem 2>/dev/null
    echo "Created a self-signed certificate for 30 days. Browsers do not trust it. Replace it with a valid one."
fi
"$here/nginx.sh" "$here/nginx.conf" "$host" > /etc/nginx/sites-available/portal
ln -sfn ../sites-available/portal /etc/nginx/sites-enabled/portal
rm -f /etc/nginx/sites-enabled/default
sed -i 's/worker_connections 768;/worker_connections 8192;/' /etc/nginx/nginx.conf # for many slow clients
echo 'worker_rlimit_nofile 20000;' > /etc/nginx/modules-enabled/90-portal-files.conf
nginx -t -q
if running; then systemctl reload-or-restart nginx; fi

if [ -n "$email" ] && running && [ ! -e "/etc/letsencrypt/live/$host" ]; then
    say "Certificate"
    certbot certonly --webroot --webroot-path /var/lib/portal/acme --domain "$host" --email "$email" \
        --agree-tos --non-interactive --deploy-hook "systemctl reload nginx"
    ln -sfn "/etc/letsencrypt/live/$host/fullchain.pem" /etc/portal/tls/fullchain.pem
    ln -sfn "/etc/letsencrypt/live/$host/privkey.pem" /etc/portal/tls/privkey.pem
    systemctl reload nginx
fi
say "Done: https://$host/"
