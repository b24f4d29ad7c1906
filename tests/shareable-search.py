#!/usr/bin/env python3
"""shareable-search.py REAL SCHEMA DIR: looks in DIR/report.html and DIR/report.json
for what a shareable report must not have of the real table: labels that fewer than
15 rows have, the least and greatest number of a column where they are not the
declared ends, and exact counts of levels, of pairs of levels and of rows. Prints
what it looked for and found; fails when it found something."""
import csv, gzip, html, itertools, json, re, sys

real, schema, directory = sys.argv[1:]
fields = json.load(open(schema))
missing = set(fields.get("missingValues", [""]))
with (gzip.open(real, "rt") if real.endswith(".gz") else open(real)) as f:
    rows = list(csv.DictReader(f, skipinitialspace=True))
columns, counts, pairs, extremes, rare = {}, {len(rows)}, set(), set(), set()
for field in fields["fields"]:
    name, limits = field["name"], field.get("constraints", {})
    if field.get("privet", {}).get("role") == "id":
        continue
    values = [r[name].strip() for r in rows]
    if field.get("categories") or limits.get("enum"):
        columns[name] = values
        tally = {}
        for v in values:
            tally[v] = tally.get(v, 0) + 1
        counts.update(tally.values())
        rare.update(v for v, n in tally.items() if n < 15 and v not in missing)
    else:
        numbers = [float(v) for v in values if v not in missing]
        extremes.update(x for x in (min(numbers), max(numbers))
                        if x not in (limits.get("minimum"), limits.get("maximum")))
for a, b in itertools.combinations(columns, 2):
    tally = {}
    for pair in zip(columns[a], columns[b]):
        tally[pair] = tally.get(pair, 0) + 1
    pairs.update(tally.values())


def rounded(n):
    """Whether the rounding rule could have given this number."""
    for below, step in ((100, 10), (1000, 50), (10000, 100), (100000, 500), (10**6, 1000)):
        if n < below:
            return n % step == 0
    return n == float("%.4g" % n)


# small numbers are everywhere, of sections, questions, axes: what is found of them
# is found by chance
counts = {n for n in counts | pairs if n >= 1000 and not rounded(n)}
extremes = {x for x in extremes if abs(x) >= 1000 or x != int(x)}
twin = open(directory + "/report.json").read()
page = html.unescape(re.sub(r"<[^>]*>", " ", re.sub(
    r"<style.*?</style>", " ", open(directory + "/report.html").read(), flags=re.S)))
found = []
for name, text in (("report.html", page), ("report.json", twin)):
    text = re.sub(r"\b[0-9a-f]{64}\b", " ", text)
    numbers = {float(t.replace(",", "")) for t in
               re.findall(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?![\w.]|,\d)", text)}
    for n in sorted(counts & numbers):
        found.append("%s: the count %d: %s" % (
            name, n, " ".join(re.findall(r".{0,40}\b%d\b.{0,20}" % n, text)[:1])))
    for x in sorted(extremes & numbers):
        found.append("%s: the extreme %g" % (name, x))
    for label in sorted(rare):
        if re.search(r"(?<!\w)%s(?!\w)" % re.escape(label), text):
            found.append("%s: the rare label %s" % (name, label))
for line in found[:20]:
    print("FOUND " + line)
print("looked for %d counts, %d extremes, %d rare labels: %d found" % (
    len(counts), len(extremes), len(rare), len(found)))
sys.exit(1 if found else 0)
