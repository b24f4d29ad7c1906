#!/usr/bin/env python3
"""gsd-trace.py FAITHFUL FAST OUT.svg: draws the objective of two runs of
`EACH=1 bench/bench_gsd ...` against CPU time, both axes logarithmic."""
import math, re, sys


def read(path):
    points, floor = [], None
    for line in open(path):
        real = re.search(r"F\(real\) ([\d.]+)", line)
        floor = float(real.group(1)) if real else floor
        step = re.match(r"\s+sweep \d+: ([\d.]+) s, F ([\d.]+)", line)
        if step:
            points.append((float(step.group(1)), float(step.group(2))))
    return points, floor


faithful, floor = read(sys.argv[1])
fast, _ = read(sys.argv[2])
everything = faithful + fast
low, high = min(t for t, _ in everything), max(t for t, _ in everything)
bottom = min(min(f for _, f in everything), floor) / 1.3
top = max(f for _, f in everything) * 1.3
W, H, L, R, T, B = 640, 380, 62, 14, 16, 46


def x(t):
    return L + (W - L - R) * math.log(t / low) / math.log(high / low)


def y(f):
    return T + (H - T - B) * math.log(top / f) / math.log(top / bottom)


def ticks(a, b):
    e = math.floor(math.log10(a))
    return [m * 10 ** k for k in range(e, 4) for m in (1, 2, 5) if a <= m * 10 ** k <= b]


out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" '
       'aria-labelledby="t" font-family="sans-serif" font-size="12">'
       '<title id="t">Objective against CPU time of the two searches</title>'
       '<rect width="%d" height="%d" fill="#fff"/>' % (W, H, W, H)]
for t in ticks(low, high):
    out.append('<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#ddd"/>'
               '<text x="%.1f" y="%d" text-anchor="middle">%g</text>' % (
                   x(t), x(t), T, H - B, x(t), H - B + 16, t))
for f in ticks(bottom, top):
    out.append('<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#ddd"/>'
               '<text x="%d" y="%.1f" text-anchor="end">%g</text>' % (
                   L, W - R, y(f), y(f), L - 6, y(f) + 4, f))
out.append('<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#555" stroke-dasharray="2 4"/>'
           '<text x="%d" y="%.1f" text-anchor="end" fill="#555">the truth\'s own distance'
           '</text>' % (L, W - R, y(floor), y(floor), W - R, y(floor) - 5))
for points, colour, name, dash in ((faithful, "#b04a00", "faithful", "6 4"),
                                   (fast, "#1f5a99", "fast", "none")):
    out.append('<polyline fill="none" stroke="%s" stroke-width="2" stroke-dasharray="%s" '
               'points="%s"/>' % (colour, dash, " ".join(
                   "%.1f,%.1f" % (x(t), y(f)) for t, f in points)))
    t, f = points[0]
    out.append('<text x="%.1f" y="%.1f" fill="%s">%s</text>' % (x(t) + 6, y(f) - 6, colour, name))
out.append('<text x="%d" y="%d" text-anchor="middle">CPU seconds, start of the program '
           'included</text><text x="14" y="%d" transform="rotate(-90 14 %d)" '
           'text-anchor="middle">squared distance from the noisy answers</text></svg>' % (
               (L + W - R) / 2, H - 10, (H - B) / 2, (H - B) / 2))
open(sys.argv[3], "w").write("\n".join(out) + "\n")
