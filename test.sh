#!/usr/bin/env bash
# Builds everything and passes every test. Ends with a line "N passed, N failed, N skipped".
# DOCINGEST_REQUIRE=azurite,corpora,jsonschema,openssl,poppler,qpdf,rclone,restic,strace,tesseract turns a missing tool or file from a skip into a failure; DOCINGEST_LONG=1 runs the long tortures.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. install/packages.sh
need_dotnet
need_packages fonts-dejavu-core openssl poppler-utils python3-jsonschema qpdf rclone restic strace tesseract-ocr xz-utils zbar-tools
need_azurite

install/build.sh
dotnet build DocIngest.sln -c Release --nologo -v quiet

passed=0 failed=0 skipped=0 broken=0
for project in tests/*.Tests; do
  name=$(basename "$project")
  log=artifacts/$name.log
  echo "== $name"
  began=$SECONDS
  set +e
  DOCINGEST_PROGRAM=$PWD/artifacts/app/docingest "$project/bin/Release/net10.0/$name" --progress off --no-ansi "$@" >"$log" 2>&1
  code=$?
  set -e
  count() { sed -n "s/^ *$1: *\([0-9][0-9]*\).*/\1/p" "$log" | tail -n 1; }
  p=$(count succeeded) f=$(count failed) s=$(count skipped)
  if [ -z "$p" ]; then broken=1; cat "$log"; echo "$name ended with code $code and no summary"; continue; fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  grep -E '^(failed|skipped) ' "$log" || true
  if [ "$code" -ne 0 ]; then broken=1; tail -n 200 "$log"; fi
  echo "   $p passed, $f failed, $s skipped, in $((SECONDS - began)) s"
done
[ $broken -eq 0 ] || [ $failed -gt 0 ] || failed=1   # a run that died counts as a failure
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
