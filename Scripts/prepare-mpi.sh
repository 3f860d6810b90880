#!/bin/sh
# Installs Open MPI with its headers, which the package trait MPI needs.
set -eu
cd "$(dirname "$0")/.."
if command -v mpirun >/dev/null && pkg-config --exists ompi-c; then
  exit 0
fi

. Scripts/as-root.sh
if command -v apt-get >/dev/null; then
  echo "Installing with apt-get: libopenmpi-dev, openmpi-bin"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends libopenmpi-dev openmpi-bin
elif command -v brew >/dev/null; then
  echo "Installing with brew: open-mpi"
  brew install open-mpi
else
  echo "Open MPI is missing: install it with its headers" >&2
  exit 1
fi
