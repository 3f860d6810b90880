#!/bin/sh
# usage: release.sh VERSION
# Checks that a version can be released, and makes its packages in dist.
set -eu
version=$1
cd "$(dirname "$0")/.."
fail() {
  echo "$1" >&2
  exit 1
}
[ -z "$(git status --porcelain)" ] || fail "There are changes that are not committed."
grep -q "^## $version\( \|$\)" CHANGELOG.md || fail "CHANGELOG.md has no section $version."
grep -q "/$version.tar.gz" Packaging/homebrew/impasto.rb || fail "Packaging/homebrew/impasto.rb is for another version."
if git rev-parse -q --verify "refs/tags/$version" >/dev/null; then fail "The tag $version exists already."; fi
make lint
last=$(git describe --tags --abbrev=0 2>/dev/null || true)
if [ -n "$last" ]; then
  # A version that breaks clients must say so in its number and its changes.
  Scripts/api-changes.sh "$last" \
    || grep -q -i breaking CHANGELOG.md || fail "The API breaks that of $last, and CHANGELOG.md does not say so."
fi
make test-packages
echo "Version $version is in dist. Tag it: git tag -s $version"
