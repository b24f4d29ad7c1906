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
cd "$top_builddir" || exit 99
make -s tests/killat.la >/dev/null || exit 99

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

# build ATTACK FILE SED PROGRAM: with the fault in a copy of FILE
build() {
    copy=$work/$(basename "$2" .c)
    sed "$3" "$top_srcdir/$2" >"$copy.c"
    if cmp -s "$top_srcdir/$2" "$copy.c"; then
        echo "not applied" >"$work/log"
        return 1
    fi
    # shellcheck disable=SC2086
    $CC $CFLAGS -w -DHAVE_CONFIG_H -I. -I"$top_srcdir" -c "$copy.c" \
        -o "$copy.o" >"$work/log" 2>&1 && link "$4" "$copy.o" $(objects_of "$1")
}

# --- attacks ------------------------------------------------------------------

# mechanism OPTIONS RUNS AUDIT-OPTIONS: the audit of one of our own
mechanism() {
    arguments="--seed 1 --runs $2 $3"
    runs=$2
    words="privet-gen $1 --delta 0.01"
}

# primitive NAME RUNS: the audit of one question
primitive() {
    arguments="--primitive $1 --seed 1 --delta 0.01 --runs $2"
    runs=$2
    words=
}

# Says what the command of an attack is: the variables above.
command_of() {
    case $1 in
    single) mechanism 'mst --rho 0.5' 4000 '--pair single' ;;
    mixed) mechanism 'mst --rho 0.5' 4000 '--pair mixed' ;;
    repeated) mechanism 'mst --rho 0.5' 4000 '--pair repeated' ;;
    independent) mechanism 'independent --rho 0.5' 4000 '--pair single' ;;
    replace)
        mechanism 'independent --rho 0.5 --neighbors replace' 4000 \
            '--pair single'
        ;;
    person)
        mechanism 'independent --rho 0.5' 4000 \
            '--rows-per-person 3 --pair mixed'
        ;;
    flood)
        mechanism 'independent --rho 0.5' 4000 \
            '--rows-per-person 1 --pair flood'
        ;;
    select)
        mechanism 'mst --rho 0.5 --one-way-share 0.05 --select-share 0.9' 4000 \
            '--pair mixed'
        ;;
    tree)
        mechanism 'tree --rho 0.5 --one-way-share 0.05 --select-share 0.9' 4000 \
            '--pair mixed'
        ;;
    aim) mechanism 'aim --rho 0.5' 4000 '--pair mixed' ;;
    epsilon) mechanism 'independent --epsilon 1' 4000 '--pair single --claim 1' ;;
    intervals | labels) primitive "$1" 4000 ;;
    esac
}

# audit ATTACK PROGRAM: its exit status, its findings in $work/json
audit() {
    command_of "$1"
    rm -rf "$work/run" "$work/json"
    # shellcheck disable=SC2086
    "$2" epsilon ${words:+--mechanism "$words"} $arguments --threads "$threads" \
        --run-dir "$work/run" --json >"$work/json" 2>"$work/log"
}

# row: of a violation in $work/json, the cells attack, claim, estimate, bound of
# the look whose bound is the farthest above its claim
row() {
    awk '
    /^ *"attack":/ { attack = text($0) }
    /^ *"table":/ { table = text($0) }
    /^ *"scope": null/ { attack = table = "" }
    /^ *"id":/ { id = text($0) }
    /^ *"value":/ {
        v[id, table, attack] = $2 + 0
        if (!(($2 == "null") || (table, attack) in seen)) {
            seen[table, attack] = 1
            look[++looks] = table SUBSEP attack
        }
        attack = table = ""
    }
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
    END {
        epsilon = v["epsilon.claim.epsilon", "", ""]
        rho = v["epsilon.claim.rho", "", ""]
        best = 1
        for (i = 1; i <= looks; i++) {
            split(look[i], part, SUBSEP)
            where = part[2] (part[1] != "" ? " (" part[1] ")" : "")
            if (v["epsilon.identical", part[1], part[2]] >= 1) {
                cells = "the same whatever the seed (" part[1] ") | | |"
                break
            }
            median = sprintf("%.3g", v["epsilon.bayes.median", part[1], part[2]])
            consider("ε", epsilon, median,
                     v["epsilon.clopper_pearson.lo", part[1], part[2]], where)
            consider("ρ", rho, median, v["epsilon.zcdp.rho_lo", part[1], part[2]],
                     where)
        }
        consider("ρ", rho, "", v["epsilon.accounted.rho", "", ""],
                 "sum of what was asked")
        print cells
    }' "$work/json"
}

# resume_twice PROGRAM: a privet-gen killed when an answer is stored and not yet
# committed, then run again; 3 when the second answer is another than the first
resume_twice() {
    shim=$here/tests/.libs/killat.so
    answer=$work/resumed/run/answers/000001.bin
    point=1
    while [ $point -lt 200 ]; do
        rm -rf "$work/resumed"
        mkdir "$work/resumed"
        (cd "$work/resumed" && LD_PRELOAD=$shim KILL_AT=$point KILL_MODE=after \
            generate "$1") 2>/dev/null
        [ -f "$answer" ] && break
        point=$((point + 1))
    done
    [ -f "$answer" ] || return 99
    grep -q '"kind":"commit"' "$work/resumed/run/ledger.jsonl" && return 99
    cp "$answer" "$work/first"
    (cd "$work/resumed" && generate "$1") 2>"$work/log" || return 99
    cmp -s "$answer" "$work/first" || return 3
}

# generate PROGRAM: a run in the present directory
generate() {
    "$1" independent "$top_srcdir/examples/people.csv.gz" --schema \
        "$top_srcdir/examples/people.schema.json" --rho 0.1 \
        --insecure-test-seed 1 -o out.h5 --run-dir run --quiet
}

# attack NAME PROGRAM: 3 when there is a violation, 0 when there is none
attack() {
    case $1 in
    resume) resume_twice "$2" ;;
    *) audit "$1" "$2" ;;
    esac
}

# --- exhibits -----------------------------------------------------------------

# say FAULT ATTACK RUNS CLAIM ESTIMATE BOUND...
say() {
    printf '| %s | %s |\n' "$1" "$2"
}

# fail FAULT WHY
fail() {
    say "$1" "$2"
    failed=$((failed + 1))
}

# sound ATTACK: whether the sound build passes; asked once of each
sound() {
    if [ ! -f "$work/sound-$1" ]; then
        attack "$1" "$(program_of "$1" sound)"
        echo $? >"$work/sound-$1"
    fi
    [ "$(cat "$work/sound-$1")" = 0 ]
}

program_of() {
    case $1 in
    resume) echo "$work/$2-gen" ;;
    *) echo "$work/$2-audit" ;;
    esac
}

objects_of() {
    case $1 in
    resume) echo "$GEN" ;;
    *) echo "$AUDIT" ;;
    esac
}

# fault NAME ATTACK FILE SED
fault() {
    # shellcheck disable=SC2254
    case $1 in
    ${PV_MUSEUM:-*}) ;;
    *) return ;;
    esac
    program=$(program_of "$2" faulty)
    if ! build "$2" "$3" "$4" "$program"; then
        fail "$1" "NOT BUILT: $(tail -n 3 "$work/log")"
        return
    fi
    attack "$2" "$program"
    status=$?
    if [ $status != 3 ]; then
        fail "$1" "NOT CAUGHT by $2: exit $status $(tail -n 3 "$work/log")"
        return
    fi
    case $2 in
    resume) cells='an answer before a kill and after it | 2 | one answer | | two' ;;
    *) cells=$(row) ;;
    esac
    if ! sound "$2"; then
        fail "$1" "THE SOUND BUILD FAILS $2"
        return
    fi
    say "$1" "$cells"
    passed=$((passed + 1))
}

# shellcheck disable=SC2086
{ link "$work/sound-audit" $AUDIT && link "$work/sound-gen" $GEN; } || {
    cat "$work/log" >&2
    exit 99
}
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
fault "a wrong division in the sampler" single dp/sampler.c \
    's/(pv_u128)2 \* num \* den/(pv_u128)num * den \/ 2/'
fault "no noise where a sensitivity was not given" single dp/ask_measure.c \
    '/^static void add_noise/,/^}/s/chunk->counts\[i\] + .*/chunk->counts[i];/'
fault "one marginal with half the sensitivity" single dp/ask_measure.c \
    '/^static pv_status draw_measure/,/^}/{
s/^    pv_key key;/&\
    pv_gaussian sharp;\
    (void)!pv_gaussian_init(\&sharp, (pv_rational){gaussian->sigma2.num \/ 4, gaussian->sigma2.den}, NULL);/
s/&gaussian\[i\],/i == 0 ? \&sharp : \&gaussian[i],/
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
fault "selection without noise" select dp/ask_select.c \
    's/^    \*chosen = pv_select_draw(/    *chosen = 0; for (size_t i = 1; i < count; i++) if (scores[i] > scores[*chosen]) *chosen = i;\
    (void)pv_select_draw(/'
fault "distances charged as one" tree dp/ask_scores.c \
    's/(moved \* moved, (uint64_t)count, /(moved * moved, (uint64_t)1, /'
fault "distances on a finer grid than charged" tree dp/ask_scores.c \
    's/&plain) >> 16/\&plain) >> 14/'
fault "domain taken from the data" single dp/ask_measure.c \
    '/^static void add_noise/,/^}/s/chunk->counts\[i\] + /chunk->counts[i] == 0 ? 0 : &/'
fault "exact number of rows" single dp/curator.c \
    's/c->neighbours != PV_REPLACE || //'
fault "counts rounded before the noise" repeated dp/ask_measure.c \
    '/^static void add_noise/,/^}/s/chunk->counts\[i\] + /(chunk->counts[i] + 2) \/ 4 * 4 + /'
fault "negative counts clamped by the truth" single dp/ask_measure.c \
    '/^static void add_noise/,/^}/s/^    pv_stream_wipe.*/    for (size_t i = 0; i < chunk->cells; i++) if (chunk->counts[i] == 0 \&\& chunk->answer[i] < 0) chunk->answer[i] = 0;\
&/'
fault "one seed for all" single dp/question.c \
    's/^    pv_key_wipe(&of_input);/&\
    memset(key, 7, sizeof *key);/'
fault "noise shared by questions" aim dp/question.c \
    's/strlen(question->record), key)/0, key)/
s/question->sequence << sequence_shift | chunk/chunk/'
fault "one stream for two marginals" single dp/ask_measure.c \
    's/work->key, item, &stream/work->key, 0, \&stream/'
fault "last question not charged" single dp/question.c \
    's/curator->spent += cost.rho;/(void)0;/'
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
