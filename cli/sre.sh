#!/bin/sh
# `sre` runs on the Node.js that was installed with it: the one on this machine may be too old for it.
root=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
exec "$root/node_modules/.bin/node" "$root/cli/sre.ts" "$@"
