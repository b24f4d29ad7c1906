#!/usr/bin/env python3
"""A stand-in for a batch job that makes candidates for Private Evolution.

    python3 pe-steps.py DIR

answers each DIR/gen_*/request.jsonl that has no response.h5 yet (doc/pe-sources.md). A
real job would run a language or diffusion model and an embedding model here; this one
draws blurred dots on images of 8 x 8 pixels, whose 64 grey values are the embedding, and
keeps each image as a PGM file that payload_ref names. Needs h5py and numpy.
"""

import json
import os
import pathlib
import sys

try:
    import h5py
    import numpy as np
except ImportError as missing:
    sys.exit(f"pe-steps.py needs {missing.name}: install python3-h5py (Debian), "
             "or h5py by pip")

SIDE = 8


def first(rng, code):
    """A dot somewhere; the classes differ in how wide it is."""
    x, y = rng.uniform(1, SIDE - 2, 2)
    width = 0.8 + 0.6 * code
    at = np.arange(SIDE)
    return np.exp(-((at[None, :] - x) ** 2 + (at[:, None] - y) ** 2)
                  / (2 * width ** 2))


def child(rng, parent, degree):
    """The parent with noise; of degree 1 little of it is left."""
    noise = rng.uniform(0, 1, parent.shape)
    shift = rng.integers(-1, 2, 2) if degree > 0.2 else (0, 0)
    moved = np.roll(parent, shift, (0, 1))
    return np.clip((1 - 0.7 * degree) * moved + 0.3 * degree * noise, 0, 1)


def save(path, image):
    grey = np.round(255 * image).astype(np.uint8)
    path.write_bytes(b"P5 %d %d 255\n" % (SIDE, SIDE) + grey.tobytes())


def load(path):
    grey = np.frombuffer(path.read_bytes().split(b"\n", 1)[1], np.uint8)
    return grey.reshape(SIDE, SIDE) / 255


def answer(top, step):
    rows = []  # parent_id, fold, embedding, payload_ref
    for line in (step / "request.jsonl").read_text().splitlines():
        want = json.loads(line)
        # all that is drawn follows from the seed: a job that is run again gives the same
        rng = np.random.default_rng(want["seed"])
        for fold in range(want["n_var"]):
            if want["op"] == "random":
                parent, image = want["req_id"], first(rng, want["label_code"])
            else:
                parent = want["parent_id"]
                image = child(rng, load(top / want["parent_payload_ref"]),
                              want["degree"])
            path = step / f"{want['req_id']:06d}_{fold:02d}.pgm"
            save(path, image)
            # what is embedded is what was kept, not what it was rounded from
            rows.append((parent, fold, load(path).ravel(),
                         str(path.relative_to(top))))
    # under another name first: what is called response.h5 is read at once
    partial = step / "response.h5.tmp"
    with h5py.File(partial, "w") as f:
        f["parent_id"] = np.array([r[0] for r in rows], np.int64)
        f["fold"] = np.array([r[1] for r in rows], np.int32)
        f["embedding"] = np.array([r[2] for r in rows], np.float32)
        f["payload_ref"] = np.array([r[3].encode() for r in rows])
    os.replace(partial, step / "response.h5")
    print(f"{step}: {len(rows)} candidates")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    top = pathlib.Path(sys.argv[1])
    for request in sorted(top.glob("gen_*/request.jsonl")):
        if not (request.parent / "response.h5").exists():
            answer(top, request.parent)


if __name__ == "__main__":
    main()
