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
log=artifacts/ahead-of-time.log
restore() { dotnet restore src/DocIngest.Worker "${options[@]}" -p:Configuration=Release "$@"; }
publish() { dotnet publish src/DocIngest.Worker -c Release --no-restore -o artifacts/app.new "${options[@]}" "$@"; }
clean() { rm -rf artifacts/app.new src/DocIngest.Worker/obj/Release/net10.0/"$rid"/R2R; }   # what was compiled the other way cannot be mixed
without_it() {
  echo "$1 here ($log tells why): building without it. The program does the same, and starts more slowly." >&2
  clean
  restore -p:SelfContained=false >&2
  publish -p:SelfContained=false >&2
}

# Compiled ahead of time, the runtime with it (ADR 0010), where compiler and runtime can be had and do it: short runs take half the time.
ahead=(-p:SelfContained=true -p:PublishReadyToRun=true -p:PublishReadyToRunComposite=true)
clean
if restore "${ahead[@]}" >"$log" 2>&1; then
  dotnet build src/DocIngest.Worker -c Release --no-restore "${options[@]}" "${ahead[@]}" >&2   # what is wrong with the sources is told here, once
  publish --no-build "${ahead[@]}" >"$log" 2>&1 || without_it "Compiling ahead of time failed"
else
  without_it "The ahead-of-time compiler is not to be had"
fi
mv "$stamp" artifacts/app.new/.built
rm -rf artifacts/app.old
[ ! -e artifacts/app ] || mv artifacts/app artifacts/app.old
mv artifacts/app.new artifacts/app
rm -rf artifacts/app.old

missing=()
for tool in tesseract:tesseract-ocr pdftoppm:poppler-utils qpdf:qpdf zbarimg:zbar-tools; do
  command -v "${tool%%:*}" >/dev/null 2>&1 || missing+=("${tool#*:}")
done
[ ${#missing[@]} -eq 0 ] || echo "Scans are archived all the same, but not all are read or get a searchable rendition before you have installed: apt-get install ${missing[*]}" >&2
