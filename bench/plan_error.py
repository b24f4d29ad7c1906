#!/usr/bin/env python3
"""What a plan expects and what then happens.

usage: plan_error.py METHOD EPSILON DATA.csv[.gz] SCHEMA.json BUILD_DIR

Prints the errors of one-way marginals (sum of |rows' counts - real counts| over
the real rows) as planned and as they came, and the mean of the chosen marginals
beside the plan's lines for them; seconds and megabytes. Needs h5py, pandas and
GNU time; binned columns are compared number by number, so give tables without.
"""
import json
import os
import subprocess
import sys
import tempfile

import h5py
import pandas as pd

method, epsilon, data, schema, build = sys.argv[1:]
names = [f["name"] for f in json.load(open(schema))["fields"]]
real = pd.read_csv(data, dtype=str, keep_default_na=False)[names]
budget = ["--schema", schema, "--epsilon", epsilon, "--delta", "1e-9"]
plan = json.loads(subprocess.run(
    [f"{build}/privet-gen", "plan", method, *budget, "--rows-hint", str(len(real)),
     "--json"], capture_output=True, check=True).stdout)
planned = {line["marginal"]: line["error"] for line in plan["lines"]}
with tempfile.TemporaryDirectory() as work:
    release, csv = os.path.join(work, "o.h5"), os.path.join(work, "o.csv")
    used = subprocess.run(
        ["/usr/bin/time", "-f", "%U %M", f"{build}/privet-gen", method, data, *budget,
         "-o", release, "--insecure-test-seed", "1", "--threads", "1", "--quiet"],
        capture_output=True, check=True, text=True).stderr.splitlines()[-1].split()
    subprocess.run([f"{build}/privet-table", "export", release, "-o", csv], check=True)
    made = pd.read_csv(csv, dtype=str, keep_default_na=False)[names]
    expected, came, chosen = 0, 0, []
    for group in h5py.File(release)["privacy/measurements"].values():
        columns = [names[i] for i in group.attrs["column_numbers"]]
        difference = real.groupby(columns).size().sub(
            made.groupby(columns).size(), fill_value=0).abs().sum() / len(real)
        name = " x ".join(columns)
        if name in planned and len(columns) == 1:
            expected += planned[name]
            came += difference
        else:
            chosen.append(difference)
print(f"one-way marginals, sum: planned {expected:.4f}, came {came:.4f}")
if chosen:
    print(f"chosen marginals, mean: came {sum(chosen) / len(chosen):.4f}")
for name, error in planned.items():
    if "chosen" in name:
        print(f"  planned {error:.4f}: {name}")
print(f"planned {plan['seconds']:.2f} s and {plan['bytes'] / 2**20:.0f} MB, took "
      f"{used[0]} s and {int(used[1]) / 1024:.0f} MB")
