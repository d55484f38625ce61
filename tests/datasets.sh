#!/bin/sh
# Public data that some tests import: vega-datasets from the npm registry, 11 MB, kept in the environment. Where it
# cannot be had, it says so and the tests that need it are skipped. Its files are not ours to hand on, hence no copy here.
set -eu

version=3.2.1
folder=${1:-.venv}/share/vega-datasets-$version

[ ! -d "$folder" ] || exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if (cd "$work" && npm pack --silent "vega-datasets@$version" >/dev/null 2>&1 && tar xzf ./*.tgz package/data); then
  mkdir -p "$(dirname "$folder")"
  mv "$work/package/data" "$folder"
else
  echo "No npm, or its registry cannot be reached: the import tests of movies and flights are skipped."
fi
