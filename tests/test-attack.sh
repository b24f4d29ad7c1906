#!/bin/sh
# privet-audit attack and reconstruct as a user calls them.
set -u
LC_ALL=C
export LC_ALL
audit=$top_builddir/privet-audit
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-attack-XXXXXX") || exit 99
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

# value ID: of the JSON in out
value() {
    awk -v id="\"$1\"," '$1 == "\"id\":" { here = $2 == id }
        here && $1 == "\"value\":" { print $2 + 0; exit }' out
}

# people SEED ROWS: whose s is a coin and w a number
people() {
    awk -v seed="$1" -v rows="$2" 'BEGIN {
        srand(seed)
        print "a,b,c,s,w"
        for (i = 0; i < rows; i++)
            printf "%d,%d,%s,%s,%.2f\n", 20 * rand(), 20 * rand(),
                rand() < .5 ? "x" : "y", rand() < .5 ? "no" : "yes", 100 * rand()
    }'
}
cat >schema.json <<'JSON'
{"fields": [
 {"name": "a", "type": "integer",
  "constraints": {"required": true, "minimum": 0, "maximum": 19}},
 {"name": "b", "type": "integer",
  "constraints": {"required": true, "minimum": 0, "maximum": 19}},
 {"name": "c", "type": "string", "categories": ["x", "y"],
  "constraints": {"required": true}},
 {"name": "s", "type": "string", "categories": ["no", "yes"],
  "constraints": {"required": true}, "privet": {"role": "secret"}},
 {"name": "w", "type": "number",
  "constraints": {"required": true, "minimum": 0, "maximum": 100},
  "privet": {"bins": 20}}]}
JSON
people 1 300 >real.csv
people 2 300 >holdout.csv
people 3 300 >other.csv
tables="--real real.csv --schema schema.json"

# help and wrong use
expect 0 '' "$audit" attack --help
has out --secret
expect 0 '' "$audit" attack --version
expect 2 '--real is missing' "$audit" attack --synthetic x --schema y
expect 2 '--synthetic is missing' "$audit" attack $tables
expect 2 'no column "z"' "$audit" attack $tables --synthetic real.csv --secret z
expect 2 'no column "z"' "$audit" attack $tables --synthetic real.csv --known a,z
expect 2 'the secret itself' "$audit" attack $tables --synthetic real.csv \
    --known a,s
expect 2 'no solver' "$audit" attack $tables --synthetic real.csv --solver lp
expect 2 --order "$audit" attack $tables --synthetic real.csv --order 9
expect 2 'order 4 asks for 3' "$audit" attack $tables --synthetic real.csv \
    --known a,b --order 4
expect 2 --targets "$audit" attack $tables --synthetic real.csv --targets 0
expect 2 --memory "$audit" attack $tables --synthetic real.csv --memory much
expect 2 --seed "$audit" attack $tables --synthetic real.csv --seed xyz
expect 1 --memory "$audit" attack $tables --synthetic real.csv --memory 1K
sed 's/, "privet": {"role": "secret"}//' schema.json >roleless.json
expect 2 'name the column to recover' "$audit" attack --real real.csv \
    --schema roleless.json --synthetic real.csv
printf 'a,b,c,s,w\n' >empty.csv
expect 1 'no one to attack' "$audit" attack --real empty.csv \
    --schema schema.json --synthetic real.csv

# a copy is exposed: the words and the table say so
expect 0 '' "$audit" attack $tables --synthetic real.csv --holdout holdout.csv
has out 'being in the data gives people away'
has out 'Guessing the secret'
has out 'singling out'
has out 'Telling who was in the data'
has out 'Internal:'
expect 0 '' "$audit" attack $tables --synthetic real.csv --holdout holdout.csv \
    --solver all --order 2,3 --json
for solver in l1 pdhg ls wls; do
    awk "BEGIN { exit !($(value attack.$solver.accuracy) > 0.9) }" ||
        fail "$solver finds no copy: $(value attack.$solver.accuracy)"
done
awk "BEGIN { exit !($(value attack.control.accuracy) < 0.65) }" ||
    fail "the control is right: $(value attack.control.accuracy)"
has out '"secret": "s"'
has out '"order": "2,3"'

# other people's table is no leak, and without a holdout none is claimed
expect 0 '' "$audit" attack $tables --synthetic other.csv --holdout holdout.csv
has out 'no leak is seen'
expect 0 '' "$audit" attack $tables --synthetic other.csv
has out 'cannot be said'
has out 'attack.control.accuracy: there is no holdout'

# a numeric secret by bins; some people and targets; queries drawn
expect 0 '' "$audit" attack $tables --synthetic real.csv --secret w \
    --secret-bins 4 --people 200 --targets 50 --queries 100 --json
has out '"secret_classes": "4"'
has out '"people": "200"'

# no result depends on threads, all depend on the seed
"$audit" attack $tables --synthetic other.csv --holdout holdout.csv --json \
    --threads 1 >one.json || fail 'one thread'
"$audit" attack $tables --synthetic other.csv --holdout holdout.csv --json \
    --threads 2 >two.json || fail 'two threads'
cmp one.json two.json || fail 'one and two threads differ'
"$audit" attack $tables --synthetic other.csv --holdout holdout.csv --json \
    --seed 5 >seed.json || fail 'a seed'
cmp -s one.json seed.json && fail 'the seed changes nothing'

# tables of other tools: column order, float codes, no rows; what cannot be read
awk -F, -v OFS=, '{ print $5, $4, $1 (NR > 1 ? ".0" : ""), $2, $3 }' real.csv \
    >floats.csv
expect 0 '' "$audit" attack $tables --synthetic floats.csv --json
sed 's/floats\.csv/real.csv/' out >floats.json
"$audit" attack $tables --synthetic real.csv --json | cmp - floats.json ||
    fail 'float codes in another order differ'
expect 0 '' "$audit" attack $tables --synthetic empty.csv --holdout holdout.csv
cut -d, -f1-4 real.csv >narrow.csv
expect 1 "'w'" "$audit" attack $tables --synthetic narrow.csv
sed '2s/yes\|no/perhaps/' real.csv >strange.csv
expect 1 perhaps "$audit" attack $tables --synthetic strange.csv
expect 1 'the real table' "$audit" attack --real strange.csv \
    --schema schema.json --synthetic real.csv
grep -q perhaps err && fail 'a private value in a message'

# a constant secret, and one that everyone's id gives away
sed 's/,yes,/,no,/' real.csv >constant.csv
expect 0 '' "$audit" attack --real constant.csv --schema schema.json \
    --synthetic real.csv --json
has out 'all targets have one class'

# output files
expect 0 '' "$audit" attack $tables --synthetic other.csv --json -o new.json
[ "$(ls -l new.json | cut -c1-10)" = -rw------- ] || fail 'new.json is readable'
expect 1 new.json "$audit" attack $tables --synthetic other.csv -o new.json

# reconstruct: {0, 1} sum to 1, {1} to 1, so user 1 has the secret and 0 has not
printf '\002\0\0\0\0\0\0\0\002\0\0\0\0\0\0\0\003\0\0\0\0\0\0\0' >two.bin
printf '\0\0\0\0\0\0\0\0\002\0\0\0\0\0\0\0\003\0\0\0\0\0\0\0' >>two.bin
printf '\0\0\0\0\001\0\0\0\001\0\0\0' >>two.bin
printf '\0\0\0\0\0\0\360\077\0\0\0\0\0\0\360\077' >>two.bin
expect 0 '' "$audit" reconstruct --help
expect 2 'FILE.bin' "$audit" reconstruct
expect 2 --gap "$audit" reconstruct two.bin --gap 2
expect 2 'no solver' "$audit" reconstruct two.bin --solver simplex
expect 1 absent.bin "$audit" reconstruct absent.bin
expect 1 'do not go with' "$audit" reconstruct real.csv
expect 0 '' "$audit" reconstruct two.bin --solver all
has out objective
expect 0 '' "$audit" reconstruct two.bin --json
[ "$(value reconstruct.l1.objective)" = 0 ] || fail 'the optimum is not 0'
tr -d ' \n' <out | grep -q '"reconstruct.l1.t":\[0.0,1.0\]' ||
    fail 'the solution is not 0, 1'

if [ "$failures" -gt 0 ]; then
    echo "$failures failed" >&2
    exit 1
fi
