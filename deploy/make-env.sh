#!/bin/sh
# Prints deploy/env.example with a random value for every secret: (umask 077 && sh deploy/make-env.sh > .env)
while IFS= read -r line; do
  case "$line" in
    '#'* | '') printf '%s\n' "$line" ;;
    *=) printf '%s%s\n' "$line" "$(od -An -tx1 -N24 /dev/urandom | tr -d ' \n')" ;;
    *) printf '%s\n' "$line" ;;
  esac
done <"$(dirname "$0")/env.example"
