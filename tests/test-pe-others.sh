#!/bin/sh
# Private Evolution whose candidates others make, by the examples: a job between two calls,
# a co-process. Stopped, killed and called again, a run ends in the same bytes. Needs
# python3 with h5py and numpy (PYTHON names one).
set -u
LC_ALL=C
export LC_ALL
for python in ${PYTHON:-} python3 /usr/bin/python3; do
    "$python" -c 'import h5py, numpy' 2>/dev/null && break
    python=
done
if [ -z "$python" ]; then
    echo "SKIPPED: no python3 with h5py and numpy (Debian: python3-h5py)" >&2
    exit 77
fi
here=$(cd "$top_srcdir/examples" && pwd)
build=$(cd "$top_builddir" && pwd)
gen=$build/privet-gen
if [ -x "$build/.libs/privet-gen" ]; then
    gen=$build/.libs/privet-gen
    LD_LIBRARY_PATH=$build/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export LD_LIBRARY_PATH
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-others-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 99
failures=0

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}

PYTHON=$python sh "$here/pe-demo.sh" "$build" demo >log 2>&1 ||
    fail "the demo fails: $(tail -5 log)"
for file in people pool process steps; do
    "$gen" ledger demo/$file.h5 >out 2>&1 || fail "demo/$file.h5: $(cat out)"
done
for file in process steps; do
    # every row id of the release has its line
    "$build/privet-table" export demo/$file.h5 -o rows.csv --force
    "$python" - $file <<'END' || fail "$file: row ids without a payload"
import csv, json, sys
name = sys.argv[1]
lines = [json.loads(l) for l in open(f"demo/{name}.h5.payloads.jsonl")]
known = {(l["row_id"], l["label"]) for l in lines}
used = {(int(r["row_id"]), r["kind"]) for r in csv.DictReader(open("rows.csv"))}
assert used and used <= known, (len(used), len(used - known))
assert all("payload" in l or "payload_ref" in l for l in lines)
END
done

usual="--schema demo/label.json --epsilon 2 --delta 1e-6 --insecure-test-seed 5eed --force --quiet"

# steps DIR OUT KILL: to the end; with KILL 1 each call is killed after a time that grows
steps() {
    calls=0
    while [ $calls -lt 60 ]; do
        calls=$((calls + 1))
        if [ "$3" = 0 ]; then
            # shellcheck disable=SC2086
            "$gen" pe demo/dots.h5 $usual --rounds 3 --api steps "$1" -o "$2" 2>err
        else
            # shellcheck disable=SC2086
            timeout -s KILL "0.$((100 + 13 * calls))" "$gen" pe demo/dots.h5 $usual \
                --rounds 3 --api steps "$1" -o "$2" 2>err
        fi
        got=$?
        [ $got -eq 0 ] && return
        if [ $got -eq 75 ]; then
            "$python" "$here/pe-steps.py" "$1" >/dev/null
        elif [ $got -ne 137 ]; then
            fail "a call of steps exits $got: $(cat err)"
            return
        fi
    done
    fail "steps never ends: $(cat err)"
}
steps one one.h5 0
steps two two.h5 1
cmp -s one.h5 two.h5 || fail "steps that were killed end otherwise"
cmp -s one.NOT-PRIVATE.h5.payloads.jsonl two.NOT-PRIVATE.h5.payloads.jsonl ||
    fail "payloads of steps that were killed are others"
for step in one/gen_*; do
    cmp -s "$step/request.jsonl" "two/$(basename "$step")/request.jsonl" ||
        fail "$step asks otherwise after a kill"
done

# a co-process: what it has answered is not asked again
process() { # COMMAND OUT
    # shellcheck disable=SC2086
    "$gen" pe demo/shapes.h5 $usual --rounds 4 --api command "$1" -o "$2" 2>err
}
rm -rf one.h5* one.NOT-PRIVATE* two.h5* two.NOT-PRIVATE*
process "$python $here/pe-process.py" one.h5 || fail "a co-process: $(cat err)"
process false two.h5 && fail "a command that only fails is not noticed"
sed 's/^            answer(request, body)/            sys.exit(9) if request["op"] == "vary" else answer(request, body)/' \
    "$here/pe-process.py" >dies.py
process "$python $work/dies.py" two.h5 && fail "a command that dies is not noticed"
process "$python $here/pe-process.py" two.h5 || fail "a co-process, again: $(cat err)"
cmp -s one.h5 two.h5 || fail "a run whose co-process died ends otherwise"

[ $failures -eq 0 ] || exit 1
echo "pe with others: all as it should be"
