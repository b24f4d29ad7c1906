#!/bin/sh
# pe-demo.sh BUILD OUT: Private Evolution from each of its sources. PYTHON names a python3
# that has h5py and numpy.
set -eu
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
python=${PYTHON:-python3}
gen=$build/privet-gen table=$build/privet-table
budget="--epsilon 2 --delta 1e-6"
rm -rf "$out"/*.h5 "$out"/*.h5.run "$out"/steps "$out"/*.jsonl
cat >"$out/label.json" <<'END'
{"fields":[{"name":"kind","type":"integer",
            "constraints":{"required":true,"minimum":0,"maximum":2}}]}
END

echo "1. Rows of a table: no model, no pool; rows vote among rows of their own class"
gzip -dc "$here/people.csv.gz" >"$out/people.csv"
# shellcheck disable=SC2086
"$gen" pe "$out/people.csv" --schema "$here/people.schema.json" --target health \
    $budget -o "$out/people.h5"
"$table" info "$out/people.h5"

echo
echo "2. Private records are embedded where they are, once"
"$python" "$here/pe-embed.py" "$out"

echo
echo "3. A public pool, asked once: which of its records stand for the private ones"
# shellcheck disable=SC2086
"$gen" pe "$out/shapes.h5" --schema "$out/label.json" $budget \
    --api pool "$out/shapes.h5" --one-shot auto -o "$out/pool.h5"
"$table" export "$out/pool.h5" -o "$out/pool.csv" --force
head -4 "$out/pool.csv"

echo
echo "4. A co-process: a simulator that is asked for polygons, and variations of them"
# shellcheck disable=SC2086
"$gen" pe "$out/shapes.h5" --schema "$out/label.json" $budget --rounds 6 \
    --api command "$python $here/pe-process.py" -o "$out/process.h5"
head -3 "$out/process.h5.payloads.jsonl"

echo
echo "5. Steps: each call writes a request and ends with 75; a job answers; again"
while :; do
    status=0
    # shellcheck disable=SC2086
    "$gen" pe "$out/dots.h5" --schema "$out/label.json" $budget --rounds 3 \
        --api steps "$out/steps" -o "$out/steps.h5" --quiet || status=$?
    [ $status -eq 75 ] || break
    "$python" "$here/pe-steps.py" "$out/steps"
done
[ $status -eq 0 ]
head -3 "$out/steps.h5.payloads.jsonl"
