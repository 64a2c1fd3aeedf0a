# Sourced by the scripts that install what they lack.

# need_dotnet: the .NET SDK that global.json asks for, or words on where to get it.
need_dotnet() {
  if ! command -v dotnet >/dev/null 2>&1 || ! dotnet --version >/dev/null 2>&1; then
    echo "DocIngest needs the .NET SDK 10 (https://dotnet.microsoft.com/download/dotnet/10.0). Install it and start again." >&2
    exit 1
  fi
}

# need_packages NAME...: installs missing Debian packages as root or through sudo, else says exactly what to install.
need_packages() {
  command -v dpkg-query >/dev/null 2>&1 || return 0   # not Debian: the programs themselves tell what they miss
  local missing=() name status
  for name in "$@"; do   # newer Debian and Ubuntu have some as NAMEt64, which apt-get finds under the old name too
    status=$(dpkg-query -W -f='<${Status}>' "$name" "${name}t64" 2>/dev/null || true)   # it fails where it knows only one of them
    [[ $status == *'<install ok installed>'* ]] || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local as=()
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as=(sudo -n); else
      echo "Please install as root: apt-get install ${missing[*]}" >&2
      exit 1
    fi
  fi
  echo "Installing ${missing[*]} ..." >&2
  local get=("${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)   # another installation may just be running
  local install=("${get[@]}" install -y --no-install-recommends "${missing[@]}")
  "${install[@]}" >/dev/null 2>&1 || { "${get[@]}" update >/dev/null; "${install[@]}" >/dev/null; }
}

# need_azurite: installs the blob server of the tests where there is node, at the versions and digests of its lock file.
need_azurite() {
  local package=tests/azurite
  if ! command -v npm >/dev/null 2>&1; then
    echo "No npm: tests that need Azurite are skipped." >&2
    return 0
  fi
  cmp -s $package/package-lock.json $package/node_modules/.installed-lock.json && return 0
  echo "Installing Azurite ..." >&2
  if ! npm ci --prefix $package --ignore-scripts --no-audit --no-fund --loglevel=error >&2; then
    echo "Azurite could not be installed: its tests are skipped." >&2
    return 0
  fi
  cp $package/package-lock.json $package/node_modules/.installed-lock.json   # last: who is interrupted begins again
}
