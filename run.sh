#!/usr/bin/env bash
# Builds DocIngest where its sources have changed, then becomes it: ./run.sh [ARGS], 'run' if none. Words go to standard error.
set -euo pipefail
here=${BASH_SOURCE[0]%/*}
[ "$here" = "${BASH_SOURCE[0]}" ] && here=.
case $here in /*) ;; *) here=$PWD/$here ;; esac
app=$here/artifacts/app

# Nothing newer than the last build: the common case, and it must cost nothing.
if [ ! -e "$app/.built" ] || [ -n "$(find "$here/src" "$here"/Directory.*.props "$here/global.json" "$here/.globalconfig" \
      \( -name bin -o -name obj \) -prune -o -newer "$app/.built" -type f -print -quit)" ]; then
  "$here/install/build.sh" >&2
fi

[ $# -gt 0 ] || set -- run
exec "$app/docingest" "$@"
