#!/bin/sh
# A report in a browser, and what a browser must find on spoiled ones; for check-long.
set -u
audit=$top_builddir/privet-audit
look="python3 $top_srcdir/tests/page-look.py"
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-look-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
failures=0

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}

case $($look) in
SKIPPED*)
    $look >&2
    exit 0
    ;;
esac

# names of markup, quotes, newlines and right-to-left script
cat >"$work/schema.json" <<'END'
{"fields": [
 {"name": "<img src=x onerror=y>\" \u05e9\u05dc\u05d5\u05dd", "categories": ["</td>", "b"]},
 {"name": "a\nb", "categories": ["x", "\u0627\u0644\u0639\u0631\u0628\u064a\u0629"]},
 {"name": "n", "type": "number", "constraints": {"minimum": 0, "maximum": 1}, "privet": {"bins": 5}}]}
END
rows() { # SEED
    printf '"<img src=x onerror=y>"" \327\251\327\234\327\225\327\235","a\nb",n\n'
    awk -v s="$1" -v OFS=, 'BEGIN { srand(s); for (i = 0; i < 300; i++) print rand() < .3 ? "</td>" : "b", "x", rand() }'
}
rows 1 >"$work/real.csv"
rows 2 >"$work/synthetic.csv"
for mode in internal shareable; do
    "$audit" report --real "$work/real.csv" --synthetic "$work/synthetic.csv" \
        --schema "$work/schema.json" --mode $mode -o "$work/$mode" --quiet
    [ $? -eq 4 ] || fail "no $mode report"
    $look "$work/$mode/report.html" || fail "the $mode report"
done

page=$work/internal/report.html
[ "$failures" -eq 0 ] || exit 1
spoiled() { # WHAT EXPECTED SED
    sed "$3" "$page" >"$work/spoiled.html"
    cmp -s "$page" "$work/spoiled.html" && fail "$1: nothing to spoil"
    $look "$work/spoiled.html" >"$work/said" && fail "$1: not noticed"
    grep -q "FAIL: .*$2" "$work/said" || fail "$1: $(cat "$work/said")"
}
spoiled 'a script' 'console' 's|</body>|<script>console.log("x")</script></body>|'
spoiled 'an image' 'a request' 's|</body>|<img alt="a" src="file:///none.png"/></body>|'
spoiled 'faint text' 'contrast' 's|--text:#[0-9a-f]*|--text:#888888|g'
spoiled 'a wide page' 'wider' 's|</body>|<div style="width:3000px">x</div></body>|'
spoiled 'no main part' 'landmarks main' 's|<main|<div|;s|</main>|</div>|'
spoiled 'a heading' 'heading skips' 's|<h2|<h4|;s|</h2>|</h4>|'
spoiled 'a link' 'a link to nowhere' 's|href="#[a-z]*"|href="#nowhere"|'

echo "looked at 2 pages and 7 spoiled ones, $failures failures"
[ "$failures" -eq 0 ]
