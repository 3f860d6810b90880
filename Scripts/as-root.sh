# Source this file. as_root runs a command as root, through sudo if necessary.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else
    echo "Installing packages needs root and there is no sudo. Run as root: $*" >&2
    exit 1
  fi
}
