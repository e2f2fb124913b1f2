#!/usr/bin/env bash
# Tests of ci/lib.sh: a check fails where any of its steps fails, in the background too, and its processes are stopped.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/lib.sh"

log=$(mktemp)
FAILED_CHECKS=$(mktemp -d)
trap 'stop_all; rm -rf "$log" "$FAILED_CHECKS"' EXIT

step_in_the_middle() {
    false
    echo "went on"
}
in_a_function() {
    step_in_the_middle
    true
}
in_a_substitution() {
    local text
    text=$(false)
    echo "$text"
}
in_a_pipe() {
    false | true
    true
}
dies() { die "no such program: install it"; }
in_a_function_in_a_substitution() {
    local text
    text=$(step_in_the_middle)
    echo "$text"
}
undefined() {
    # shellcheck disable=SC2154
    echo "$no_such_variable"
    true
}
sleeps() {
    start "$log" sleep 300
    names+=("one")
}
fails_at_length() {
    seq 1000
    false
}
starts_and_fails() {
    start "$log" sleep 300
    false
}
passes() { true && ! false; }

# counts PASSED FAILED LAST_FAILURE: the counters, and the words of the last failure.
counts() {
    [ "$passed $failed" = "$1 $2" ] || die "counted $passed passed, $failed failed instead of $1 and $2"
    [ $# -lt 3 ] || [ "${failures[-1]}" = "$3" ] || die "the last failure is '${failures[-1]}' instead of '$3'"
}

names=()
kept+=(names)
number=0
for wrong in step_in_the_middle in_a_function in_a_substitution in_a_function_in_a_substitution in_a_pipe undefined false; do
    number=$((number + 1))
    check "$wrong" "$wrong" >"$log"
    counts 0 "$number"
    ! grep -q "went on" "$log" || die "$wrong went on after a step had failed"
done
check "dies" dies >"$log"
counts 0 8 "dies: error: no such program: install it"

check "at length: 1,000 lines" fails_at_length >"$log"
counts 0 9 "at length: 1,000 lines: 1000"
whole=$FAILED_CHECKS/lib_test-at-length-1-000-lines.log
[ "$(wc -l <"$log")" -eq 42 ] || die "$(wc -l <"$log") lines of a failure are shown"
grep -qF "(all of it: $whole)" "$log" || die "the failure does not name $whole"
[ "$(cat "$whole")" = "$(seq 1000)" ] || die "$whole does not hold the whole output"
check "at length: 1,000 lines" true >"$log"
[ ! -e "$whole" ] || die "the output of an old failure is left after a success"
counts 1 9

for command in fails_at_length true; do begin "$FAILED_CHECKS/$command" "$command"; done
wait
check "in the background" ended "$FAILED_CHECKS/fails_at_length" >"$log"
counts 1 10 "in the background: 1000"
failed=9
check "in the background" ended "$FAILED_CHECKS/true" >"$log"
counts 2 9
passed=1

check "starts and fails" starts_and_fails >"$log"
[ "${#started[@]}" -eq 1 ] || die "the process of a failed check is lost"
stop_all
failed=9

check "passes" passes >"$log"
check "starts" sleeps >"$log"
counts 3 9
[ "${#started[@]} ${names[*]}" = "1 one" ] || die "variables of a check are lost: ${started[*]}, ${names[*]}"
running "$last_pid" || die "the process of a check does not run"
stop_all
! running "$last_pid" || die "the process of a check was not stopped"
[ "${#started[@]}" -eq 0 ] || die "stopped processes are still listed"
[[ $- == *e* ]] || die "set -e is off after a check"
! summary >"$log" || die "the summary of a failure is success"
say "ci/lib.sh: passed"
