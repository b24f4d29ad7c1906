#!/bin/sh
# Audits sound builds of mst and aim, again and again: what worst cases show of
# mu = sqrt(2 rho), with the transcript and without, and whether anything is
# flagged. usage: epsilon-sound.sh BUILD-DIR [REPETITIONS [RUNS]]
set -eu
LC_ALL=C
export LC_ALL
audit=$1/privet-audit
repetitions=${2:-20}
runs=${3:-10000}
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-sound-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# one METHOD DELTA SEE: a line of figures
one() {
    flagged=0
    : >"$work/mu"
    i=1
    while [ "$i" -le "$repetitions" ]; do
        status=0
        "$audit" epsilon --mechanism "privet-gen $1 --epsilon 1 --delta $2" \
            --see "$3" --pair mixed,repeated --runs "$runs" --seed "$i" \
            --run-dir "$work/run" --json --quiet >"$work/json" || status=$?
        rm -rf "$work/run"
        [ "$status" -eq 0 ] || flagged=$((flagged + 1))
        python3 - "$work/json" >>"$work/mu" <<'P'
import json, sys
metrics = json.load(open(sys.argv[1]))["metrics"]
rho = [m for m in metrics if m["scope"] and
       m["scope"].get("attack", "").startswith("for rho")]
def of(name):
    return [m["value"] for m in rho if m["id"] == name]
claim = [m["value"] for m in metrics if m["id"] == "epsilon.claim.mu"][0]
low = [m["value"] for m in metrics if m["id"] == "epsilon.clopper_pearson.lo"
       and m["scope"]]
print(claim, max(of("epsilon.gdp.mu")), sum(of("epsilon.gdp.mu")) / 2,
      max(of("epsilon.gdp.mu_lo")), max(of("epsilon.zcdp.rho_lo")), max(low))
P
        i=$((i + 1))
    done
    awk -v method="$1" -v delta="$2" -v see="$3" -v flagged="$flagged" \
        '{ for (k = 1; k <= 6; k++) s[k] += $k }
         $4 > top { top = $4 }
         END { printf "%-5s %-6s %-8s %8.4f %8.4f %8.4f %8.4f %8.4f %8.4f %8.4f %4d of %d\n",
               method, delta, see, s[1] / NR, s[3] / NR, s[2] / NR, s[4] / NR,
               top, s[5] / NR, s[6] / NR, flagged, NR }' "$work/mu"
}

echo "$repetitions repetitions, $runs runs of each of two pairs (mixed, repeated)"
echo "method delta see       implied  mu mean  mu best mu_lo mu_lo max rho_lo   eps_lo  flagged"
for method in mst aim; do
    for delta in 1e-2 1e-5; do
        for see in all release; do
            one "$method" "$delta" "$see"
        done
    done
done
