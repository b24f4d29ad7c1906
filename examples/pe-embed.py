#!/usr/bin/env python3
"""Private embeddings, and a public pool, for the examples of Private Evolution.

    python3 pe-embed.py DIR

writes DIR/shapes.h5 (polygons, as pe-process.py makes and embeds them) and DIR/dots.h5
(images of 8 x 8 pixels, as pe-steps.py does). In a real run this is the one place where
private records meet a model: on the machine where they are, once, before anything is
asked (doc/pe.md). Needs h5py and numpy.
"""

import importlib.util
import pathlib
import random
import sys

import h5py
import numpy as np

HERE = pathlib.Path(__file__).parent


def module(name):
    spec = importlib.util.spec_from_file_location(name.replace("-", "_"),
                                                  HERE / f"{name}.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def put(file, part, vectors, labels=None, first_id=0):
    group = file.create_group(part)
    group["embedding"] = np.asarray(vectors, np.float32)
    group["row_id"] = np.arange(first_id, first_id + len(vectors))
    if labels is not None:
        group["label"] = np.asarray(labels, np.int32)
    group.attrs["metric"] = "l2"


def shapes(path):
    """Private polygons: each class of its own size, in its own quarter."""
    process, rng = module("pe-process"), random.Random(1)
    private, labels, pool = [], [], []
    for i in range(1800):
        code = i % 3
        private.append(process.embed({
            "corners": 3 + code, "radius": 0.2 + 0.3 * code + 0.05 * rng.random(),
            "x": (-0.5, 0.5, 0.5)[code] + 0.1 * rng.gauss(0, 1),
            "y": (0.5, 0.5, -0.5)[code] + 0.1 * rng.gauss(0, 1)}))
        labels.append(code)
    for i in range(900):
        pool.append(process.embed(process.first(rng, i % 3)))
    with h5py.File(path, "w") as file:
        put(file, "private", private, labels)
        put(file, "pool", pool, first_id=10000)


def dots(path):
    """Private images: dots in the left half alone."""
    steps, rng = module("pe-steps"), np.random.default_rng(1)
    private, labels = [], []
    while len(private) < 1200:
        image = steps.first(rng, len(private) % 3)
        if image[:, :4].sum() > image[:, 4:].sum():
            private.append(image.ravel())
            labels.append((len(private) - 1) % 3)
    with h5py.File(path, "w") as file:
        put(file, "private", private, labels)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    top = pathlib.Path(sys.argv[1])
    top.mkdir(parents=True, exist_ok=True)
    shapes(top / "shapes.h5")
    dots(top / "dots.h5")


if __name__ == "__main__":
    main()
