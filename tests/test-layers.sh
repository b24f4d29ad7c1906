#!/bin/sh
# The include rules hold, and check-layers finds each kind of breach.
passed=0 failed=0
check() { # description, then a command that must succeed
    what=$1; shift
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $what"; fi
}
breach() { # file, include line: check-layers must fail and name the file
    dir=$(mktemp -d) || exit 99
    mkdir -p "$dir/core" "$dir/io" "$dir/marginals" "$dir/dp" "$dir/gen" "$dir/audit"
    echo "$2" > "$dir/$1"
    out=$("$top_srcdir/tests/check-layers" "$dir"); status=$?
    rm -rf "$dir"
    [ $status -eq 1 ] && case $out in *"$1:1:"*) true ;; *) false ;; esac
}
allowed() {
    breach "$1" "$2" && return 1 || return 0
}
check "the tree keeps its layers" "$top_srcdir/tests/check-layers" "$top_srcdir"
check "core including io" breach core/a.c '#include "io/table.h"'
check "io including dp" breach io/a.c '#  include "dp/account.h"'
check "marginals including gen" breach marginals/a.h '#include "gen/generator.h"'
check "gen reading rows" breach gen/a.c '#include "io/rows.h"'
check "gen counting" breach gen/a.c '#include "marginals/count.h"'
check "gen inside the curator" breach gen/a.c '#include "dp/curator_internal.h"'
check "audit including a generator" breach audit/a.c '#include "gen/methods.h"'
check "a path around the layers" breach gen/a.c '#include "../io/rows.h"'
check "a header without its layer" breach gen/a.c '#include "rows.h"'
check "an internal header of another layer" breach dp/a.c '#include "marginals/model_internal.h"'
check "gen including the curator" allowed gen/a.c '#include "dp/curator.h"'
check "audit including the registry" allowed audit/a.c '#include "gen/generator.h"'
check "audit including mechanisms" allowed audit/a.c '#include "gen/mechanism.h"'
check "audit including the parts of a run" breach audit/a.c '#include "gen/fit.h"'
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
