#!/usr/bin/env python3
"""How far a release is from what its own choice of marginals could give.

usage: floor.py RELEASE.h5 DATA.csv[.gz] SCHEMA.json BUILD_DIR

For tables of integer columns that are all present. Prints error.3way.l1 of the
release; of rows from the same marginals counted without noise; and of the real
rows drawn again with replacement, which have no model and no noise: only the
sampling of as many rows. Needs h5py, numpy and pandas.
"""
import json
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np
import pandas as pd

release, data, schema, build = sys.argv[1:]
fields = json.load(open(schema))["fields"]
names = [f["name"] for f in fields]
low = {f["name"]: f["constraints"]["minimum"] for f in fields}
size = {f["name"]: f["constraints"]["maximum"] - low[f["name"]] + 1 for f in fields}
real = pd.read_csv(data)[names]


def error(path):
    out = subprocess.run(
        [f"{build}/privet-audit", "fidelity", "--real", data, "--synthetic", path,
         "--schema", schema, "--json"], capture_output=True, check=True).stdout
    metrics = json.loads(out)["metrics"]
    return next(m["value"] for m in metrics if m["id"] == "error.3way.l1")


with tempfile.TemporaryDirectory() as work:
    exact = os.path.join(work, "exact.h5")
    with h5py.File(release) as source, h5py.File(exact, "w", libver="latest") as f:
        f["schema"] = np.bytes_(open(schema).read())
        group = source["privacy/measurements"]
        seen = set()
        for key in sorted(group):
            columns = [names[i] for i in group[key].attrs["column_numbers"]]
            if tuple(columns) in seen:
                continue
            seen.add(tuple(columns))
            shape = [size[c] for c in columns]
            codes = [real[c].to_numpy() - low[c] for c in columns]
            counts = np.bincount(np.ravel_multi_index(codes, shape),
                                 minlength=int(np.prod(shape)))
            g = f.create_group(f"privacy/measurements/{len(seen) - 1:04d}")
            g.attrs["columns"] = np.array(columns, dtype="S")
            g.attrs["sigma2"] = 1.0
            g["counts"] = counts.reshape(shape).astype(float)
    fitted = os.path.join(work, "fitted.h5")
    subprocess.run([f"{build}/privet-gen", "direct", "--from-measurements", exact,
                    "-o", fitted, "--rows", str(len(real)), "--quiet",
                    "--insecure-test-seed", "1"], check=True)
    again = os.path.join(work, "again.csv")
    real.sample(len(real), replace=True, random_state=1).to_csv(again, index=False)
    print(f"release {error(release):.4f}  the same {len(seen)} marginals without noise "
          f"{error(fitted):.4f}  real rows drawn again {error(again):.4f}")
