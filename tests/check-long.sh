#!/bin/sh
# check-long: what takes too long for `make check`. PV_LONG names the stages to
# run, PV_FUZZ_SECONDS the time of a fuzz target (600).
stages=${PV_LONG:-sanitize compilers valgrind kill kills mutants museum oracle look fuzz distcheck}
seconds=${PV_FUZZ_SECONDS:-600}
work=$top_builddir/long
jobs=$(getconf _NPROCESSORS_ONLN)
passed=0 failed=0
mkdir -p "$work"

check() {
    what=$1; shift
    echo "== $what"
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $what"; fi
}
build() { # directory, configure arguments...
    mkdir -p "$work/$1" && (cd "$work/$1" && shift &&
        { [ -f Makefile ] || "$top_srcdir/configure" "$@" >configure.log 2>&1; } &&
        make -s -j"$jobs" >build.log 2>&1)
}
sanitize() {
    build asan CC=clang --enable-sanitizers=address,undefined --disable-openmp &&
        (cd "$work/asan" &&
            ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1 \
            make -s -j"$jobs" check >check.log 2>&1; "$top_srcdir/tests/summarise" .)
}
compilers() {
    build clang CC=clang && build gcc CC=gcc || return 1
    if grep -l 'warning:' "$work/clang/build.log" "$work/gcc/build.log"; then return 1; fi
    seed=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
    for c in gcc clang; do
        rm -rf "$work/$c.h5"*
        "$work/$c/privet-gen" mst "$top_srcdir/examples/people.csv.gz" \
            --schema "$top_srcdir/examples/people.schema.json" --epsilon 1 --delta 1e-9 \
            -o "$work/$c.h5" --quiet --insecure-test-seed $seed || return 1
    done
    cmp "$work/gcc.h5" "$work/clang.h5"
}
under_valgrind() {
    command -v valgrind >/dev/null || { echo "skipped: no valgrind"; return 0; }
    build plain CFLAGS='-g -O1' --disable-openmp || return 1
    head -c 40000 "$top_srcdir/examples/people.csv.gz" 2>/dev/null | zcat 2>/dev/null |
        head -n 2000 > "$work/some.csv"
    rm -rf "$work/v.h5"*
    for command in \
        "gen mst $work/some.csv --epsilon 1 --delta 1e-9 -o $work/v.h5 --quiet" \
        "audit fidelity --real $work/some.csv --synthetic $work/v.h5 --json"; do
        "$work/plain/libtool" --mode=execute valgrind -q --error-exitcode=9 --leak-check=full \
            --errors-for-leak-kinds=definite "$work/plain/privet-"${command%% *} ${command#* } \
            --schema "$top_srcdir/examples/people.schema.json" >/dev/null || return 1
    done
    "$work/plain/libtool" --mode=execute valgrind -q --error-exitcode=9 --leak-check=full \
        --errors-for-leak-kinds=definite "$work/plain/privet-table" export "$work/v.h5" \
        -o "$work/v.csv" --force
}
fuzz() {
    build fuzz CC=clang --enable-fuzzing --disable-openmp || return 1
    for target in "$work"/fuzz/tests/fuzz/fuzz_*; do
        case $target in *.o) continue ;; esac
        name=$(basename "$target"); name=${name#fuzz_}
        mkdir -p "$work/corpus/$name" "$work/findings"
        echo "-- $name, $seconds s"
        (cd "$work/fuzz" &&
            LSAN_OPTIONS=suppressions=$top_srcdir/tests/fuzz/lsan.supp:print_suppressions=0 \
            "$target" -max_total_time="$seconds" -rss_limit_mb=4096 \
            -artifact_prefix="$work/findings/$name-" "$work/corpus/$name" \
            "$top_srcdir/tests/fuzz/corpus/$name" 2>&1 | tail -n 2) || return 1
        [ -z "$(ls "$work/findings")" ] || { ls "$work/findings"; return 1; }
    done
}
for stage in $stages; do
    case $stage in
    sanitize) check "tests under ASan and UBSan" sanitize ;;
    compilers) check "gcc and clang: no warnings, the same bytes" compilers ;;
    valgrind) check "valgrind" under_valgrind ;;
    kill) check "200 kills" env PV_KILL_POINTS=200 sh "$top_srcdir/tests/test-kill.sh" ;;
    kills) for method in aim tree gsd pe; do
            check "60 kills of $method" env PV_KILL_METHOD=$method PV_KILL_POINTS=60 sh "$top_srcdir/tests/test-kill.sh"
        done ;;
    mutants) check "mutants" sh "$top_srcdir/tests/mutants.sh" ;;
    museum) check "museum of faults" sh "$top_srcdir/tests/museum.sh" ;;
    look) check "a report in a browser" sh "$top_srcdir/tests/page-look.sh" ;;
    oracle) check "fidelity metrics beside other libraries'" sh "$top_srcdir/tests/metrics-oracle.sh" ;;
    fuzz) check "fuzzing" fuzz ;;
    distcheck) check "distcheck" sh -c "cd '$top_builddir' && make -s distcheck >distcheck.log 2>&1 || { tail -n 20 distcheck.log; false; }" ;;
    esac
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
