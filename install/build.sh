#!/usr/bin/env bash
# Publishes the program to artifacts/app, installing what it lacks. Called by run.sh and test.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. install/packages.sh

need_dotnet
need_packages libssl3 ca-certificates

case $(uname -m) in
  x86_64) rid=linux-x64 ;;
  aarch64) rid=linux-arm64 ;;
  *) echo "DocIngest is built for x86_64 and aarch64; this is $(uname -m)." >&2; exit 1 ;;
esac

mkdir -p artifacts
exec 9>artifacts/.build-lock
flock 9                       # two first starts at once: one builds, the other waits
stamp=$(mktemp artifacts/.built-XXXXXX)   # as old as the sources that are about to be read
echo "Building DocIngest (once; a minute or two) ..." >&2
options=("-p:RuntimeIdentifier=$rid" -v quiet --nologo)
restore() { dotnet restore src/DocIngest.Worker "${options[@]}" -p:Configuration=Release "$@" >&2; }
# Compiled ahead of time, the runtime with it (ADR 0010), where compiler and runtime can be had: short runs take half the time. It does the same either way.
ahead=(-p:SelfContained=true -p:PublishReadyToRun=true -p:PublishReadyToRunComposite=true)
restore "${ahead[@]}" || {
  echo "The ahead-of-time compiler is not to be had here; building without it." >&2
  ahead=(-p:SelfContained=false)
  restore "${ahead[@]}"
}
rm -rf artifacts/app.new src/DocIngest.Worker/obj/Release/net10.0/"$rid"/R2R   # what was compiled the other way cannot be mixed
dotnet publish src/DocIngest.Worker -c Release --no-restore -o artifacts/app.new "${options[@]}" "${ahead[@]}" >&2
mv "$stamp" artifacts/app.new/.built
rm -rf artifacts/app.old
[ ! -e artifacts/app ] || mv artifacts/app artifacts/app.old
mv artifacts/app.new artifacts/app
rm -rf artifacts/app.old
