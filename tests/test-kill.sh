#!/bin/sh
# Killed at any call that changes a file, a run goes on to the same release; it
# never spends more than its budget and never changes a committed answer.
# A point is a call and whether the kill comes before it, after it or amid its
# write; PV_KILL_POINTS says how many are tried, evenly spread (0: all);
# PV_KILL_COLUMNS=private has the run find levels first.
# PV_KILL_METHOD is the method (mst).
set -u
LC_ALL=C
export LC_ALL
unset KILL_AT KILL_MODE KILL_COUNT
OMP_NUM_THREADS=1
export OMP_NUM_THREADS
# the program itself, not the script around it, which the shim would count too
gen=$top_builddir/privet-gen
if [ -x "$top_builddir/.libs/privet-gen" ]; then
    gen=$top_builddir/.libs/privet-gen
    LD_LIBRARY_PATH=$top_builddir/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export LD_LIBRARY_PATH
fi
shim=$top_builddir/tests/.libs/killat.so
method=${PV_KILL_METHOD:-mst}
points=${PV_KILL_POINTS:-40}
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-kill-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 99
failures=0
passed=0
seed=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}

if [ ! -f "$shim" ]; then
    echo "SKIPPED: $shim was not built (a static build?)" >&2
    exit 77
fi

if grep -q __asan_init "$gen"; then
    echo "SKIPPED: a sanitizer's own write() hides the shim's" >&2
    exit 77
fi

# 2000 rows of eight columns, each leaning on the one before
awk 'BEGIN {
    x = 12345
    print "c1,c2,c3,c4,c5,c6,c7,c8"
    for (r = 0; r < 2000; r++) {
        v = 0
        for (c = 1; c <= 8; c++) {
            x = (x * 16807) % 2147483647
            v = (x % 3 ? v : x % 97) % (c + 1)
            printf "%d%s", v, c < 8 ? "," : "\n"
        }
    }
}' >in.csv
{
    printf '{"fields":['
    for c in 1 2 3 4 5 6 7 8; do
        [ "$c" = 1 ] || printf ','
        printf '{"name":"c%d","type":"integer","constraints":' "$c"
        printf '{"required":true,"minimum":0,"maximum":%d}}' "$c"
    done
    printf ']}\n'
} >schema.json
# or levels of the last two columns found by the run
if [ "${PV_KILL_COLUMNS:-public}" = private ]; then
    sed 's/"c8","type":"integer","constraints":{"required":true,"minimum":0,"maximum":8}/"c8","type":"integer","privet":{"bins":"private","bounds":"private","levels":4}/
         s/"c7","type":"integer","constraints":{"required":true,"minimum":0,"maximum":7}/"c7","privet":{"open":true}/' \
        schema.json >private.json
    mv private.json schema.json
    grep -q '"bounds".*levels' schema.json && grep -q '"open"' schema.json || exit 99
fi

# run [OPTION...]: the one command that is tried, in the present directory
run() {
    "$gen" "$method" "$work/in.csv" --schema "$work/schema.json" --rho 0.1 \
        --insecure-test-seed "$seed" -o out.h5 --run-dir run --quiet "$@"
}

# in_dir NAME: a fresh directory
in_dir() {
    rm -rf "${work:?}/$1"
    mkdir "$work/$1"
    cd "$work/$1" || exit 99
}

# The ledger holds and says no more than the budget.
check_budget() {
    [ -f run/ledger.jsonl ] || return
    "$gen" ledger run --json >"$work/ledger.json" 2>"$work/err" || {
        fail "$1: privet-gen ledger: $(cat "$work/err")"
        return
    }
    awk -F'[:,]' '/^  "rho"/ { rho = $2 } END { exit !(rho <= 0.1) }' \
        "$work/ledger.json" || fail "$1: more than the budget is spent"
}

# Committed answers by their sums (the last may be there and not committed).
committed() {
    n=$(grep -c '"kind":"commit"' run/ledger.jsonl 2>/dev/null)
    for answer in $(seq 1 "${n:-0}"); do
        cksum "$(printf 'run/answers/%06d.bin' "$answer")"
    done
}

# kill_at N MODE: killed there, then resumed to the end
kill_at() {
    in_dir point
    ( LD_PRELOAD=$shim KILL_AT=$1 KILL_MODE=$2; export LD_PRELOAD KILL_AT KILL_MODE
      run 2>/dev/null )
    status=$?
    before=$failures
    [ $status -eq 137 ] || fail "point $1 $2: ended with $status, not killed"
    check_budget "point $1 $2"
    committed >"$work/sums"
    run 2>"$work/err" || fail "point $1 $2: not resumed: $(cat "$work/err")"
    check_budget "point $1 $2, resumed"
    committed >"$work/sums2"
    head -n "$(wc -l <"$work/sums")" "$work/sums2" | cmp -s - "$work/sums" ||
        fail "point $1 $2: a committed answer changed"
    cmp -s out.h5 "$work/whole/out.h5" || fail "point $1 $2: another release"
    [ "$failures" -ne "$before" ] || passed=$((passed + 1))
}

in_dir whole
( LD_PRELOAD=$shim KILL_COUNT=$work/count; export LD_PRELOAD KILL_COUNT
  run ) || { fail "the undisturbed run fails"; exit 1; }
check_budget whole
calls=$(cat "$work/count")
[ "$calls" -gt 40 ] || fail "only $calls calls were seen"
in_dir again
run && cmp -s out.h5 "$work/whole/out.h5" || fail "two runs give two releases"
all=$((3 * calls))
[ "$points" -gt 1 ] && [ "$points" -lt "$all" ] || points=$all
i=0
while [ "$i" -lt "$points" ]; do
    # from the first to the last
    point=$((i * (all - 1) / (points - 1)))
    case $((point % 3)) in
    0) mode=before ;;
    1) mode=torn ;;
    *) mode=after ;;
    esac
    kill_at $((1 + point / 3)) $mode
    i=$((i + 1))
done

# Killed again and again, each time after a few calls more.
in_dir often
kills=0
while [ $kills -lt 200 ]; do
    ( LD_PRELOAD=$shim KILL_AT=$((8 + 2 * kills)); export LD_PRELOAD KILL_AT
      run 2>/dev/null ) && break
    kills=$((kills + 1))
    check_budget "kill $kills"
done
cmp -s out.h5 "$work/whole/out.h5" || fail "killed $kills times: another release"
[ $kills -gt 3 ] || fail "killed only $kills times"

# A second process on the same run is refused while the first lives.
in_dir two
( LD_PRELOAD=$shim KILL_AT=$((calls / 3)) KILL_MODE=stop
  export LD_PRELOAD KILL_AT KILL_MODE
  exec "$gen" "$method" "$work/in.csv" --schema "$work/schema.json" --rho 0.1 \
      --insecure-test-seed $seed -o out.h5 --run-dir run --quiet ) &
first=$!
tries=0
until grep -qs 'T (stopped)' "/proc/$first/status" || [ $tries -gt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
run 2>"$work/err" && fail "a second process got into the run"
grep -q "another process" "$work/err" || fail "two: $(cat "$work/err")"
kill -CONT $first
wait $first || fail "the first of two did not end well"
cmp -s out.h5 "$work/whole/out.h5" || fail "two: another release"

# Two runs at once on an account with room for one and a half.
in_dir account
for r in 1 2; do
    ( seed=$r$seed
      seed=${seed%?}
      mkdir $r && cd $r && run --account ../account --account-cap 0.15 \
          2>err; echo $? >status ) &
done
wait
[ "$(cat 1/status 2/status | sort | tr '\n' ' ')" = "0 5 " ] ||
    fail "account: ended with $(cat 1/status 2/status), $(cat 1/err 2/err)"
sed -n 's/.*"before":\([0-9]*\).*"units":\([0-9]*\).*/\1 \2/p' account |
    awk '{ s += $2 - $1; if (s > 0.15 * 2 ^ 40) bad = 1 } END { exit bad || NR == 0 }' ||
    fail "account: more than the cap: $(cat account)"

echo "$passed of $points points at $calls calls, $kills kills of one run, $failures failures"
[ $failures -eq 0 ]
