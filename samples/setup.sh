#!/bin/sh
# Installs the Debian packages of packages.txt that are missing, and says which.
set -eu
list=$(dirname "$0")/packages.txt

fail()
{
    echo "setup: $1" >&2
    exit 1
}

command -v dpkg-query >/dev/null 2>&1 ||
    fail "this is no Debian system: install the counterparts of the packages in $list, then run cmake --preset release"

missing=
while read -r package; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || state=
    [ "$state" = installed ] || missing="$missing $package"
done <"$list"
if [ -z "$missing" ]; then
    echo "setup: all packages are there"
    exit 0
fi
echo "setup: installing$missing"

if [ "$(id -u)" -eq 0 ]; then
    root=
elif ! command -v sudo >/dev/null 2>&1; then
    fail "neither root nor sudo: ask an administrator for: apt-get install$missing"
elif sudo -n true 2>/dev/null; then
    root='sudo -n'
elif [ -t 0 ]; then
    root=sudo
else
    fail "sudo wants a password and there is no terminal: run yourself: sudo apt-get install$missing"
fi
# The words of $root and $missing are meant to be split.
$root apt-get update -q || echo "setup: apt-get update failed, trying with the lists that are there" >&2
$root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing ||
    fail "apt-get could not install all of:$missing (check the network and /etc/apt/sources.list)"
