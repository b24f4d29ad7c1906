#!/bin/sh
# demo.sh BUILD OUT: from a sensitive table to an audited synthetic one.
set -eu
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
schema=$here/people.schema.json
table=$out/real.csv others=$out/others.csv
rm -rf "$out/people.h5" "$out/people.h5.run"
# every fourth person is kept out: the control of the attacks
gzip -dc "$here/people.csv.gz" | awk -v table="$table" -v others="$others" '
    NR == 1 || NR % 4 > 0 { print >table }
    NR == 1 || NR % 4 == 0 { print >others }'

echo "1. What the schema declares"
"$build/privet-table" check "$schema"
echo
echo "2. What a budget of epsilon 1 would buy"
"$build/privet-gen" plan mst --schema "$schema" --epsilon 1 --delta 1e-9 \
    --rows-hint 15000
echo
echo "3. A differentially private synthetic table"
"$build/privet-gen" mst "$table" --schema "$schema" --epsilon 1 --delta 1e-9 \
    -o "$out/people.h5"
"$build/privet-table" info "$out/people.h5"
echo
echo "4. The audit of its fidelity"
"$build/privet-audit" fidelity --real "$table" --synthetic "$out/people.h5" \
    --schema "$schema" | tee "$out/fidelity.txt"
"$build/privet-audit" fidelity --real "$table" --synthetic "$out/people.h5" \
    --schema "$schema" --json > "$out/fidelity.json"
echo
echo "5. The audit of what it gives away of people: their health"
"$build/privet-audit" attack --real "$table" --holdout "$others" \
    --synthetic "$out/people.h5" --schema "$schema" | tee "$out/attack.txt"
"$build/privet-audit" attack --real "$table" --holdout "$others" --force \
    --synthetic "$out/people.h5" --schema "$schema" --json -o "$out/attack.json"
echo
echo "6. The report (inconclusive: nobody audited epsilon here)"
"$build/privet-audit" report --real "$table" --holdout "$others" \
    --synthetic "$out/people.h5" --release "$out/people.h5" --schema "$schema" \
    --group region --findings "$out/attack.json" -o "$out/report" --force ||
    [ $? -eq 4 ]
echo
echo "7. As CSV"
"$build/privet-table" export "$out/people.h5" -o "$out/people.csv" --force
head -n 4 "$out/people.csv"
echo
echo "The release is $out/people.h5 (and .csv)."
echo "The report is $out/report/report.html (and .json), the findings are"
echo "$out/fidelity.txt and $out/attack.txt (and .json): internal, not for release."
