#!/bin/sh
# `sre` runs on the Node.js that was installed with it: the machine's own may be too old.
root=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
# A start from compiled code takes half the time. Without it where coverage is measured, which would then count whole functions, and where
# the folder is read-only.
[ -n "${NODE_V8_COVERAGE:-}" ] || export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$root/node_modules/.cache/compiled}"
# On a large machine V8 would keep 128 MB of new objects in each thread before it looks for garbage: 16 MB here. And glibc would keep
# freed memory in eight arenas per core, which many threads that compress leave fragmented: two arenas in all here.
MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}" exec "$root/node_modules/.bin/node" --max-semi-space-size=8 "$root/cli/sre.ts" "$@"
