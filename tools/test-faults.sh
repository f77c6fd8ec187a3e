#!/bin/sh
# The fault tests: what `test:all` runs of them, or with --long a million simulated histories (a day on two cores) and
# campaigns of 200 kills. Each test says what it ran; the last line is the sum.
if [ "${1:-}" = --long ]; then
  shift
  export SIM_HISTORIES="${SIM_HISTORIES:-1000000}" FAULT_KILLS="${FAULT_KILLS:-200}"
fi
FAULTS_TALLY=$(mktemp)
export FAULTS_TALLY
trap 'rm -f "$FAULTS_TALLY"' EXIT
vitest run --project faults "$@"
status=$?
awk '{ histories += $1; faults += $2 } END { printf "in all: %d histories, %d faults\n", histories, faults }' "$FAULTS_TALLY"
exit "$status"
