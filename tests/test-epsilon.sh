#!/bin/sh
# privet-audit epsilon as a user calls it: options, sound and unsound mechanisms,
# programs of others, kills, shards.
set -u
LC_ALL=C
export LC_ALL
OMP_NUM_THREADS=2
export OMP_NUM_THREADS
audit=$top_builddir/privet-audit
bootstrap=$top_srcdir/examples/bootstrap.awk
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-epsilon-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 99
failures=0

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}

# expect STATUS WORD COMMAND...: exits with STATUS and says WORD on stderr
expect() {
    wanted=$1 word=$2
    shift 2
    "$@" >out 2>err
    got=$?
    [ "$got" -eq "$wanted" ] || fail "$* exits $got, not $wanted: $(cat err)"
    [ -z "$word" ] || grep -qF -e "$word" err ||
        fail "$* does not say \"$word\": $(cat err)"
}

# has FILE WORD
has() {
    grep -qF -e "$2" "$1" || fail "$1 lacks \"$2\": $(head -n 40 "$1")"
}

e="$audit epsilon --quiet --seed 7"
sound='privet-gen independent --rho 0.5 --delta 1e-5'
awk_mechanism="awk -v seed={seed} -v rows={rows} -v out={out} -f '$bootstrap' {in}"

# help and wrong use
expect 0 '' "$audit" epsilon --help
has out '--mechanism CMD'
expect 0 '' "$audit" epsilon --version
expect 2 '--mechanism is missing' $e --runs 100
expect 2 '--runs is missing' $e --mechanism "$sound"
expect 2 --runs $e --mechanism "$sound" --runs 5
expect 2 --alpha $e --mechanism "$sound" --runs 50 --alpha 1
expect 2 --alpha $e --mechanism "$sound" --runs 50 --alpha 0
expect 2 --alpha $e --mechanism "$sound" --runs 50 --alpha nan
expect 2 --delta $e --mechanism "$sound" --runs 50 --delta 1
expect 2 --claim $e --mechanism "$sound" --runs 50 --claim -1
expect 2 --columns $e --mechanism "$sound" --runs 50 --columns 0
expect 2 --levels $e --mechanism "$sound" --runs 50 --levels 1
expect 2 'no pair "none"' $e --mechanism "$sound" --runs 50 --pair none
expect 2 twice $e --mechanism "$sound" --runs 50 --pair mixed,mixed
expect 2 'of persons' $e --mechanism "$sound" --runs 50 --pair flood
expect 2 --neighbors $e --mechanism "$sound" --runs 50 --neighbors other
expect 2 'discrete' $e --mechanism "$sound" --runs 50 --gaussian
expect 2 'write it into' $e --mechanism "$sound" --runs 50 --neighbors replace
expect 2 'needs its --schema' $e --mechanism "$sound" --runs 50 --real x.csv
expect 2 --target $e --mechanism "$sound" --runs 50 --target 1
expect 2 'alone' $e --mechanism reference:coins --runs 50
expect 2 '{out}' $e --mechanism 'cp {in} x' --runs 50
expect 2 budget $e --mechanism 'privet-gen mst' --runs 50
expect 2 quote $e --mechanism privet-gen mst --runs 50
expect 2 --merge $e --merge
expect 2 --seed "$audit" epsilon --mechanism "$sound" --runs 50 --seed xyz
expect 1 absent $e --merge absent
rm -rf epsilon.run

# sound: nothing is flagged; the transcript shows more than the rows
expect 0 '' $e --mechanism "$sound" --runs 1000 --json -o sound.json
has sound.json '"epsilon.claim.exceeded"'
has sound.json '"epsilon.accounted.rho"'
has sound.json '"attack": "for rho: '
for pair in single mixed repeated boundary; do
    has sound.json "\"table\": \"$pair\""
done
[ "$(ls -l sound.json | cut -c1-10)" = -rw------- ] || fail 'readable findings'
[ "$(ls -ld sound.json.run | cut -c1-10)" = drwx------ ] || fail 'readable run'
[ -z "$(ls sound.json.run/scratch 2>/dev/null)" ] || fail 'files are left'
expect 0 '' $e --merge sound.json.run
has out 'no violation shown'
has out 'claimed: epsilon 4.7'
# every method, both neighbours, persons
for method in mst aim 'tree --workload all-2way' 'direct --workload all-2way'; do
    expect 0 '' $e --mechanism "privet-gen $method --rho 0.2 --delta 1e-5" \
        --runs 60 --run-dir method.run
    rm -rf method.run
done
expect 0 '' $e --mechanism "$sound --neighbors replace" --runs 400 \
    --run-dir replace.run --pair mixed,single
has out 'neighbours replace'
expect 0 '' $e --mechanism "$sound" --rows-per-person 3 --runs 400 \
    --run-dir person.run --pair mixed,flood
has out flood

# unsound: a larger budget than claimed, no privacy at all
expect 3 '' $e --mechanism 'privet-gen mst --rho 4 --delta 1e-5' --claim-rho \
    0.1 --runs 1000 --run-dir more.run --pair mixed
has out VIOLATION
has out 'costs more than the claim'
expect 3 '' $e --mechanism reference:bootstrap --claim 2 --runs 600 \
    --run-dir bootstrap.run
has out epsilon.clopper_pearson.lo
expect 3 '' $e --mechanism "$awk_mechanism" --claim 1 --runs 120 --rows 50 \
    --run-dir awk.run --pair mixed --json
has out '"table": "mixed"'

# the same for every seed; a claim that so few runs cannot refute
expect 4 '' $e --mechanism 'cp {in} {out}' --claim 9 --runs 40 \
    --run-dir same.run --pair mixed
has out IDENTICAL
has out 'could not'

# a program may do with its input what it likes: the next run has its own
expect 4 '' $e --mechanism "sh -c 'cp \$0 \$1; echo rubbish >\$0' {in} {out}" \
    --runs 40 --run-dir write.run --pair mixed --claim 9
[ "$(cat write.run/trials.jsonl | wc -l)" -eq 40 ] || fail 'runs are missing'
# a claim that no number of runs refutes
expect 0 '' $e --mechanism 'privet-gen independent --epsilon 20 --delta 1e-3' \
    --runs 40 --run-dir large.run --pair mixed
# columns too wide for a transcript
expect 0 '' $e --mechanism 'privet-gen independent --rho 1 --delta 1e-3' \
    --columns 20 --levels 600 --runs 20 --see release --run-dir wide.run \
    --pair mixed --json
has out epsilon.accounted.rho

# programs that fail, hang, print rubbish
expect 1 'exit status 3' $e --mechanism 'sh -c "exit 3" {in} {out}' --runs 40 \
    --run-dir bad.run
has err 'run '
expect 1 --timeout $e --mechanism 'sh -c "sleep 60" {in} {out}' --runs 40 \
    --timeout 0.2 --run-dir slow.run
expect 1 '{out}' $e --mechanism 'true {in} {out}' --runs 40 --run-dir none.run
expect 1 '{out}' $e --mechanism 'sh -c "echo rubbish >\$1" {in} {out}' \
    --runs 40 --run-dir rubbish.run

# the user's table: the most vulnerable record, or one by its number
awk 'BEGIN {
    x = 4711
    print "a,b,w"
    for (r = 0; r < 300; r++) {
        x = (x * 16807) % 2147483647
        printf "%d,", r == 200 ? 8 : x % 3
        x = (x * 16807) % 2147483647
        printf "%s,%d.5\n", x % 3 ? "no" : "yes", x % 50
    }
}' >real.csv
cat >schema.json <<'END'
{"fields": [
 {"name": "a", "type": "integer",
  "constraints": {"required": true, "minimum": 0, "maximum": 8}},
 {"name": "b", "type": "string", "categories": ["no", "yes"]},
 {"name": "w", "type": "number", "privet": {"bins": 5},
  "constraints": {"minimum": 0, "maximum": 50}}]}
END
real="--real real.csv --schema schema.json"
expect 0 '' $e $real --mechanism "$sound" --runs 60 --run-dir real.run
has out real
expect 0 '' $e $real --mechanism "$sound" --runs 60 --run-dir row.run \
    --target 7 --people 50 --see release
expect 2 'too few' $e $real --mechanism "$sound" --runs 60 --run-dir far.run \
    --target 301
expect 0 '' $e --schema schema.json --mechanism "$sound" --runs 60 \
    --run-dir schema.run
expect 2 'made-up' $e --schema schema.json --mechanism "$sound" --runs 60 \
    --pair boundary --run-dir edge.run
expect 1 'cannot open' $e --schema schema.json --real none.csv --mechanism \
    "$sound" --runs 60 --run-dir gone.run

# threads, kills and parts make no difference
whole() {
    $e --mechanism 'privet-gen mst --rho 0.5 --delta 1e-5' --runs 90 --json \
        --pair single,mixed,repeated "$@"
}
expect 0 '' whole -o whole.json --threads 1
expect 1 whole.json whole -o whole.json
expect 0 '' whole -o two.json --threads 2
cmp whole.json two.json || fail 'one and two threads differ'
for i in 1 2; do
    expect 0 '' whole --shard $i/2 --run-dir shard$i
    grep -q claim.exceeded out && fail 'a part gives a verdict'
done
expect 0 '138 of 270 runs' "$audit" epsilon --merge shard1
expect 0 '' $e --merge shard2 shard1 --json
cmp out whole.json || fail 'merged shards differ from the whole'
expect 1 'both have run' $e --merge shard1 shard1
expect 1 'another audit' $e --merge shard1 real.run
expect 1 '--mechanism changed' $e --run-dir shard1 --runs 90 --mechanism \
    "$sound" --pair single,mixed,repeated
expect 1 '--seed changed' whole --run-dir shard1 --seed 8
expect 1 '--pair' $e --run-dir shard1 --runs 90 --mechanism \
    'privet-gen mst --rho 0.5 --delta 1e-5' --pair single
printf '{"trial":3,"wor' >>whole.json.run/trials.jsonl # torn
sed -i '5d' whole.json.run/trials.jsonl
expect 0 '' whole --run-dir whole.json.run
cmp out whole.json || fail 'a repaired run differs'
for signal in TERM KILL; do
    $e --mechanism 'privet-gen mst --rho 0.5 --delta 1e-5' --runs 20000 --json \
        --pair single,mixed,repeated --run-dir killed.run >/dev/null 2>&1 &
    child=$!
    sleep 1
    kill -s $signal $child
    wait $child 2>/dev/null
    got=$?
    [ $got -eq 75 ] || [ $signal = KILL ] || fail "a stopped run exits $got"
done
expect 0 '' whole --run-dir killed.run
cmp out whole.json || fail 'a killed run differs'

[ "$failures" -eq 0 ]
