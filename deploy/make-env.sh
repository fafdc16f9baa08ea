#!/bin/sh
# Prints a file of settings, deploy/env.example unless another is named, with a random value for every empty secret:
# (umask 077 && sh deploy/make-env.sh > .env)
while IFS= read -r line; do
  case "$line" in
    '#'* | '') printf '%s\n' "$line" ;;
    *=) printf '%s%s\n' "$line" "$(od -An -tx1 -N24 /dev/urandom | tr -d ' \n')" ;;
    *) printf '%s\n' "$line" ;;
  esac
done <"${1:-$(dirname "$0")/env.example}"
