#!/bin/sh
# Runs a command in a network of its own: loopback and what the stories add, no way out. When the
# command ends, however it ends, its processes, interfaces and rules end with it.
set -eu

if ! why=$(unshare --net --mount --pid --fork true 2>&1); then
  echo "browser stories: no network namespace can be made here: $why" >&2
  echo "They need one (Firefox and the outage stories live in it): run as root on Linux." >&2
  exit 1
fi
exec unshare --net --mount --pid --fork --mount-proc --kill-child -- sh -c '
  set -eu
  mkdir -p /run/netns
  mount -t tmpfs tmpfs /run/netns
  ip link set lo up
  # A way that leads nowhere: browsers without a camera permission take the address of the way
  # outside as their own, and have none where there is no such way.
  ip link add nowhere type veth peer name nobody
  ip addr add 10.76.0.1/24 dev nowhere
  ip link set nobody up
  ip link set nowhere up
  ip route add default via 10.76.0.2 dev nowhere metric 1000
  CONF_E2E_APART=1 "$@"
' sh "$@"
