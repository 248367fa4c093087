#!/bin/bash
# Replaces mv and sync. At the call that STUMBLE names, such as "kill before mv 2" or "hang after sync 1", it kills the
# calling start script, or hangs.
program=${0##*/}
calls=$(($(cat "/tmp/$program.calls" 2>/dev/null) + 1))
echo "$calls" >"/tmp/$program.calls"

stumble() {
  case $STUMBLE in
    "kill $1 $program $calls") kill -KILL $PPID ;;
    "hang $1 $program $calls") echo hanging ;;
    *) return ;;
  esac
  sleep 600
}

stumble before
"/usr/bin/$program" "$@" || exit
stumble after
