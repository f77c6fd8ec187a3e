#!/bin/sh
# The fault tests: what `test:all` runs of them, or with --long a million simulated histories (a day on two cores).
# Each test says how many histories, faults and kills it ran.
if [ "${1:-}" = --long ]; then
  shift
  export SIM_HISTORIES="${SIM_HISTORIES:-1000000}"
fi
exec vitest run --project faults "$@"
