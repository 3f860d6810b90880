#!/bin/sh
# Installs SQLite with its headers, which the package trait Studio needs.
set -eu
cd "$(dirname "$0")/.."
if pkg-config --exists sqlite3; then
  exit 0
fi

. Scripts/as-root.sh
if command -v apt-get >/dev/null; then
  echo "Installing with apt-get: libsqlite3-dev"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends libsqlite3-dev
elif command -v brew >/dev/null; then
  echo "Installing with brew: sqlite"
  brew install sqlite
else
  echo "SQLite is missing: install it with its headers" >&2
  exit 1
fi
