#!/usr/bin/env bash
# Prints the nginx.conf of a release with the host name of this machine.
#     deploy/nginx.sh deploy/nginx.conf practices.example
set -euo pipefail
sed -e "s|\${PORTAL_UPSTREAM}|127.0.0.1:8000|; s|\${PORTAL_HOST}|$2|; s|\${PORTAL_TLS}|/etc/portal/tls|" "$1"
