#!/bin/sh
# Verifies an audit chain with nothing but a shell and sha256sum: sh verify-audit.sh FOLDER, where FOLDER holds the .jsonl files.
# Each line names the hash of the line before it, and ends in its own: the SHA-256 of its bytes before ,"hash":
cd "${1:-.}" || exit 2
prev=0000000000000000000000000000000000000000000000000000000000000000
entries=0
bad=0
for segment in [0-9]*.jsonl; do
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
            '{"prev":"'*',"hash":"'*'"}') ;;
            *) echo "$segment: bytes that are no entry; a break must follow that speaks of them"; continue ;;
        esac
        body=${line%,\"hash\":*}
        hash=${line##*,\"hash\":\"}
        hash=${hash%\"\}}
        case $body in
            "{\"prev\":\"$prev\","*) ;;
            *) echo "$segment: does not follow the entry before it: $body"; bad=1 ;;
        esac
        if [ "$(printf '%s' "$body" | sha256sum | cut -c1-64)" != "$hash" ]; then
            echo "$segment: was changed: $body"
            bad=1
        fi
        case $body in *'"break":{"kind":"lost"'*) echo "$segment: entries are lost: $body"; bad=1 ;; esac
        prev=$hash
        entries=$((entries + 1))
    done < "$segment"
done
echo "$entries entries, head $prev"
[ "$entries" -gt 0 ] && [ "$bad" -eq 0 ]
