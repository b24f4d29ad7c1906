#!/usr/bin/env python3
"""A co-process that makes candidates for Private Evolution: a tiny simulator.

It is started by the program that asks it, by standard input, and answers on standard
output (doc/pe-sources.md); messages go to standard error. Candidates are regular polygons;
the payload is JSON that describes one, the embedding four numbers. Needs Python 3 alone.
"""

import json
import math
import random
import struct
import sys

WIDTH = 4  # numbers of an embedding: the private ones must be made by embed() too


def embed(shape):
    n, r = shape["corners"], shape["radius"]
    area = 0.5 * n * r * r * math.sin(2 * math.pi / n)
    edge = 2 * n * r * math.sin(math.pi / n)
    return [area, edge, shape["x"], shape["y"]]


def first(rng, code):
    """Of class `code`: a polygon of code + 3 corners or a few more."""
    return {"corners": 3 + code + rng.randrange(3),
            "radius": round(rng.uniform(0.1, 1), 4),
            "x": round(rng.uniform(-1, 1), 4), "y": round(rng.uniform(-1, 1), 4)}


def child(rng, parent, degree):
    """Between the parent (degree 0) and anything (degree 1)."""
    shape = dict(parent)
    for name, least, most in (("radius", 0.1, 1), ("x", -1, 1), ("y", -1, 1)):
        value = parent[name] + degree * (most - least) * rng.uniform(-0.5, 0.5)
        shape[name] = round(min(max(value, least), most), 4)
    if rng.random() < degree / 2:
        shape["corners"] = max(3, shape["corners"] + rng.choice((-1, 1)))
    return shape


def payloads_of(body):
    """Each is a little-endian 32-bit length and so many bytes."""
    while body:
        (length,) = struct.unpack_from("<I", body)
        yield body[4:4 + length]
        body = body[4 + length:]


def say(line, body=b""):
    line["bytes"] = len(body)
    sys.stdout.buffer.write(json.dumps(line).encode() + b"\n" + body)
    sys.stdout.buffer.flush()  # else both sides wait for ever


def answer(request, body):
    # all that is drawn follows from the seed: who is asked again answers the same
    rng = random.Random(request["seed"])
    if request["op"] == "random":
        shapes = [first(rng, request["label_code"]) for _ in range(request["n"])]
    else:  # the children of one parent follow each other
        shapes = [child(rng, json.loads(parent), request["degree"])
                  for parent in payloads_of(body) for _ in range(request["fold"])]
    vectors = b"".join(struct.pack(f"<{WIDTH}f", *embed(s)) for s in shapes)
    texts = [json.dumps(s).encode() for s in shapes]
    say({"op": request["op"], "id": request["id"], "n": len(shapes), "d": WIDTH},
        vectors + b"".join(struct.pack("<I", len(t)) + t for t in texts))


def main():
    source = sys.stdin.buffer
    while line := source.readline():
        request = json.loads(line)
        body = source.read(request["bytes"])
        if request["op"] == "bye":
            break
        if request["op"] == "hello":
            if request["d"] != WIDTH:
                print(f"embeddings are of {WIDTH} numbers", file=sys.stderr)
            say({"op": "hello", "id": request["id"], "abi": 1, "d": WIDTH,
                 "metric": request["metric"], "payload": "utf8"})
        else:
            answer(request, body)


if __name__ == "__main__":
    main()
