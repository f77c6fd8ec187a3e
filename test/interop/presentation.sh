#!/usr/bin/env bash
# Checks a presentation with bash, coreutils, openssl and jq alone: presentation.sh FILE AUTHOR-KEY (base64url).
# Prints every disclosure as JSON, one a line; ends with another status than 0 where one is not signed for.
set -euo pipefail
work=$(mktemp -d) && trap 'rm -r "$work"' EXIT
decode() { local text=$1; while ((${#text} % 4)); do text+==; done; basenc --base64url -d <<<"$text"; }
digest() { printf %s "$1" | openssl dgst -sha256 -binary | basenc --base64url | tr -d '=\n'; }
IFS='~' read -ra part <"$1" && IFS=. read -r header payload signature <<<"${part[0]}"
{ printf '\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00' && decode "$2"; } >"$work/key"
decode "$signature" >"$work/signature" && printf %s.%s "$header" "$payload" >"$work/signed"
openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/key" -rawin -in "$work/signed" -sigfile "$work/signature" >&2
declare -A waiting=() && for text in "${part[@]:1}"; do
  name=$(digest "$text") && [ -n "${waiting[$name]-}" ] && exit 1
  waiting[$name]=$text
done
named=($(decode "$payload" | jq -r '._sd[]'))
for ((next = 0; next < ${#named[@]}; next++)); do
  text=${waiting[${named[next]}]-} && [ -z "$text" ] && continue
  unset "waiting[${named[next]}]" && decode "$text" | tee "$work/json" | jq -c .
  named+=($(jq -r '.. | objects | (._sd // [])[], (.["..."] // empty)' "$work/json"))
done
[ "${#waiting[@]}" = 0 ] && [ -z "$(printf '%s\n' "${named[@]}" | sort | uniq -d)" ]
