#!/bin/sh
# A release holds no key, seed, true count, path, host or user name; and the
# search finds each of them when it is planted.
python=/usr/bin/python3
"$python" -c 'import h5py, numpy' 2>/dev/null || {
    echo "skipped: no $python with h5py, so releases are not searched"; exit 77; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0
check() { what=$1; shift; if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $what"; fi; }
seed=7f3a9c0112e4d5b68877665544332211aabbccddeeff00998877665544332201
rows=9973
zcat "$top_srcdir/examples/people.csv.gz" | head -n $((rows + 1)) > "$dir/private-input.csv"
"$top_builddir/privet-gen" mst "$dir/private-input.csv" --schema "$top_srcdir/examples/people.schema.json" \
    --epsilon 1 --delta 1e-9 -o "$dir/r.h5" --run-dir "$dir/some-run-dir" --quiet \
    --account "$dir/some-account" --account-cap 1 --insecure-test-seed $seed 2>/dev/null || exit 1
search() { # release
    "$python" "$top_srcdir/tests/test-release-secrets.py" "$1" $seed $rows "$dir" private-input \
        some-run-dir some-account "$(uname -n)" "$(id -un)@" "$HOME/" "$top_srcdir" "$top_builddir"
}
plant() { # python statement on f: the search must fail
    cp -L "$dir/r.h5" "$dir/planted.h5"
    "$python" -c "
import h5py, numpy as np
with h5py.File('$dir/planted.h5', 'a') as f:
    $1"
    ! search "$dir/planted.h5" >/dev/null
}
check "the release is clean" search "$dir/r.h5"
check "a planted key is found" plant "f['/schema'].attrs['k'] = np.frombuffer(bytes.fromhex('$seed'), dtype='u1')"
check "a planted seed is found" plant "f.attrs['seed'] = '$seed'"
check "a planted count is found" plant "f.attrs['rows'] = $rows"
check "a planted path is found" plant "f.attrs['from'] = '$dir/private-input.csv'"
check "a planted exact marginal is found" plant "f['/privacy/measurements'].create_dataset('x', data=np.array([$rows - 4000, 4000]))"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
