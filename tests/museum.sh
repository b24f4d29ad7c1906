#!/bin/sh
# The museum of faults: privet-audit is built with one fault of the field's
# history in a copy of one source file, and its own command has to show a
# violation, which it must not on the sound build. Called with top_srcdir and
# top_builddir set; PV_MUSEUM names some faults by a pattern, PV_THREADS the
# threads of an audit (2). It prints the table that doc/museum.md explains.
set -u
LC_ALL=C
OMP_NUM_THREADS=1
export LC_ALL OMP_NUM_THREADS
unset MAKEFLAGS MFLAGS MAKELEVEL # of a make check around this
cd "$top_builddir" || exit 99
make -s Makefile >/dev/null || exit 99 # so that it is not remade below

# value NAME: a variable of the Makefile
value() {
    printf 'include Makefile\npv-value:\n\t@echo "$(%s)"\n' "$1" |
        make -s -f - pv-value
}
CC=$(value CC)
CFLAGS="$(value AM_CFLAGS) $(value CFLAGS)"
LIBS="$(value pv_layers) $(value pv_libs) $(value LIBS)"
LDFLAGS="$(value AM_LDFLAGS) $(value LDFLAGS)"
LIBTOOL=$(value LIBTOOL)
AUDIT=$(value privet_audit_OBJECTS)
GEN=$(value privet_gen_OBJECTS)
here=$(pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-museum-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
threads=${PV_THREADS:-2}
passed=0
failed=0

# link PROGRAM OBJECT...: objects of ours come before the archives, whose own
# members are then never taken
link() {
    out=$1
    shift
    # shellcheck disable=SC2086
    $LIBTOOL --quiet --tag=CC --mode=link $CC $CFLAGS $LDFLAGS -o "$out" "$@" \
        $LIBS >"$work/log" 2>&1
}

# build FILE SED PROGRAM: of $objects, with the fault in a copy of FILE
build() {
    copy=$work/$(basename "$1" .c)
    sed "$2" "$top_srcdir/$1" >"$copy.c"
    if cmp -s "$top_srcdir/$1" "$copy.c"; then
        echo "not applied" >"$work/log"
        return 1
    fi
    # shellcheck disable=SC2086
    $CC $CFLAGS -w -DHAVE_CONFIG_H -I. -I"$top_srcdir" -c "$copy.c" \
        -o "$copy.o" >"$work/log" 2>&1 && link "$3" "$copy.o" $objects
}

# --- attacks ------------------------------------------------------------------

# An attack is named by what is audited. mechanism OPTIONS AUDIT-OPTIONS: one of
# our own, white box
mechanism() {
    words="privet-gen $1 --delta 0.01"
    options="--run-dir $work/run $2"
}

# Sets the command of attack NAME: $words and $options.
command_of() {
    words=
    case $1 in
    single | mixed | repeated) mechanism 'mst --rho 0.5' "--pair $1" ;;
    release) mechanism 'mst --rho 0.5' '--pair mixed --see release' ;;
    columns) mechanism 'independent --rho 0.5' '--columns 2 --pair single' ;;
    replace)
        mechanism 'independent --rho 0.5 --neighbors replace' '--pair single'
        ;;
    person)
        mechanism 'independent --rho 0.5' '--rows-per-person 3 --pair mixed'
        ;;
    rounds)
        votes='--init uniform --rounds 2 --candidates 40'
        mechanism "pe --rho 0.5 --neighbors replace $votes" '--pair mixed'
        ;;
    flood)
        mechanism 'independent --rho 0.5' '--rows-per-person 1 --pair flood'
        ;;
    epsilon) mechanism 'independent --epsilon 1' '--pair single --claim 1' ;;
    few-votes)
        options='--primitive votes --neighbors replace --unit row --cells 2'
        options="$options --sigma2 1/4"
        ;;
    *) options="--primitive $1" ;;
    esac
}

# audit NAME PROGRAM RUNS: its exit status, its findings in $work/json
audit() {
    command_of "$1"
    rm -rf "$work/run"
    # shellcheck disable=SC2086
    timeout 120 "$2" epsilon ${words:+--mechanism "$words"} $options --runs "$3" \
        --seed 1 --threads "$threads" --json >"$work/json" 2>"$work/log"
}

# generate PROGRAM METHOD RHO: a run on the table at hand
generate() {
    "$1" "$2" "$work/table.csv" --schema "$work/schema.json" --rho "$3" \
        --insecure-test-seed 1 -o out.h5 --run-dir run --quiet
}

# in_fresh_dir COMMAND...
in_fresh_dir() {
    rm -rf "$work/fresh"
    mkdir "$work/fresh"
    (cd "$work/fresh" && "$@") 2>"$work/log"
}

# killed PROGRAM POINT: a run that ends after so many calls that change files
killed() {
    LD_PRELOAD=$here/tests/.libs/killat.so KILL_AT=$2 KILL_MODE=after
    export LD_PRELOAD KILL_AT KILL_MODE
    generate "$1" independent 1
}

# Kills a run when an answer is stored and not yet committed, and runs it again:
# 3 when the second answer is another than the first.
killed_and_resumed() {
    answer=$work/fresh/run/answers/000001.bin
    point=0
    rm -rf "$work/fresh"
    make -s tests/killat.la >"$work/log" 2>&1 || return 99
    while [ ! -f "$answer" ] && [ $point -lt 200 ]; do
        point=$((point + 1))
        in_fresh_dir killed "$1" $point
    done
    cp "$answer" "$work/first" || return 99
    (cd "$work/fresh" && generate "$1" independent 1) 2>"$work/log" || return 99
    cmp -s "$answer" "$work/first" || return 3
}

# A marginal that is asked about again and again: 3 when two answers have the
# same noise.
asked_again() {
    in_fresh_dir generate "$1" aim 1 || return 99
    # a choice is eight bytes
    same=$(find "$work/fresh/run/answers" -size +8c -exec cksum {} + |
        awk '{ print $1 }' | sort | uniq -d)
    [ -z "$same" ] || return 3
}

# attack NAME PROGRAM RUNS: 3 when there is a violation, 0 when there is none
attack() {
    case $1 in
    resume) killed_and_resumed "$2" ;;
    again) asked_again "$2" ;;
    *) audit "$@" ;;
    esac
}

# cells NAME: attack, claim, estimate and bound of the findings in $work/json
# whose bound is the farthest above its claim
cells() {
    case $1 in
    resume) echo 'an answer, before a kill and after it | one answer | | two' ;;
    again) echo 'one marginal, asked about again | fresh noise | | the same' ;;
    *) awk "$read_findings" "$work/json" ;;
    esac
}
read_findings='
function text(line) {
    sub(/^ *"[a-z]*": "?/, "", line)
    sub(/"?,?$/, "", line)
    return line
}
function consider(what, claim, estimate, bound, where) {
    if (claim > 0 && bound / claim > best) {
        best = bound / claim
        cells = sprintf("%s | %s %.3g | %s | %.3g", where, what, claim,
                        estimate, bound)
    }
}
/^ *"id":/ { id = text($0) }
/^ *"reason":/ { reason = text($0) }
/^ *"attack":/ { attack = text($0) }
/^ *"table":/ { table = text($0) }
/^ *"value":/ {
    v[id, table, attack] = $2 == "null" ? 0 : $2 + 0
    why[id, table, attack] = reason
    if (!((table, attack) in seen)) {
        seen[table, attack] = 1
        look[++looks] = table SUBSEP attack
    }
    attack = table = ""
}
END {
    epsilon = v["epsilon.claim.epsilon", "", ""]
    rho = v["epsilon.claim.rho", "", ""]
    best = 1
    for (i = 1; i <= looks; i++) {
        split(look[i], part, SUBSEP)
        t = part[1]
        a = part[2]
        z = split(why["primitive.violation", t, a], accuser, ", ")
        for (k = 1; k <= z; k++) {
            value = v[accuser[k], t, a]
            if (accuser[k] ~ /z$/ && value * value > farthest * farthest) {
                farthest = value
                law = sprintf("%s (%s) | | | z = %.3g", accuser[k], t, value)
            }
        }
        consider("δ", v["primitive.delta.claim", t, a], "",
                 v["primitive.delta.lo", t, a],
                 "its label comes out (" t ")")
        consider("ρ", v["primitive.rho.claim", t, a], "",
                 v["primitive.rho.lo", t, a],
                 why["primitive.rho.lo", t, a] " (" t ")")
        consider("ε", v["primitive.epsilon.claim", t, a], "",
                 v["epsilon.clopper_pearson.lo", t, a],
                 why["epsilon.clopper_pearson.lo", t, a] " (" t ")")
        if (a == "")
            continue
        median = sprintf("%.3g", v["epsilon.bayes.median", t, a])
        sub(/^for [a-z]*: /, "", part[2])
        where = part[2] " (" t ")"
        consider("ε", epsilon, median, v["epsilon.clopper_pearson.lo", t, a],
                 where)
        consider("ρ", rho, median, v["epsilon.zcdp.rho_lo", t, a], where)
    }
    consider("ρ", rho, "", v["epsilon.accounted.rho", "", ""],
             "sum of what was asked")
    print (best > 1 ? cells : law)
}'

# --- exhibits -----------------------------------------------------------------

# fail FAULT WHY
fail() {
    printf '| %s | %s |\n' "$1" "$2"
    failed=$((failed + 1))
}

# program_of NAME BUILD
program_of() {
    case $1 in
    resume | again) echo "$work/$2-gen" ;;
    *) echo "$work/$2-audit" ;;
    esac
}

# sound NAME RUNS: whether the sound build passes; asked once of each
sound() {
    if [ ! -f "$work/sound-$1-$2" ]; then
        attack "$1" "$(program_of "$1" sound)" "$2"
        echo $? >"$work/sound-$1-$2"
    fi
    [ "$(cat "$work/sound-$1-$2")" = 0 ]
}

# caught FAULT NAME PROGRAM: with how many runs, tried one after another
caught() {
    for runs in 250 1000 4000 16000; do
        attack "$2" "$3" "$runs"
        status=$?
        [ "$status" = 0 ] || break
    done
    if [ "$status" != 3 ]; then
        fail "$1" "NOT CAUGHT by $2: exit $status $(tail -n 3 "$work/log")"
        return
    fi
    row=$(cells "$2")
    if ! sound "$2" "$runs"; then
        fail "$1" "THE SOUND BUILD FAILS $2 with $runs runs"
        return
    fi
    case $2 in resume | again) runs=2 ;; esac
    printf '| %s | %s | %s |\n' "$1" "$runs" "$row"
    passed=$((passed + 1))
}

# fault FAULT NAME FILE SED
fault() {
    # shellcheck disable=SC2254
    case $1 in
    ${PV_MUSEUM:-*}) ;;
    *) return ;;
    esac
    program=$(program_of "$2" faulty)
    case $program in
    *-gen) objects=$GEN ;;
    *) objects=$AUDIT ;;
    esac
    if build "$3" "$4" "$program"; then
        caught "$1" "$2" "$program"
    else
        fail "$1" "NOT BUILT: $(tail -n 3 "$work/log")"
    fi
}

# a table of two columns that lean on each other
awk 'BEGIN {
    print "a,b"
    for (i = 0; i < 200; i++)
        print i % 3 "," (i % 5 ? i % 3 : 1)
}' >"$work/table.csv"
cat >"$work/schema.json" <<'END'
{"fields": [{"name": "a", "type": "integer", "constraints":
             {"required": true, "minimum": 0, "maximum": 2}},
            {"name": "b", "type": "integer", "constraints":
             {"required": true, "minimum": 0, "maximum": 2}}]}
END
# shellcheck disable=SC2086
{ link "$work/sound-audit" $AUDIT && link "$work/sound-gen" $GEN; } || {
    cat "$work/log" >&2
    exit 99
}
echo '| fault | runs | attack | claim | estimate of ε | bound |'
echo '|---|---|---|---|---|---|'
fault "noise of half the scale" single dp/sampler.c \
    '/^int64_t pv_gaussian_draw/,/^}/s/return y;/return y \/ 2;/'
fault "sigma taken for its square" single dp/ask_measure.c \
    '/^static void add_noise/,/^}/{
s/^    pv_stream stream;/&\
    const pv_rational v = chunk->gaussian->sigma2;\
    pv_gaussian wrong;\
    (void)!pv_gaussian_init(\&wrong, (pv_rational){pv_isqrt(v.num \/ v.den), 1}, NULL);/
s/pv_gaussian_draw(chunk->gaussian, /pv_gaussian_draw(\&wrong, /
}'
fault "no noise where a sensitivity was not given" single dp/ask_measure.c \
    '/^static void add_noise/,/^}/s/chunk->counts\[i\] + .*/chunk->counts[i];/'
fault "one marginal with half the sensitivity" columns dp/ask_measure.c \
    '/^static pv_status draw_measure/,/^}/{
s/^    pv_key key;/&\
    pv_rational v = asked->gaussian->sigma2;\
    pv_gaussian sharp;\
    (void)!pv_gaussian_init(\&sharp, (pv_rational){v.num \/ 4, v.den}, NULL);/
s/&asked->gaussian\[i\],/i == 0 ? \&sharp : \&asked->gaussian[i],/
}'
fault "replacement charged as addition" replace dp/question.c \
    's/2 \* k \* k : k \* k/k * k : k * k/'
fault "a person's rows counted once" person dp/question.c \
    's/2 \* k \* k : k \* k/2 * k : k/'
fault "rows beyond the limit found and kept" flood dp/intake.c \
    's/^    pv_table_filter(.*//'
fault "score's sensitivity halved" select dp/ask_select.c \
    's/(uint64_t)heaviest << grid_bits/(uint64_t)heaviest << (grid_bits - 1)/'
fault "selection charged as of monotone scores" select dp/sampler.c \
    's/(pv_u128)2 \* sensitivity/(pv_u128)sensitivity/'
fault "selection without noise" mixed dp/ask_select.c \
    '/^    \*chosen = (int64_t)pv_select_draw(/i\
    for (size_t i = (size_t)(*chosen = 0); i < asked->count; i++)\
        *chosen = scores[i] > scores[*chosen] ? (int64_t)i : *chosen;
s/^    \*chosen = (int64_t)pv_select_draw(/    (void)pv_select_draw(/'
fault "distances charged as one" scores dp/ask_scores.c \
    's/(moved \* moved, (uint64_t)count, /(moved * moved, (uint64_t)1, /'
fault "distances on a finer grid than charged" scores dp/ask_scores.c \
    's/&plain) >> 16/\&plain) >> 14/'
fault "tree of queries under-noised" queries dp/ask_queries.c \
    's/(uint64_t)group->most/(uint64_t)1/
s/return group->most;/return 1;/'
fault "parts of a tree that overlap" queries marginals/query_count_group.c \
    's/^        counts\[at\[r\]\]++;/&\
    for (size_t r = 0; r < n; r++)\
        if (at[r] == 0)\
            counts[1]++;/'
fault "votes of equals by turns" votes dp/votes.c \
    '/^static pv_status poll_class/,/^}/s/^        return status;/&\
    const float *v = b->vector + b->first[class] * b->width;\
    for (size_t i = 0, turn = 0; i < rows; i++)\
        if (choice[i] != PV_VECTOR_NONE \&\& choice[i] + 1 < candidates \&\&\
            memcmp(v + choice[i] * b->width, v + (choice[i] + 1) * b->width,\
                   b->width * sizeof *v) == 0)\
            choice[i] += turn++ % 2;/'
fault "votes of a person scaled in each class" votes dp/votes.c \
    '/^static pv_status count_persons/,/^}/s/^        count_person(.*/\
        for (size_t c = 0; c < p->ballot->classes; c++) {\
            uint32_t own[1024];\
            size_t n = 0;\
            for (size_t k = from; k < start[i]; k++)\
                if (choice[k] >= p->ballot->first[c] \&\&\
                    choice[k] < p->ballot->first[c + 1])\
                    own[n++] = choice[k];\
            count_person(own, n, votes);\
        }/'
fault "votes of a person not scaled" votes dp/votes.c \
    's/(int64_t)pv_isqrt(scaled \* scaled \/ norm2)/(int64_t)scaled/'
fault "noise on votes that somebody gave" votes dp/ask_votes.c \
    '/^static pv_status draw/,/^}/s/^    pv_key_wipe(&key);/&\
    for (size_t i = 0; i < asked->size; i++)\
        answer[i] = truth[i] == 0 ? 0 : answer[i];/'
fault "votes of four rounds charged as of one" votes dp/ask_votes.c \
    '/^static pv_status draw/,/^}/{
s/^    pv_key key;/&\
    const pv_rational v = asked->gaussian->sigma2;\
    pv_gaussian sharp;\
    (void)!pv_gaussian_init(\&sharp, (pv_rational){v.num, 4 * v.den}, NULL);/
s/asked->gaussian, truth/\&sharp, truth/
}'
fault "replaced votes charged as added ones" few-votes dp/ask_votes.c \
    's/neighbours == PV_REPLACE ? 2 : 1/neighbours == PV_REPLACE ? 1 : 1/'
fault "rounds of replaced votes, the same" rounds dp/ask_votes.c \
    's/neighbours == PV_REPLACE ? 2 : 1/neighbours == PV_REPLACE ? 1 : 1/'
fault "domain taken from the data" single dp/ask_measure.c \
    '/^static void add_noise/,/^}/s/chunk->counts\[i\] + /chunk->counts[i] == 0 ? 0 : &/'
fault "exact number of rows" release dp/curator.c \
    's/c->neighbours != PV_REPLACE || //'
fault "counts rounded before the noise" repeated dp/ask_measure.c \
    '/^static void add_noise/,/^}/s/chunk->counts\[i\] + /(chunk->counts[i] + 2) \/ 4 * 4 + /'
fault "negative counts clamped by the truth" single dp/ask_measure.c \
    '/^static void add_noise/,/^}/s/^    pv_stream_wipe.*/    for (size_t i = 0; i < chunk->cells; i++) if (chunk->counts[i] == 0 \&\& chunk->answer[i] < 0) chunk->answer[i] = 0;\
&/'
fault "one seed for all" single dp/question.c \
    's/^    pv_key_wipe(&of_input);/&\
    memset(key, 7, sizeof *key);/'
fault "noise shared by questions" again dp/question.c \
    's/strlen(question->record), key)/0, key)/
s/question->sequence << sequence_shift | chunk/chunk/'
fault "one stream for two marginals" single dp/ask_measure.c \
    's/work->key, item, &stream/work->key, 0, \&stream/'
fault "a spend that is lost" single dp/question.c \
    's/curator->spent += cost.rho;/(void)0;/
s/(json_int_t)cost.rho, "spent",/(json_int_t)0, "spent",/'
fault "less noise charged as little" single dp/account.c \
    's/top << (PV_UNIT_BITS - 1)/top << (PV_UNIT_BITS - 3)/'
fault "calibration above its target" epsilon dp/account.c \
    '/^double pv_zcdp_rho/,/^}/s/return rho;/return 4 * rho;/'
fault "intervals that overlap" intervals dp/ask_intervals.c \
    's/            counts\[at\]++;/            counts[at]++, counts[(at + 1) % count]++;/'
fault "labels below the threshold" labels dp/ask_labels.c \
    's/counts\[i\] >= (int64_t)threshold/counts[i] > 0/'
fault "noise drawn anew on resume" resume dp/question.c \
    's/^    pv_key_wipe(&of_input);/&\
    (void)!pv_key_random(key, NULL);/'
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
