"""Walks everything in a release and its files and searches for what must not
be there: the key, a seed, the true count of rows, paths, host and user names.

usage: test-release-secrets.py RELEASE KEY_HEX TRUE_ROWS WORD..."""
import sys

import h5py
import numpy as np

release, key_hex, rows, words = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
key = bytes.fromhex(key_hex)
needles = [key, key_hex.encode(), key_hex.upper().encode(), key[::-1]]
needles += [w.encode() for w in words if len(w) > 2]
found = []
items = 0


def look(where, value):
    global items
    items += 1
    array = np.asarray(value)
    raw = array.tobytes() if array.dtype.kind != "O" else b"".join(
        v if isinstance(v, bytes) else str(v).encode() for v in array.ravel())
    for needle in needles:
        if needle in raw:
            found.append(f"{where} holds {needle[:12]!r}")
    if array.dtype.kind in "iu" and array.ndim == 0 and int(array) == rows:
        found.append(f"{where} is the true number of rows")
    if array.dtype.kind in "iu" and "/privacy/measurements" in where and array.ndim:
        if int(array.sum()) == rows:
            found.append(f"{where} sums to the true number of rows")
    if array.dtype.kind in "SO" and str(rows).encode() in raw:
        found.append(f"{where} names the true number of rows")


def visit(name, node):
    for attribute, value in node.attrs.items():
        look(f"/{name}@{attribute}", value)
    if isinstance(node, h5py.Dataset):
        look(f"/{name}", node[()])


with h5py.File(release) as f:
    visit("", f)
    f.visititems(visit)
with open(release, "rb") as f:
    whole = f.read()
for needle in needles:
    if needle in whole:
        found.append(f"the file holds {needle[:12]!r}")
if items < 20:
    found.append(f"only {items} things were looked at")
for line in found:
    print("FAILED:", line)
sys.exit(1 if found else 0)
