#!/bin/sh
# `sre` runs on the Node.js that was installed with it: the machine's own may be too old.
root=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
exec "$root/node_modules/.bin/node" "$root/cli/sre.ts" "$@"
