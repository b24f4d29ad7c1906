#!/usr/bin/env python3
"""pe-compare.py BUILD DATA [PART ...]: private evolution beside other methods.

Parts: characters, adult, parity, pool (all). For each method, epsilon and keys 1 to 5: the
accuracy, on rows that nobody saw, of a learner trained on the release, with a 95 %
interval over the keys (Student), and of tables the mean total variation of single columns
and of pairs by privet-audit. delta is 1/(n ln n). The real table, or the pool drawn
alike, comes first. Needs numpy, pandas, scikit-learn and, for pool, h5py.
"""

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile

os.environ.setdefault("OMP_NUM_THREADS", "2")
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

BUILD, DATA = sys.argv[1:3]
PARTS = sys.argv[3:] or ["characters", "adult", "parity", "pool"]
KEYS = range(1, 6)
STUDENT = 2.776  # 97.5 %, 4 degrees of freedom
WORK = tempfile.mkdtemp(prefix="privet-pe-")
PUBLISHED = "--select rank --init uniform --candidates 1000 --rounds 20"


def run(*words):
    return subprocess.run([f"{BUILD}/{words[0]}", *map(str, words[1:])], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout


def release(method, source, schema, epsilon, delta, key, options):
    out = f"{WORK}/r.h5"
    for left in os.listdir(WORK):
        if left.startswith("r."):
            path = f"{WORK}/{left}"
            shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
    run("privet-gen", method, source, "--schema", schema, "--epsilon", epsilon, "--delta",
        delta, "-o", out, "--insecure-test-seed", key, "--quiet", *options.split())
    run("privet-table", "export", out, "-o", f"{WORK}/r.csv", "--force")
    return out, pd.read_csv(f"{WORK}/r.csv", na_values=["?"])


def distances(real, schema, synthetic):
    found = json.loads(run("privet-audit", "fidelity", "--real", real, "--synthetic",
                           synthetic, "--schema", schema, "--no-yardstick", "--json"))
    value = {m["id"]: m["value"] for m in found["metrics"]}
    return value["tv.1way.mean"], value["tv.2way.mean"]


def show(what, accuracies, *others):
    a = np.array(accuracies)
    half = STUDENT * a.std(ddof=1) / math.sqrt(len(a)) if len(a) > 1 else 0
    print(f"{what:58s} {a.mean():.4f} +- {half:.4f}",
          *(f"{np.mean(o):.4f}" for o in others), flush=True)


def table(name, train, test, schema, target, epsilons, methods):
    real, held = (pd.read_csv(f, na_values=["?"]) for f in (train, test))
    texts = [c for c in real if real[c].dtype == object]
    levels = {c: sorted(set(real[c].dropna()) | set(held[c].dropna())) for c in texts}

    def features(frame):
        numbers = {c: pd.Categorical(frame[c], levels[c]).codes if c in texts
                   else frame[c] for c in real if c != target}
        return pd.DataFrame(numbers)

    def accuracy(frame):
        if frame[target].nunique() < 2:
            return (held[target] == frame[target].iloc[0]).mean()
        learner = HistGradientBoostingClassifier(random_state=0)
        return learner.fit(features(frame), frame[target].astype(str)).score(
            features(held), held[target].astype(str))

    n = len(real)
    delta = 1 / (n * math.log(n))
    print(f"\n{name}: {n} rows, delta {delta:.3g}; accuracy, TV of columns and of pairs")
    show("real", [accuracy(real)])
    for epsilon in epsilons:
        for method, options in methods:
            got = []
            for key in KEYS:
                out, rows = release(method, train, schema, epsilon, delta, key, options)
                got.append((accuracy(rows), *distances(train, schema, out)))
            show(f"epsilon {epsilon} {method} {options}", *zip(*got))


def number(name, kind, least, most, bins=None):
    field = {"name": name, "type": kind,
             "constraints": {"required": True, "minimum": least, "maximum": most}}
    if bins:
        field["privet"] = {"bins": bins}
    return field


def write_schema(fields):
    path = f"{WORK}/schema.json"
    with open(path, "w") as out:
        json.dump({"fields": fields}, out)
    return path


def characters():
    folder = f"{DATA}/embeddings/artificial-characters"
    schema = write_schema(
        [number("V1", "integer", 0, 8)] +
        [number(f"V{i}", "integer", -5, 70, 19) for i in (2, 3, 4, 5)] +
        [number("V6", "number", 0, 60, 15), number("V7", "number", 0, 80, 20),
         number("Class", "integer", 1, 10)])
    target = "--target Class"
    table("artificial-characters", f"{folder}_train.csv.gz", f"{folder}_test.csv.gz",
          schema, "Class", (0.5, 1, 4),
          [("pe", target), ("pe", f"{target} {PUBLISHED}"), ("aim", target), ("gsd", ""),
           ("mst", "")])


def adult():
    folder = f"{DATA}/adult_raw"
    target = "income>50K"
    table("adult_raw", f"{folder}/train.csv.gz", f"{folder}/test.csv.gz",
          f"{folder}/schema.json", target, (1,),
          [("pe", f"--target {target}"), ("pe", f"--target {target} {PUBLISHED}"),
           ("aim", f"--target {target}"), ("aim", ""), ("gsd", ""), ("mst", "")])


def parity():
    for k in (3, 4):
        for part in ("train", "test"):
            rng = np.random.default_rng([k, part == "test"])
            x = rng.random((10000, k)).round(6)
            frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(k)])
            frame["y"] = (x > 0.5).sum(1) % 2
            frame.to_csv(f"{WORK}/{part}.csv", index=False)
        schema = write_schema([number(f"x{i}", "number", 0, 1, 32) for i in range(k)] +
                              [number("y", "integer", 0, 1)])
        table(f"parity of {k}", f"{WORK}/train.csv", f"{WORK}/test.csv", schema, "y", (1,),
              [("pe", "--target y"), ("pe", f"--target y {PUBLISHED}"),
               ("aim", "--target y"), ("gsd", "")])


def pool():
    import h5py
    path = f"{DATA}/embeddings/mnist_pca50.h5"
    with h5py.File(path) as f:
        vectors, ids = f["pool/embedding"][:], f["pool/row_id"][:]
        private = f["private/embedding"][:], f["private/label"][:]
        held = f["test/embedding"][:], f["test/label"][:]
    place = {int(v): i for i, v in enumerate(ids)}
    schema = write_schema([number("digit", "integer", 0, 9)])
    n = len(private[0])
    delta = 1 / (n * math.log(n))

    def accuracy(x, y):
        return LogisticRegression(max_iter=500).fit(x, y).score(*held)

    print(f"\nmnist_pca50: {n} private images, a pool of {len(ids)} whose labels nobody "
          f"uses, delta {delta:.3g}; accuracy of logistic regression")
    show("real", [accuracy(*private)])
    for epsilon in (0.5, 1):
        for options in ("--one-shot auto", "--one-shot 50", "--one-shot 100", "",
                        "--select sample --threshold 2",
                        "--select rank", "--rounds 0"):
            got = []
            for key in KEYS:
                _, rows = release("pe", path, schema, epsilon, delta, key,
                                  f"--api pool {path} {options}")
                got.append(accuracy(vectors[[place[i] for i in rows.row_id]], rows.digit))
            show(f"epsilon {epsilon} pool {options}", got)


try:
    for part in PARTS:
        {"characters": characters, "adult": adult, "parity": parity, "pool": pool}[part]()
finally:
    shutil.rmtree(WORK)
