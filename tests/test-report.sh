#!/bin/sh
# privet-audit report as a user calls it: files, exit statuses, both modes.
set -u
LC_ALL=C
export LC_ALL
audit=$top_builddir/privet-audit
gen=$top_builddir/privet-gen
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-report-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 99
failures=0

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}

# expect STATUS WORD COMMAND...: exits with STATUS and says WORD
expect() {
    wanted=$1 word=$2
    shift 2
    "$@" >out 2>err
    got=$?
    [ "$got" -eq "$wanted" ] || fail "$* exits $got, not $wanted: $(cat err)"
    [ -z "$word" ] || cat out err | grep -qF -e "$word" ||
        fail "$* does not say \"$word\": $(cat err)"
}

has() { # FILE WORD
    grep -qF -e "$2" "$1" || fail "$1 lacks \"$2\""
}

hasnt() { # FILE WORD
    ! grep -qF -e "$2" "$1" || fail "$1 has \"$2\": $(grep -F -e "$2" "$1" | head -n 1 | cut -c1-200)"
}

# 3,217 people; three have a zebra, one is 97 and no other above 80
cat >schema.json <<'END'
{"title": "People", "fields": [
 {"name": "age", "type": "integer",
  "constraints": {"required": true, "minimum": 0, "maximum": 99},
  "privet": {"bins": 20}},
 {"name": "sex", "type": "string", "categories": ["f", "m"],
  "constraints": {"required": true}},
 {"name": "pet", "type": "string", "categories": ["cat", "dog", "zebra", "none"],
  "constraints": {"required": true}}],
 "privet": {"zeros": [{"when": {"age": {"maximum": 4}}, "never": {"pet": ["zebra"]}}]}}
END
people() { # ROWS OFFSET
    awk -v n="$1" -v o="$2" 'BEGIN {
        print "age,sex,pet"
        for (i = 0; i < n; i++) {
            j = (i * 7919 + o) % 104729
            pet = j % 3 == 0 ? "cat" : j % 7 == 0 ? "dog" : "none"
            age = j % 81
            if (i < 3) { pet = "zebra"; age = 30 + i }
            if (i == 3) age = 97
            print age "," (j % 2 ? "f" : "m") "," pet
        } }'
}
people 3217 0 >real.csv
people 3217 31 >synthetic.csv
tables="--real real.csv --synthetic synthetic.csv --schema schema.json"

# help and wrong use
expect 0 'Exit status' "$audit" report --help
expect 2 '--synthetic is missing' "$audit" report --real real.csv
expect 2 '-o DIR is missing' "$audit" report $tables
expect 2 'internal or shareable' "$audit" report $tables -o d --mode public
expect 2 'schema or nist' "$audit" report $tables -o d --binning own
expect 2 'no column "job"' "$audit" report $tables -o d --group job
expect 1 'cannot open' "$audit" report $tables -o d --criteria none.json
[ ! -e d/report.html ] || fail "a report of nothing"

# any tool's table: the claim is not run, and that is no pass
expect 4 'NOT-RUN P1' "$audit" report $tables -o plain
head -n 1 out | grep -qx INCONCLUSIVE || fail "not INCONCLUSIVE: $(head -n 1 out)"
has plain/report.html 'NOT-RUN: no release was given'
has plain/report.html CONFIDENTIAL
has plain/report.json '"overall": "INCONCLUSIVE"'
[ ! -e plain/report.html.partial ] && [ ! -e plain/report.json.partial ] ||
    fail "partial files are left"
expect 1 'exists' "$audit" report $tables -o plain
before=$(cksum <plain/report.html)
expect 1 'cannot open' "$audit" report $tables -o plain --force --about none.json
[ "$before" = "$(cksum <plain/report.html)" ] || fail "a failure changed the report"
expect 4 '' "$audit" report $tables -o plain --force

# equal inputs and time, equal bytes
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH
"$audit" report $tables -o one --quiet
"$audit" report $tables -o two --quiet --threads 1
cmp -s one/report.html two/report.html || fail "pages differ"
cmp -s one/report.json two/report.json || fail "twins differ"
has one/report.json 2023-11-14T22:13:20Z

# criteria: met, not met, none that is mandatory
criteria() { # METRIC OP THRESHOLD SEVERITY
    printf '{"schema": "privet/criteria/1", "title": "T <&>", "criteria": [{"id": "A", "metric": "%s", "op": "%s", "threshold": %s, "severity": "%s", "basis": "b"}]}' "$@"
}
criteria tv.1way.max '<=' 1 mandatory >met.json
criteria tv.1way.max '<=' -1 mandatory >unmet.json
criteria tv.1way.max '<=' -1 advisory >advisory.json
expect 0 'PASS    A' "$audit" report $tables -o c --criteria met.json --force
expect 3 'FAIL    A' "$audit" report $tables -o c --criteria unmet.json --force
has c/report.html 'T &lt;&amp;&gt;'
expect 4 'WARN    A' "$audit" report $tables -o c --criteria advisory.json --force
echo '{"schema": "privet/criteria/1", "criteria": [{"id": "A"}]}' >bad.json
expect 1 'criteria[0].metric' "$audit" report $tables -o c --criteria bad.json --force

# a release: its ledger holds; another table is not it; a test seed fails
expect 0 '' "$gen" independent real.csv --schema schema.json --epsilon 1 \
    --delta 1e-6 -o release.h5 --quiet
released="--real real.csv --synthetic release.h5 --schema schema.json --release release.h5"
expect 0 'PASS    claim.ledger' "$audit" report $released -o r --criteria met.json
has r/report.html 'In plain words'
has r/report.html 'Highest possible success'
expect 3 'FAIL    claim.ledger' "$audit" report $tables --release release.h5 \
    -o r --criteria met.json --force
has r/report.html 'the table that was audited is not the release'
"$top_builddir/privet-table" export release.h5 -o release.csv
expect 0 'PASS    claim.ledger' "$audit" report --real real.csv --synthetic \
    release.csv --schema schema.json --release release.h5 -o r \
    --criteria met.json --force
expect 0 '' "$gen" independent real.csv --schema schema.json --epsilon 1 \
    --delta 1e-6 -o test.h5 --insecure-test-seed 1 --quiet
expect 3 'FAIL    claim.rng' "$audit" report --real real.csv --synthetic test.h5 \
    --schema schema.json --release test.h5 -o r --criteria met.json --force
has r/report.html 'NOT PRIVATE'
# rows fitted anew to what was measured; and counts that are not what was answered
expect 0 '' "$gen" direct --from-measurements release.h5 --schema schema.json \
    -o refit.h5 --quiet
expect 0 'PASS    claim.ledger' "$audit" report --real real.csv --synthetic refit.h5 \
    --schema schema.json --release refit.h5 -o r --criteria met.json --force
has r/report.html 'direct from measurements'
expect 1 'not a release' "$audit" report $tables --release schema.json -o r --force

# findings of other commands; all that the default asks for
metric() { # ID VALUE CI
    printf '{"id": "%s", "value": %s, "ci": %s, "scope": null, "status": "ok", "reason": null}' "$@"
}
findings() { # ROWS METRICS SERIES
    printf '{"schema": "privet/findings/1", "tool": {"name": "privet-audit", "command": "attack", "version": "0"}, "inputs": {"synthetic": {"path": "/home/somebody/s.csv", "rows": %s}, "real": {"path": "/home/somebody/r.csv", "rows": 3217}}, "metrics": [%s], "series": {%s}, "verdicts": []}' "$@"
}
rows=$(($(wc -l <release.csv) - 1))
findings "$rows" "$(metric epsilon.claim.exceeded 0 null), $(metric attack.leakage.adjusted 0.01 '[-0.01, 0.03]')" '' >attack.json
findings 12 "$(metric x 0 null)" '' >other.json
expect 0 'PASS    P4' "$audit" report $released --findings attack.json -o full
has full/report.html attack.leakage.adjusted
# the claim comes from a release alone
findings "$rows" "$(metric claim.epsilon 1e9 null)" '' >claimed.json
expect 1 'a release alone' "$audit" report $released --findings claimed.json \
    -o claimed
# another schema than the release's
sed 's/"title": "People"/"title": "Others"/' schema.json >renamed.json
expect 3 'FAIL    P1' "$audit" report --real real.csv --synthetic release.h5 \
    --release release.h5 --schema renamed.json -o renamed
expect 1 'of 12 rows' "$audit" report $released --findings other.json -o full --force
echo '{}' >broken.json
expect 1 'broken.json: schema' "$audit" report $released --findings broken.json -o full --force

# what people say, and the registry's entry
cat >about.json <<'END'
{"dataset": "A \"name\" <b>\n: # - [", "custodian": "Ministry of \u05e9\u05dc\u05d5\u05dd",
 "purpose": "</p><script>", "publication_date": "2026-01-02"}
END
expect 0 '' "$audit" report $released --findings attack.json --about about.json \
    --registry entry.yaml -o about
hasnt about/report.html '<script'
has about/report.html '&lt;script&gt;'
has entry.yaml 'status: "Draft"'
has entry.yaml 'name: "A \"name\" <b>\n: # - ["'
echo '{"data_set": "x"}' >bad.json
expect 1 '"data_set" is not a key' "$audit" report $released --about bad.json -o about --force

# the shareable one, with the numbers that its figures need
shares=$(awk -F, 'NR > 1 { n[$3]++; a[int($1 / 4.95) > 19 ? 19 : int($1 / 4.95)]++; s[$2]++; all++ } END {
    printf "\"oneway.real.0\": ["; for (i = 0; i < 20; i++) printf "%s%.17g", i ? ", " : "", a[i] / all
    printf "], \"oneway.synthetic.0\": ["; for (i = 0; i < 20; i++) printf "%s0.05", i ? ", " : ""
    printf "], \"oneway.real.1\": [%.17g, %.17g], \"oneway.synthetic.1\": [0.5, 0.5]", s["f"] / all, s["m"] / all
    printf ", \"oneway.real.2\": [%.17g, %.17g, %.17g, %.17g], \"oneway.synthetic.2\": [0.3, 0.3, 0.1, 0.3]",
        n["cat"] / all, n["dog"] / all, n["zebra"] / all, n["none"] / all }' real.csv)
findings "$rows" "$(metric exact_match.unique 17 null)" \
    "$shares, \"pca.real.1\": [97.25, 1], \"pca.real.2\": [97.25, 1], \"pca.synthetic.1\": [1, 2], \"pca.synthetic.2\": [1, 2]" >series.json
for mode in internal shareable; do
    expect 4 '' "$audit" report $released --findings series.json --group pet \
        --mode $mode -o "$mode"
done
has internal/report.html zebra
has internal/report.json 3217
has internal/report.json 97.25
has internal/report.html CONFIDENTIAL
for file in shareable/report.html shareable/report.json; do
    for secret in zebra 3217 97 somebody "$work" real.csv; do
        case $secret in
        97) ;;
        3217)
            sed -E 's/<[^>]*>/ /g; s/[0-9a-f]{64}//g' "$file" | grep -q 3217 &&
                fail "$file has the number of rows"
            ;;
        *) hasnt $file "$secret" ;;
        esac
    done
    # exact counts of levels
    for count in $(awk -F, 'NR > 1 { c[$2]++; c[$3]++ } END { for (l in c) if (c[l] > 9) print c[l] }' real.csv); do
        # in texts and values: digests and coordinates are of nobody
        sed -E 's/<[^>]*>/ /g; s/[0-9a-f]{64}//g' "$file" |
            grep -qE "(^|[^0-9.])$count([^0-9.]|\$)" &&
            fail "$file has the count $count"
    done
    hasnt $file 97.25
done
hasnt shareable/report.html CONFIDENTIAL
# but for how many metrics a command found
sed -E 's|(privet-audit [a-z]+</th>)(<td[^>]*>[^<]*</td>)*|\1|g; s/<[^>]*>/ /g; s/[0-9a-f]{64}//g' \
    shareable/report.html | grep -oE '(^|[^0-9.])97([^0-9.]|$)' >found &&
    fail "the greatest age: $(head -n 1 found)"
has shareable/report.html cat
has shareable/report.html Distributions
has shareable/report.json '"shareable"'

# well-formed, small, no script, no address
for file in */report.html; do
    ! command -v xmllint >/dev/null 2>&1 || xmllint --noout "$file" ||
        fail "$file is not well-formed"
    [ "$(wc -c <"$file")" -lt 3000000 ] || fail "$file is large"
    hasnt "$file" '<script'
    grep -oE '(href|src)="[^#"][^"]*"' "$file" >found && fail "$file asks for $(head -n 1 found)"
done
if command -v python3 >/dev/null 2>&1; then
    for file in */report.json; do
        python3 "$top_srcdir/tests/check-report.py" \
            "$top_srcdir/doc/report.schema.json" "$file" ||
            fail "$file does not fit its schema"
    done
else
    echo "SKIPPED: the twin against its schema: no python3"
fi

# odd tables: a report, or a clear refusal
printf 'age,sex,pet\n' >empty.csv
expect 4 '' "$audit" report --real real.csv --synthetic empty.csv --schema schema.json -o odd
has odd/report.html skipped
# no row breaks a rule, and that is no evidence
grep -q 'NOT-RUN V1' out || fail "an empty table passes V1: $(cat out)"
expect 1 'empty' "$audit" report --real real.csv --synthetic /dev/null --schema schema.json -o odd --force
printf 'age,sex\n1,f\n' >missing.csv
expect 4 'WARN    V3' "$audit" report --real real.csv --synthetic missing.csv --schema schema.json -o odd --force
has err 'pet'
has odd/report.html 'the synthetic table lacks the column'
printf 'years,gender\n1,f\n' >none.csv
expect 1 'age' "$audit" report --real real.csv --synthetic none.csv --schema schema.json -o odd --force
printf 'age,sex,pet,more\n1,f,cat,x\n' >extra.csv
expect 1 'more' "$audit" report --real real.csv --synthetic extra.csv --schema schema.json -o odd --force
expect 3 'FAIL    V2' "$audit" report --real real.csv --synthetic extra.csv --schema schema.json -o odd --force --ignore-extra
printf '{"fields": [{"name": "<img src=x onerror=y>\\" \327\251", "categories": ["</td>", "b"]}, {"name": "a\\nb", "categories": ["x"]}]}' >hostile.json
printf '"<img src=x onerror=y>"" \327\251","a\nb"\n</td>,x\nb,x\n' >hostile.csv
expect 4 '' "$audit" report --real hostile.csv --synthetic hostile.csv --schema hostile.json -o hostile
hasnt hostile/report.html '<img'
has hostile/report.html '&lt;img'

[ "$failures" -eq 0 ] || exit 1
