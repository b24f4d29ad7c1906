#!/bin/sh
# end-to-end.sh: mst from CSV to release on Adult, five keys an epsilon: CPU
# seconds, peak memory and error.3way.l1, beside the targets. Needs GNU time and
# $PRIVET_SHARED/data/adult.
data=${PRIVET_SHARED:-$top_srcdir/../shared}/data/adult
[ -f "$data/data.csv.gz" ] || { echo "end to end: no $data; skipped"; exit 0; }
[ -x /usr/bin/time ] || { echo "end to end: no /usr/bin/time; skipped"; exit 0; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
for epsilon in 0.3 1 3; do
    case $epsilon in 0.3) target=.231 ;; 1) target=.187 ;; *) target=.173 ;; esac
    : > "$dir/errors"; : > "$dir/costs"
    for key in 1 2 3 4 5; do
        rm -rf "$dir"/x.h5*
        /usr/bin/time -f '%U %S %M' -o "$dir/time" "$top_builddir/privet-gen" mst \
            "$data/data.csv.gz" --schema "$data/schema.json" --epsilon $epsilon \
            --delta 1e-9 -o "$dir/x.h5" --quiet || exit 1
        cat "$dir/time" >> "$dir/costs"
        "$top_builddir/privet-audit" fidelity --real "$data/data.csv.gz" \
            --synthetic "$dir/x.h5" --schema "$data/schema.json" --json |
            awk '/"id": "error.3way.l1"/ { hit = 1 } hit && /"value"/ { gsub(/[",]/, ""); print $2; exit }' >> "$dir/errors"
    done
    awk -v e=$epsilon -v t=$target 'NR == FNR { cpu += $1 + $2; if ($3 > mem) mem = $3; next }
        { sum += $1; n++ }
        END { printf "mst on adult, epsilon %s: error.3way.l1 %.4f over %d keys (target %s %s), CPU %.2f s (target 2.5 %s), peak %.0f MB (target 150 %s)\n",
              e, sum / n, n, t, sum / n <= t ? "met" : "MISSED", cpu / n, cpu / n <= 2.5 ? "met" : "MISSED",
              mem / 1024, mem / 1024 <= 150 ? "met" : "MISSED" }' "$dir/costs" "$dir/errors"
done
