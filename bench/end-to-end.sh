#!/bin/sh
# end-to-end.sh [METHOD...]: from CSV to release on Adult, five keys an epsilon:
# CPU seconds, peak memory and error.3way.l1, each key and the mean, beside the
# targets. Needs GNU time and $PRIVET_SHARED/data/adult.
data=${PRIVET_SHARED:-$top_srcdir/../shared}/data/adult
[ -f "$data/data.csv.gz" ] || { echo "end to end: no $data; skipped"; exit 0; }
[ -x /usr/bin/time ] || { echo "end to end: no /usr/bin/time; skipped"; exit 0; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
# method epsilon error CPU memory
targets="mst 0.3 .231 2.5 150
mst 1 .187 2.5 150
mst 3 .173 2.5 150
tree 0.3 .189 4 1000
tree 1 .121 4 1000
tree 3 .090 4 1000
tree 10 .075 4 1000
aim 0.3 .178 3 1000
aim 1 .118 5 1000
aim 3 .090 12 1000
aim 10 .070 40 1000"
methods=${*:-mst tree aim}
echo "$targets" | while read -r method epsilon error cpu memory; do
    case " $methods " in *" $method "*) ;; *) continue ;; esac
    "$top_builddir/privet-gen" methods | grep -q "^$method " || continue
    : > "$dir/errors"; : > "$dir/costs"
    for key in 1 2 3 4 5; do
        rm -rf "$dir"/x.*
        /usr/bin/time -f '%U %S %M %e' -o "$dir/time" "$top_builddir/privet-gen" $method \
            "$data/data.csv.gz" --schema "$data/schema.json" --epsilon $epsilon \
            --delta 1e-9 -o "$dir/x.h5" --insecure-test-seed $key --quiet || exit 1
        cat "$dir/time" >> "$dir/costs"
        "$top_builddir/privet-audit" fidelity --real "$data/data.csv.gz" \
            --synthetic "$dir/x.h5" --schema "$data/schema.json" --json |
            awk '/"id": "error.3way.l1"/ { hit = 1 } hit && /"value"/ { gsub(/[",]/, ""); print $2; exit }' >> "$dir/errors"
    done
    awk -v m=$method -v e=$epsilon -v t=$error -v c=$cpu -v b=$memory '
        NR == FNR { cpu += $1 + $2; wall += $4; if ($3 > mem) mem = $3; next }
        { sum += $1; n++; all = all sprintf(" %.4f", $1) }
        END { printf "%s on adult, epsilon %s: error.3way.l1 %.4f (%s ) (target %s %s), CPU %.2f s (target %s %s), wall %.2f s, peak %.0f MB (target %s %s)\n",
              m, e, sum / n, all, t, sum / n <= t ? "met" : "MISSED", cpu / n, c, cpu / n <= c ? "met" : "MISSED",
              wall / n, mem / 1024, b, mem / 1024 <= b ? "met" : "MISSED" }' "$dir/costs" "$dir/errors"
done
