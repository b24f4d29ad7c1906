"""Fidelity metrics of counts in cells, computed anew from their definitions with
numpy, pandas and scikit-learn, for metrics-oracle.py: distances of marginals, the
k-marginal score with the bins of NIST, two-way tables, rules of the schema."""
import itertools, json, math
import numpy as np, pandas as pd
from scipy import stats
from sklearn.metrics import mutual_info_score

density = [0.0, 150.0, 309.6717789087707, 475.62462591268087, 730.5114646602062,
           1121.9919468551047, 1723.2664916398876, 2646.763561478884,
           4065.1619377255915, 6243.678816062893, 9589.661065252256,
           14728.752399919864, 22621.87847745776, 34744.92421039348,
           53364.69999999997]


def nist_levels(p):
    """Both tables' columns in the bins of SDNist 2.3, from the texts of the CSV."""
    out = {}
    for c in p.columns:
        texts = [p.text[t][c.name] for t in range(2)]
        if c.name == "DENSITY":
            levels = [pd.cut(np.trunc(x.astype(float)).clip(density[0], density[-1]),
                             density, include_lowest=True).astype(str) for x in texts]
        elif c.name in ("AGEP", "POVPIP", "PINCP", "PWGTP", "WGTP"):
            number = [np.trunc(x[x != "N"].astype(float)) for x in texts]
            bins = np.minimum(np.floor(20 * number[0].rank(pct=True)), 19)
            top = number[0].groupby(bins).max()  # by bin, rising

            def bin_of(x):
                reaches = top.index[top >= x]
                return reaches[0] if len(reaches) else top.index[-1]
            levels = [texts[0].copy(), texts[1].copy()]
            levels[0][bins.index] = bins.astype(str)
            of = {x: str(bin_of(x)) for x in number[1].unique()}
            levels[1][number[1].index] = number[1].map(of)
        else:
            levels = texts
        both = pd.factorize(pd.concat(levels), sort=True)[0]
        out[c.name] = [both[:p.n[0]], both[p.n[0]:]]
    return out


def own_levels(p):
    return {c.name: [p.code[t][c.name] for t in range(2)] for c in p.columns}


def counts(levels, names, rows):
    """Of the combinations that occur, how often in either table."""
    key = [np.zeros(rows[t], np.int64) for t in range(2)]
    for name in names:
        width = 1 + max(x.max() for x in levels[name])
        key = [key[t] * width + levels[name][t] for t in range(2)]
    kind, place = np.unique(np.concatenate(key), return_inverse=True)
    a = np.bincount(place[:rows[0]], minlength=len(kind))
    b = np.bincount(place[rows[0]:], minlength=len(kind))
    return a, b, kind


def marginals(p, levels, out):
    for k in (1, 2, 3):
        tv, l1 = [], []
        for names in itertools.combinations(levels, k):
            a, b, _ = counts(levels, names, p.n)
            tv.append(np.abs(a / p.n[0] - b / p.n[1]).sum() / 2)
            l1.append(np.abs(a - b).sum() / p.n[0])
            if k == 1:
                out["tv.1way." + names[0]] = tv[-1]
        out[f"tv.{k}way.mean"], out[f"tv.{k}way.max"] = np.mean(tv), max(tv)
        for i, x in enumerate(sorted(tv, reverse=True)[:10]):
            out[f"tv.{k}way.worst.{i + 1}"] = x
        if k == 2:
            out["tv.2way.p95"] = np.percentile(tv, 95)
        out[f"error.{k}way.l1"] = np.mean(l1)


def kmarginal(p, levels, group, nist, out):
    """Section by section of what NIST prints, without the cut to whole numbers."""
    def score(features):
        return (2 - np.mean([total[q] for q in
                             itertools.combinations(features, 2)])) * 500

    features = [c for c in levels if c != group]
    whole = [c for c in features if not (nist and c == "INDP")]
    total, missed, share = {}, {}, {}
    if group:
        real = levels[group][0]
        share = {g: (real == g).mean() for g in np.unique(real)}
        missed = {g: [] for g in share}
        label = {g: p.text[0][group][real == g].iloc[0] for g in share}
    for pair in itertools.combinations(features, 2):
        names = pair + ((group,) if group else ())
        a, b, kind = counts(levels, names, p.n)
        part = np.abs(a / p.n[0] - b / p.n[1])
        total[pair] = part.sum()
        if group and pair[0] in whole and pair[1] in whole:
            of = kind % (1 + max(x.max() for x in levels[group]))
            for g in share:
                missed[g].append(min(part[of == g].sum(), share[g]) / share[g])
    out["kmarginal.score"] = score(whole)
    if len(whole) < len(features):
        out["kmarginal.score.with_indp"] = score(features)
    for g in share:
        out["kmarginal.group." + label[g]] = (1 - np.mean(missed[g])) * 1000


def tables(p, levels, out):
    n1, n2 = p.n
    c = n2 / (n1 + n2)
    ratio = {"vw": [], "ft": [], "g2": []}
    furthest, apart = 0, []
    for pair in itertools.combinations(levels, 2):
        t, s, _ = counts(levels, pair, p.n)
        expected = t * c / (1 - c)
        part = (s - expected) ** 2 / ((s + t) * c)
        furthest = max(furthest, math.sqrt(part.max()))
        freedom = len(t) - 1
        ratio["vw"].append(part.sum() / freedom if freedom else 0)
        # 4 sum (root s - root e)^2, the sums of both being n2
        ratio["ft"].append(8 * (n2 - np.sqrt(s * expected).sum()) / freedom
                           if freedom else 0)
        s, t = s[(s > 0) & (t > 0)], t[(s > 0) & (t > 0)]
        if len(s) > 1:
            g2 = stats.power_divergence(s, t * s.sum() / t.sum(), lambda_=0)
            ratio["g2"].append(g2[0] / (len(s) - 1))
        information = [mutual_info_score(levels[pair[0]][k], levels[pair[1]][k])
                       for k in range(2)]
        apart.append(abs(information[1] - information[0]))
    for kind in ratio:
        out[kind + ".ratio.mean"] = np.mean(ratio[kind])
        out[kind + ".ratio.max"] = max(ratio[kind])
    for i, x in enumerate(sorted(ratio["vw"], reverse=True)[:10]):
        out[f"vw.worst.{i + 1}"] = x
    out["vw.z.max"] = furthest
    out["information.mean_abs_diff"] = np.mean(apart)
    out["information.max_abs_diff"] = max(apart)


def holds(p, t, name, condition):
    """Which rows of a table meet a condition on a column."""
    text = p.text[t][name]
    gone = text.isin(p.schema.get("missingValues", [""]))
    if isinstance(condition, list):
        named = [str(x) for x in condition]
        missing = set(named) & set(p.schema.get("missingValues", [""]))
        return text.isin(named) & ~gone | (gone if missing else False)
    x = pd.to_numeric(text, errors="coerce")
    low, high = condition.get("minimum", -math.inf), condition.get("maximum", math.inf)
    return (x >= low) & (x <= high) & ~gone


def validity(p, out):
    out["rows.ratio"] = p.n[1] / p.n[0]
    present = {c.name: c for c in p.columns}
    privet = p.schema.get("privet", {})
    rules = [(r["when"], column, condition) for r in privet.get("zeros", [])
             for column, condition in r["never"].items()
             if {*r["when"], column} <= set(present)]
    functions = [f for f in privet.get("functions", [])
                 if {f["of"], f["gives"]} <= set(present)]
    for t, suffix in ((1, ""), (0, ".real")):
        broken = np.zeros(p.n[t], bool)
        for i, (when, column, condition) in enumerate(rules):
            rows = holds(p, t, column, condition).to_numpy()
            for name, other in when.items():
                rows = rows & holds(p, t, name, other).to_numpy()
            broken |= rows
            if t == 1:
                out[f"zeros.violations.rule.{i + 1}"] = rows.sum()
        out["zeros.violations" + suffix] = broken.sum()
        broken = np.zeros(p.n[t], bool)
        for f in functions:
            gives = present[f["gives"]]
            of, got = p.text[t][f["of"]], p.text[t][f["gives"]]
            wanted = of.map({str(k): v for k, v in f["map"].items()})
            if not gives.labels:  # a number is right in the right bin
                edges = p.edges[gives.name][1:-1]
                wanted = np.searchsorted(edges, wanted.astype(float), "right")
                wanted = np.where(of.isin(gives.missing_values), -1, wanted)
                has = np.searchsorted(edges, pd.to_numeric(got, errors="coerce"), "right")
                has = np.where(got.isin(gives.missing_values), -1, has)
                broken |= wanted != has
            else:
                wanted = wanted.where(~of.isin(gives.missing_values), of)
                broken |= (wanted.astype(str) != got).to_numpy()
        out["functions.violations" + suffix] = broken.sum()
    clamped = missing = 0
    for c in p.columns:
        text = p.text[1][c.name]
        text = text[~text.isin(c.missing_values)]
        if c.labels:
            missing += (~text.isin(c.labels)).sum()
            continue
        x = pd.to_numeric(text, errors="coerce")
        missing += x.isna().sum()
        clamped += ((x < c.low) | (x > c.high)).sum()
    out["domain.clamped"], out["domain.to_missing"] = clamped, missing
    out["domain.to_other"], out["domain.violations"] = 0, clamped + missing
