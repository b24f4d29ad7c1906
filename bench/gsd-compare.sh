#!/bin/sh
# gsd-compare.sh BUILD DATA [EPSILONS [KEYS]]: errors of queries on the NIST excerpt of
# 2019 (numbers as numbers) by tree, aim and gsd at equal budget, and of pairs of Adult by
# aim and by gsd from aim's own measurements. A line a run.
set -u
build=$1 data=$2 epsilons=${3:-0.23 0.52 1} keys=${4:-1 2 3}
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-gsd-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
queries=tree:2,prefix:1000:7,halfspace:500:7

audit() { # TABLE SCHEMA SYNTHETIC OPTION...: ids and values, a line each
    real=$1 schema=$2 synthetic=$3
    shift 3
    "$build/privet-audit" fidelity --real "$real" --schema "$schema" \
        --synthetic "$synthetic" --no-yardstick --json "$@" 2>/dev/null |
        tr -d ' "' | awk -F: '/^id:/ { id = $2 } /^value:/ { print id, $2 }' | tr -d ,
}

table=$data/national2019/data.csv.gz schema=$data/national2019/schema.json
echo "method epsilon key: mean and largest error of tree:2, prefix:1000:7, halfspace:500:7"
for epsilon in $epsilons; do
    for method in tree aim gsd; do
        for key in $keys; do
            asked=
            [ $method = gsd ] && asked="--queries $queries"
            # shellcheck disable=SC2086
            "$build/privet-gen" $method "$table" --schema "$schema" --epsilon "$epsilon" \
                --delta 1.35e-9 --neighbors replace $asked --quiet \
                --insecure-test-seed "$key" -o "$work/r.h5" 2>/dev/null || exit 1
            audit "$table" "$schema" "$work/r.h5" --queries "$queries" |
                awk -v run="$method $epsilon $key:" '$1 ~ /^queries\.[0-9]+\.(mean|max)$/ {
                    split($1, part, "."); v[part[2] part[3]] = $2
                } END { for (i = 1; i <= 3; i++) run = run sprintf(" %.5f %.4f", v[i "mean"], v[i "max"]); print run }'
            rm -rf "$work"/r.*
        done
    done
done

table=$data/adult/data.csv.gz schema=$data/adult/schema.json
echo "same measurements, key: mean total variation of pairs by aim, by gsd"
for key in $keys; do
    "$build/privet-gen" aim "$table" --schema "$schema" --workload all-2way --epsilon 1 \
        --delta 4.19e-10 --neighbors replace --quiet --insecure-test-seed "$key" \
        -o "$work/a.h5" 2>/dev/null &&
        "$build/privet-gen" gsd --from-measurements "$work/a.h5" --quiet \
            --insecure-test-seed "$key" -o "$work/g.h5" 2>/dev/null || exit 1
    echo "$key: $(audit "$table" "$schema" "$work/a.h5" | awk '$1 == "tv.2way.mean" { print $2 }')" \
        "$(audit "$table" "$schema" "$work/g.h5" | awk '$1 == "tv.2way.mean" { print $2 }')"
    rm -rf "$work"/a.* "$work"/g.*
done
