#!/usr/bin/env python3
"""A wide table for timing: wide-table.py ROWS COLUMNS DIRECTORY [SEED]

Writes data.csv and schema.json. Columns have 2 to 100 levels in turn; each
leans on an earlier one, chosen at random (a tree of dependencies): half of the
rows copy its rank, the others are drawn from a skewed law of the column's own.
Needs numpy.
"""
import json
import sys

import numpy as np


def main(rows, columns, directory, seed=1):
    rng = np.random.default_rng(seed)
    sizes = [2, 3, 5, 8, 12, 20, 35, 50, 75, 100]
    levels = [sizes[i % len(sizes)] for i in range(columns)]
    table = np.empty((rows, columns), dtype=np.uint8)
    for c in range(columns):
        weight = rng.permutation(1.0 / np.arange(1, levels[c] + 1))
        own = rng.choice(levels[c], rows, p=weight / weight.sum())
        if c > 0:
            parent = rng.integers(0, c)
            ranked = table[:, parent].astype(int) * levels[c] // levels[parent]
            own = np.where(rng.random(rows) < 0.5, ranked, own)
        table[:, c] = own
    names = [f"c{i:03d}" for i in range(columns)]
    np.savetxt(f"{directory}/data.csv", table, fmt="%d", delimiter=",",
               header=",".join(names), comments="")
    fields = [{"name": n, "type": "integer",
               "constraints": {"required": True, "minimum": 0, "maximum": k - 1}}
              for n, k in zip(names, levels)]
    with open(f"{directory}/schema.json", "w", encoding="utf-8") as out:
        json.dump({"fields": fields}, out, indent=1)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3],
         *(int(a) for a in sys.argv[4:]))
