#!/bin/sh
# privet-audit game as a user calls it: options, programs of others, kills,
# shards.
set -u
LC_ALL=C
export LC_ALL
OMP_NUM_THREADS=2
export OMP_NUM_THREADS
audit=$top_builddir/privet-audit
bootstrap=$top_srcdir/examples/bootstrap.awk
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-game-XXXXXX") || exit 99
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
    grep -qF -e "$2" "$1" || fail "$1 lacks \"$2\""
}

# 400 people of five columns
awk 'BEGIN {
    x = 4711
    print "a,b,c,id,s,w"
    for (r = 0; r < 400; r++) {
        for (c = 0; c < 3; c++) {
            x = (x * 16807) % 2147483647
            printf "%d,", x % 9
        }
        x = (x * 16807) % 2147483647
        printf "p%d,%s,%d.5\n", r, x % 3 ? "no" : "yes", x % 50
    }
}' >real.csv
cat >schema.json <<'END'
{"fields": [
 {"name": "a", "type": "integer",
  "constraints": {"required": true, "minimum": 0, "maximum": 8}},
 {"name": "b", "type": "integer",
  "constraints": {"required": true, "minimum": 0, "maximum": 8}},
 {"name": "c", "type": "integer",
  "constraints": {"required": true, "minimum": 0, "maximum": 8}},
 {"name": "id", "type": "string", "privet": {"role": "id"}},
 {"name": "s", "type": "string", "categories": ["no", "yes"],
  "privet": {"role": "secret"}},
 {"name": "w", "type": "number", "privet": {"bins": 5},
  "constraints": {"minimum": 0, "maximum": 50}}]}
END
tables="--real real.csv --schema schema.json --secret s --rows-per-trial 60"
small="--releases 60,200 --seed 7 --quiet"

# help and wrong use
expect 0 '' "$audit" game --help
has out --mechanism
expect 0 '' "$audit" game --version
has out privet-audit
expect 2 '--real is missing' "$audit" game --schema s
expect 2 '--mechanism is missing' "$audit" game $tables --trials 1
expect 2 '--trials is missing' "$audit" game $tables --mechanism reference:copy
play="$audit game $tables --trials 4 --mechanism reference:copy"
expect 2 --trials $play --trials 0
expect 2 --releases $play --releases 10,
expect 2 'there twice' $play --releases 10,10
expect 2 --order $play --order 1
expect 2 'I from 1 to N' $play --shard 3/2
expect 2 'I from 1 to N' $play --shard 1/-1
expect 2 --validation $play --validation 1
expect 2 --memory $play --memory 3X
expect 2 --seed $play --seed xyz
expect 2 'no column "z"' $play --secret z
expect 2 'no column "z"' $play --known a,z
expect 2 'is the secret' $play --known a,s
expect 2 'lower --rows-per-trial' $play --rows-per-trial 4000
expect 2 'quote' $play more
expect 2 unrecognized $play --nonsense
expect 2 'no shell' $play --mechanism 'a | b'
expect 2 '{out}' $play --mechanism 'cp {in} there'
expect 2 budget $play --mechanism 'privet-gen mst'
expect 2 'not a method' $play --mechanism 'privet-gen gan --rho 1'
expect 2 --no-noise $play --no-noise
expect 2 directories "$audit" game --merge
expect 1 absent "$audit" game --merge absent
expect 2 'leave --real' "$audit" game --merge --real x d
expect 2 'leave --seed' "$audit" game --merge --seed 7 d
expect 2 'leave --shard' "$audit" game --merge --shard 1/2 d
expect 1 absent.csv $play --real absent.csv
[ ! -e game.run ] || fail 'wrong use leaves a run directory'

# ours, in-process; findings in the file are no one else's to read
expect 0 '' "$audit" game $tables $small --trials 6 --json -o ours.json \
    --mechanism 'privet-gen mst --epsilon 1 --delta 1e-9'
[ "$(ls -l ours.json | cut -c1-10)" = -rw------- ] || fail 'readable findings'
[ "$(ls -ld ours.json.run | cut -c1-10)" = drwx------ ] || fail 'readable run'
for id in ls.accuracy.rows.60 wls.auc.rows.200 model.advantage.rows.60 \
    nearest.accuracy.rows.200 whitebox.accuracy best.accuracy.rows.200; do
    has ours.json "\"game.$id\""
done
has ours.json '"mechanism": "privet-gen mst --epsilon 1 --delta 1e-9"'
expect 0 '' "$audit" game $tables $small --trials 2 --no-noise --json \
    --mechanism 'privet-gen independent --rho 1' --run-dir quiet.run
has out '"no-noise": "true"'

# the text
expect 0 '' "$audit" game $tables $small --trials 10 --mechanism \
    reference:copy --run-dir copy.run
has out 'nearest     1.000'
has out "Someone who knows 60 people's other 4 columns and sees a release of 200"
expect 0 '' "$audit" game $tables $small --trials 5 --run-dir gauss.run \
    --mechanism reference:gaussian:1
has out answers
expect 0 '' "$audit" game $tables $small --trials 5 --run-dir w.run \
    --mechanism reference:bootstrap --secret w --secret-bins 4
has out 'which of 4 equally likely secrets'

# a program of someone else's
awk_mechanism="awk -v seed={seed} -v rows={rows} -v out={out} -f '$bootstrap' {in}"
whole="$audit game $tables $small --trials 24 --json"
expect 0 '' $whole -o whole.json --threads 1 --mechanism "$awk_mechanism"
[ -z "$(ls whole.json.run/scratch 2>/dev/null)" ] || fail 'files are left'
expect 1 whole.json $whole -o whole.json --mechanism "$awk_mechanism"
expect 0 '' $whole -o two.json --threads 2 --mechanism "$awk_mechanism"
cmp whole.json two.json || fail 'one and two threads differ'
expect 1 'no such thing' $whole --run-dir bad.run --mechanism \
    "sh -c 'echo no such thing >&2; exit 5' {in} {out}"
has err 'exit status 5'
has err 'trial '
expect 1 --timeout $whole --run-dir slow.run --timeout 0.2 \
    --mechanism 'sh -c "sleep 60" {in} {out}'
expect 1 '{out}' $whole --run-dir none.run --mechanism 'true {in} {out}'
# labels of its own would all count as missing
expect 1 "none of the schema's" $whole --run-dir labels.run --mechanism \
    "sh -c 'sed s/no,/No,/ \$0 >\$1' {in} {out}"
# a caller may have children go unnoticed
if env --ignore-signal=CHLD true 2>/dev/null; then
    expect 0 '' env --ignore-signal=CHLD $whole -o child.json --mechanism \
        "$awk_mechanism"
    cmp whole.json child.json || fail 'an ignored SIGCHLD changes findings'
fi

# the same directory, another game
expect 1 '--releases changed' $whole --run-dir whole.json.run --releases 60 \
    --mechanism "$awk_mechanism"
expect 1 '--seed changed' $whole --run-dir whole.json.run --seed 8 \
    --mechanism "$awk_mechanism"
sed 's/\.5$/.25/' real.csv >near.csv
expect 1 'the real table changed' $whole --run-dir whole.json.run \
    --real near.csv --mechanism "$awk_mechanism"
# privet-gen in the same directory would make a known seed its secret key
[ -e whole.json.run/seed ] || fail 'no seed is kept'
[ ! -e whole.json.run/key ] || fail 'a seed that privet-gen takes for a key'
# a directory of something else is left as it is
mkdir -m 700 home home/scratch
echo precious >home/scratch/thesis
for run in home home/scratch; do
    expect 1 'choose another --run-dir' $whole --run-dir $run --mechanism \
        "$awk_mechanism"
done
[ "$(find home | sort | tr '\n' ' ')" = 'home home/scratch home/scratch/thesis ' ] ||
    fail "a directory of something else changed: $(find home)"
# one that was killed as it began goes on
mkdir -m 700 early.run early.run/scratch
: >early.run/seed.tmp
expect 0 '' $whole --run-dir early.run --mechanism "$awk_mechanism"
cmp out whole.json || fail 'a killed beginning changes findings'
# more trials of the same game, and fewer
expect 0 '' $whole --run-dir whole.json.run --trials 26 \
    --mechanism "$awk_mechanism"
has out '"trials": "26"'
expect 0 '' $whole --run-dir whole.json.run --mechanism "$awk_mechanism"
cmp out whole.json || fail 'fewer trials again differ'

# shards, with and without a common seed
for i in 1 2 3; do
    expect 0 '' $whole --shard $i/3 --run-dir shard$i --mechanism \
        "$awk_mechanism"
done
expect 0 '' "$audit" game --merge shard3 shard1 shard2 --json
cmp out whole.json || fail 'merged shards differ from the whole'
expect 1 'more --trials' $whole --trials 2 --shard 3/3 --run-dir shard0 \
    --mechanism "$awk_mechanism"
expect 1 'both have trial' "$audit" game --merge shard1 shard2 shard1
expect 1 'another game' "$audit" game --merge shard1 copy.run
expect 0 '16 of 24 trials' "$audit" game --merge shard1 shard2 --json
expect 0 '' "$audit" game --merge copy.run --json
expect 0 '' "$audit" game $tables $small --trials 10 --mechanism \
    reference:copy --run-dir copy2.run --seed 99
expect 0 '' "$audit" game --merge copy2.run copy.run --json
has out '"trials": "20"'

# stopped, by whatever signal, then run again: the same findings. The program
# waits, so that the signal comes amid the trials.
cat >slow.sh <<'END'
sleep 0.04
exec awk -v seed="$3" -v rows="$4" -v out="$2" -f "$5" "$1"
END
slow_mechanism="sh slow.sh {in} {out} {seed} {rows} '$bootstrap'"
slow="$audit game $tables $small --trials 20 --json --threads 2"
expect 0 '' $slow -o slow.json --mechanism "$slow_mechanism"
lines() {
    cat "$1/trials.jsonl" 2>/dev/null | wc -l
}
real_audit=$audit
[ ! -x "$top_builddir/.libs/privet-audit" ] || {
    real_audit=$top_builddir/.libs/privet-audit
    LD_LIBRARY_PATH=$top_builddir/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export LD_LIBRARY_PATH
}
for signal in TERM INT USR1 KILL; do
    run=run.$signal
    # a background job of a shell ignores INT, which a program inherits
    "$real_audit" ${slow#* } --mechanism "$slow_mechanism" --run-dir $run \
        >out 2>err &
    pid=$!
    tries=0
    until [ "$(lines $run)" -ge 6 ] || [ $tries -gt 200 ]; do
        sleep 0.02
        tries=$((tries + 1))
    done
    kill -s $signal $pid
    wait $pid
    got=$?
    [ $signal = KILL ] && wanted=137 || wanted=75
    [ $got -eq $wanted ] || fail "SIG$signal: exits $got: $(cat err)"
    [ "$(lines $run)" -lt 20 ] || fail "SIG$signal came too late"
    [ $signal != KILL ] || printf '{"trial":9,"face"' >>$run/trials.jsonl
    expect 0 '' $slow -o $run.json --run-dir $run --mechanism "$slow_mechanism"
    cmp $run.json slow.json || fail "SIG$signal: other findings"
    [ -z "$(ls $run/scratch 2>/dev/null)" ] || fail "SIG$signal: files are left"
done

# one process at a time; the second does not disturb the first
"$real_audit" ${slow#* } --mechanism "$slow_mechanism" --run-dir two.run \
    >two.out 2>two.err &
pid=$!
tries=0
until [ "$(lines two.run)" -ge 1 ] || [ $tries -gt 200 ]; do
    sleep 0.02
    tries=$((tries + 1))
done
kill -s STOP $pid
expect 1 'another process' $slow --mechanism "$slow_mechanism" --run-dir two.run
kill -s CONT $pid
wait $pid || fail "the first of two processes: $(cat two.err)"
cmp two.out slow.json || fail 'two processes: other findings'

# a signal that goes to every process of a job, the program first
expect 75 'run the same command again' "$audit" game $tables --trials 4 \
    --threads 1 --run-dir job.run --mechanism \
    "sh -c 'kill -s TERM \$PPID; kill -s TERM \$\$' {in} {out}"

# a disk that is full
limited="$audit game $tables --releases 60,200 --seed 7 --trials 60 --json"
(
    trap '' XFSZ
    ulimit -f 16
    expect 1 'trials.jsonl: cannot write' $limited --run-dir full.run \
        --mechanism reference:copy
    [ "$failures" -eq 0 ]
) || fail 'a full disk'
[ "$(lines full.run)" -ge 1 ] || fail 'a full disk keeps no trial'
expect 0 '' $limited --run-dir full.run --mechanism reference:copy
mv out full.out
expect 0 '' $limited --run-dir empty.run --mechanism reference:copy
cmp out full.out || fail 'a full disk changes findings'

# a worker that dies is named with its trial, and nothing hangs
cat >killer.sh <<'END'
kill -9 $PPID
END
expect 1 'signal 9' $slow --run-dir killed.run --mechanism 'sh killer.sh {in} {out}'

# private values stay out of messages
sed 's/no,/unheard-of,/' real.csv >strange.csv
"$audit" game $tables --real strange.csv --trials 1 --mechanism reference:copy \
    --run-dir strange.run >out 2>err
grep -q unheard-of out err && fail 'a value of the real table in a message'

[ "$failures" -eq 0 ]
