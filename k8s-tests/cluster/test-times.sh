#!/usr/bin/env bash
# Prints the time of each test class, longest first, and then the failed tests, from the reports of the latest runs.
. "$(dirname "$0")/lib.sh"

# For awk: the attribute of an element that begins in the current record.
value='function value(name) { return match($0, " " name "=\"[^\"]*\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : "" }'
runs=()
for run in "$root"/target/test-reports/*/; do
  ! ls "$run"*.xml > /dev/null 2>&1 || runs+=("$run")
done

for run in "${runs[@]}"; do
  printf '\nTime per class, operator %s\n%8s  %5s %6s %7s  %s\n' "$(basename "$run")" seconds tests failed skipped class
  cat "$run"*.xml | awk -v RS='<' "$value"'
    /^testsuite[ \n]/ {
      seconds = value("time"); gsub(",", "", seconds)
      printf "%8.1f  %5d %6d %7d  %s\n", seconds, value("tests"), value("failures") + value("errors"), value("skipped"), value("name")
    }
  ' | sort -rn | awk '{ print; seconds += $1; tests += $2; failed += $3; skipped += $4 }
    END { printf "%8.1f  %5d %6d %7d  all classes (their times overlap)\n", seconds, tests, failed, skipped }'
done

printf '\n'
for run in "${runs[@]}"; do
  cat "$run"*.xml | awk -v RS='<' -v run="$(basename "$run")" "$value"'
    /^testcase[ \n]/ { test = value("classname") "." value("name") }
    /^(failure|error)[ \n]/ { gsub(/\n/, " "); printf "FAILED (%s) %s: %s\n", run, test, substr(value("message"), 1, 200) }
  '
done
