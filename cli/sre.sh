#!/bin/sh
# `sre` runs on the Node.js that was installed with it: the machine's own may be too old.
root=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
# On a large machine V8 would keep 128 MB of new objects in each thread before it looks for garbage: 32 MB here.
exec "$root/node_modules/.bin/node" --max-semi-space-size=16 "$root/cli/sre.ts" "$@"
