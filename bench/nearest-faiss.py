#!/usr/bin/env python3
"""bench_nearest against faiss.IndexFlatL2, one after the other, as often as said.

usage: nearest-faiss.py BENCH_NEAREST [QUERIES [COUNT [WIDTH [REPEATS]]]]

Prints the median and the least seconds of a search of each, on 1 and 2 threads (of
faiss's search alone: its index holds the candidates before; ours takes them in as
well). Each has a process to itself, whose BLAS has that many threads. Needs faiss
and numpy.
"""
import os
import statistics
import subprocess
import sys
import time


def search(queries, count, width, threads):
    import faiss
    import numpy as np

    rng = np.random.default_rng(1)
    x = rng.standard_normal((queries, width), dtype=np.float32)
    y = rng.standard_normal((count, width), dtype=np.float32)
    faiss.omp_set_num_threads(threads)
    index = faiss.IndexFlatL2(width)
    index.add(y)
    for _ in range(2):
        start = time.monotonic()
        index.search(x, 1)
        print(time.monotonic() - start)


def best_of_two(command, threads):
    # the first warms up
    env = dict(os.environ, OPENBLAS_NUM_THREADS=str(threads), OMP_NUM_THREADS=str(threads))
    out = subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout
    return min(map(float, out.split()))


if sys.argv[1] == "--faiss":
    search(*map(int, sys.argv[2:]))
    sys.exit()
bench = sys.argv[1]
queries, count, width, repeats = (list(map(int, sys.argv[2:])) + [10000, 10000, 768, 5][len(sys.argv) - 2 :])
print(f"{queries} x {count} x {width}, seconds  median    best")
for threads in 1, 2:
    size = [str(queries), str(count), str(width), str(threads)]
    ours, theirs = [], []
    for _ in range(repeats):
        theirs.append(best_of_two([sys.executable, __file__, "--faiss"] + size, threads))
        ours.append(best_of_two([bench] + size + ["2"], threads))
    for name, times in ("nearest", ours), ("faiss", theirs):
        print(f"{threads} threads  {name:18} {statistics.median(times):8.3f} {min(times):8.3f}")
    print(f"{threads} threads  faiss / nearest    {statistics.median(theirs) / statistics.median(ours):8.2f} {min(theirs) / min(ours):8.2f}", flush=True)
