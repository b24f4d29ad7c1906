"""Fidelity metrics of a column, a pair of columns or of rows, computed anew with
numpy, scipy, scikit-learn and statsmodels, for metrics-oracle.py."""
import math
import numpy as np, pandas as pd
from scipy import stats
from scipy.spatial.distance import jensenshannon
from scipy.stats.contingency import association
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
import statsmodels.api as sm
from oracle_read import middle


def oneway(p, out):
    jsd, hellinger, coverage = [], [], []
    for c in p.columns:
        a, b = (np.bincount(p.code[t][c.name], minlength=c.levels) for t in range(2))
        f, g = a / p.n[0], b / p.n[1]
        jsd.append(jensenshannon(f, g, 2) ** 2)
        hellinger.append(math.sqrt(max(0, 1 - np.sqrt(f * g).sum())))
        coverage.append(((a > 0) & (b > 0)).sum() / (a > 0).sum())
        out["coverage." + c.name] = coverage[-1]
        out["coverage.domain." + c.name] = (b > 0).sum() / c.levels
        if c.missing:
            out["missing." + c.name] = abs(f[-1] - g[-1])
    out["jsd.1way.mean"], out["jsd.1way.max"] = np.mean(jsd), max(jsd)
    out["hellinger.1way.mean"], out["hellinger.1way.max"] = np.mean(hellinger), max(hellinger)
    out["coverage.mean"] = np.mean(coverage)
    ks = []
    for c in p.numeric:
        x, y = (p.number[t][c.name] for t in range(2))
        x, y = x[~np.isnan(x)], y[~np.isnan(y)]
        sd = np.std(x, ddof=1)
        ks.append(stats.ks_2samp(x, y, mode="asymp").statistic)
        out["ks." + c.name] = ks[-1]
        out["wasserstein." + c.name] = stats.wasserstein_distance(x, y) / sd
        out["mean.diff." + c.name] = (y.mean() - x.mean()) / sd
        low, high = sm.stats.CompareMeans(sm.stats.DescrStatsW(y), sm.stats.DescrStatsW(x)
                                          ).zconfint_diff(usevar="unequal")
        out["mean.diff." + c.name + " low"] = low / sd
        out["mean.diff." + c.name + " high"] = high / sd
        out["qmse." + c.name] = tenths(np.sort(x), y)
        out["sd.diff." + c.name] = (np.std(y, ddof=1) - sd) / sd
        out["median.diff." + c.name] = (np.median(y) - np.median(x)) / sd
        if c.weight:
            out["totals.weight." + c.name] = y.sum() / x.sum()
    if ks:
        out["ks.mean"], out["ks.max"] = np.mean(ks), max(ks)


def tenths(x, y):
    """qMSE by ranks: a number of y that x has counts evenly at the ranks of x's, at
    ten points of each; one that x has not, by the share of x below it."""
    n, share = len(x), np.zeros(10)
    for value, count in zip(*np.unique(y, return_counts=True)):
        low, high = (np.searchsorted(x, value, side) for side in ("left", "right"))
        part = np.arange(10 * low, 10 * high) // n if high > low else [10 * low // n]
        share += count * np.bincount(np.minimum(part, 9), minlength=10) / len(part)
    return ((share / len(y) - 0.1) ** 2).mean()


def associations(p, out):
    kinds = ("pearson", "spearman", "kendall")
    difference = {k: [] for k in kinds}
    frame = [pd.DataFrame(p.number[t]) for t in range(2)]
    for k in kinds:
        a, b = (f.corr(k).to_numpy() for f in frame)
        d = np.abs(a - b)[np.triu_indices(len(p.numeric), 1)]
        difference[k] = d[~np.isnan(d)]
    names = [c.name for c in p.columns]
    v, eta = [], []
    for i, a in enumerate(names):
        for b in names[i + 1:]:
            r = []
            for t in range(2):
                table = pd.crosstab(p.code[t][a], p.code[t][b]).to_numpy()
                r.append(association(table, "cramer", correction=False)
                         if min(table.shape) > 1 else np.nan)
            v.append(abs(r[0] - r[1]))
    for c in p.numeric:
        for l in p.labels:
            r = []
            for t in range(2):
                x, code = p.number[t][c.name], p.code[t][l.name]
                here = ~np.isnan(x)
                fit = sm.OLS(x[here], pd.get_dummies(code[here]).to_numpy(float)).fit()
                whole = ((x[here] - x[here].mean()) ** 2).sum()
                r.append(math.sqrt(max(0, 1 - fit.ssr / whole)) if whole > 0 else np.nan)
            eta.append(abs(r[0] - r[1]))
    difference["cramersv"], difference["eta"] = np.array(v), np.array(eta)
    for k, d in difference.items():
        d = d[~np.isnan(d)]
        if len(d):
            out[k + ".mean_abs_diff"], out[k + ".max_abs_diff"] = d.mean(), d.max()


def mix(x):
    x = x.astype(np.uint64) + np.uint64(0x9e3779b97f4a7c15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xbf58476d1ce4e5b9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94d049bb133111eb)
    return x ^ (x >> np.uint64(31))


def propensity(p, out):
    y = np.repeat([0, 1], p.n)
    parts = []
    for c in p.columns:
        if c.labels:
            code = np.concatenate([p.code[t][c.name] for t in range(2)])
            parts.append(pd.get_dummies(code).to_numpy(float)[:, 1:])
            continue
        x = np.concatenate([p.number[t][c.name] for t in range(2)])
        gone = np.isnan(x)
        z = (x - np.nanmean(x)) / np.nanstd(x)
        parts.append(np.where(gone, 0, z)[:, None])
        if gone.any():
            parts.append(gone[:, None].astype(float))
    x = np.hstack(parts)
    n, share = len(y), y.mean()
    full = np.hstack([np.ones((n, 1)), x])
    rank = np.linalg.matrix_rank(full.T @ full, tol=1e-10 * n)
    fit = LogisticRegression(C=1e10, solver="newton-cholesky", tol=1e-10,
                             max_iter=200).fit(x, y)
    prob = fit.predict_proba(x)[:, 1]
    pmse = ((prob - share) ** 2).mean()
    null = (rank - 1) * (1 - share) ** 2 * share / n
    out["pmse"], out["pmse.null"], out["pmse.ratio"] = pmse, null, pmse / null
    out["pmse.coefficients"] = rank
    out["specks"] = stats.ks_2samp(np.round(prob[y == 0], 9), np.round(prob[y == 1], 9),
                                   mode="asymp").statistic
    off = np.where(np.abs(prob - share) < 1e-9, 0, np.sign(prob - share))
    out["po50"] = 100 * np.mean((1 + np.where(y == 1, off, -off)) / 2) - 50
    out["propensity.u"] = stats.mannwhitneyu(np.round(prob[y == 1], 9),
                                             np.round(prob[y == 0], 9)).statistic
    fold = np.concatenate([mix(np.arange(k)) % np.uint64(5) for k in p.n]).astype(int)
    auc = []
    for k in range(5):
        kept = fold != k
        fit = LogisticRegression(C=1, solver="newton-cholesky", tol=1e-10,
                                 max_iter=200).fit(x[kept], y[kept])
        auc.append(roc_auc_score(y[~kept], np.round(fit.decision_function(x[~kept]), 9)))
    out["propensity.auc"] = np.mean(auc)
    codes = np.column_stack([np.concatenate([p.code[t][c.name] for t in range(2)])
                             for c in p.columns])
    tree = DecisionTreeClassifier(max_depth=6, random_state=0).fit(codes, y)
    out["pmse.tree"] = ((tree.predict_proba(codes)[:, 1] - share) ** 2).mean()


def pca(p, out):
    x = [np.column_stack([p.code[t][c.name] if c.labels else
                          np.where(np.isnan(p.number[t][c.name]),
                                   np.nanmean(p.number[0][c.name]), p.number[t][c.name])
                          for c in p.columns]).astype(float) for t in range(2)]
    varies = x[0].std(0) > 0
    scale = StandardScaler().fit(x[0][:, varies])
    z = [scale.transform(t[:, varies]) for t in x]
    fit = PCA(min(5, varies.sum()), svd_solver="full").fit(z[0])
    score = [fit.transform(t) for t in z]
    ks = [stats.ks_2samp(np.round(score[0][:, k], 9), np.round(score[1][:, k], 9),
                         mode="asymp").statistic for k in range(fit.n_components_)]
    for k, d in enumerate(ks):
        out[f"pca.ks.{k + 1}"] = d
    out["pca.ks.mean"] = np.mean(ks)
    other = score[1].var(0) / z[1].var(0).sum()
    out["pca.variance.max_diff"] = np.abs(fit.explained_variance_ratio_ - other).max()


def matches(p, out):
    for prefix, numbers in (("exact_match", True), ("exact_match.codes", False)):
        rows = [pd.DataFrame({c.name: p.number[t][c.name] if numbers and not c.labels
                              else p.code[t][c.name] for c in p.columns}).fillna(-1e300)
                for t in range(2)]
        kinds = [set(map(tuple, t.to_numpy())) for t in rows]
        unique = rows[0][~rows[0].duplicated(keep=False)]
        found = sum(tuple(r) in kinds[1] for r in unique.to_numpy())
        out[prefix + ".unique"], out[prefix + ".unique.share"] = found, found / len(unique)
        out[prefix + ".rows"] = np.mean([tuple(r) in kinds[0] for r in rows[1].to_numpy()])
        if numbers:
            out["duplicates.real"] = rows[0].duplicated().mean()
            out["duplicates.synthetic"] = rows[1].duplicated().mean()


def neighbours(p, out):
    """Only of tables that are not sampled."""
    if max(p.n) > 2000:
        return
    n, m = p.n
    x = {}
    for i, (s, t) in enumerate(((0, 0), (1, 1), (0, 1))):
        d = np.zeros((p.n[s], p.n[t]), np.int64)
        for c in p.columns:
            if c.labels:
                far = p.code[s][c.name][:, None] != p.code[t][c.name][None, :]
                d += far * 2 ** 20
                continue
            place = []
            for table in (s, t):
                code, gone = p.code[table][c.name], np.isnan(p.number[table][c.name])
                value = middle(p, c, code)
                share = (value - c.low) / (c.high - c.low)
                place.append((np.rint(share * 2 ** 20).astype(np.int64), gone))
            (a, ga), (b, gb) = place
            one = np.minimum(np.abs(a[:, None] - b[None, :]), 2 ** 20)
            one[ga[:, None] != gb[None, :]] = 2 ** 20
            one[ga[:, None] & gb[None, :]] = 0
            d += one
        x[s, t] = d
    radius = [np.sort(x[t, t], 1)[:, 5] for t in range(2)]
    near = x[0, 1] <= radius[0][:, None]
    out["nn.precision"], out["nn.coverage"] = near.any(0).mean(), near.any(1).mean()
    out["nn.density"] = near.sum() / (5 * m)
    out["nn.recall"] = (x[0, 1] <= radius[1][None, :]).any(1).mean()
    typical(x[0, 0], x[0, 1], x[1, 1], out)


def typical(real, apart, other, out):
    """Of rows by their distance from their table's medoid; `apart` is real x other."""
    centre = [d.sum(1).argmin() for d in (real, other)]
    within = [real[centre[0]], other[centre[1]]]
    nearest, closest = apart.min(1), np.sort(real, 1)[:, 1]
    central = np.where(apart == nearest[:, None], within[1][None, :], 2 ** 40).min(1)
    recalled = nearest <= closest
    differ, whole = np.zeros(2), np.zeros(2)
    for k in range(1, 31):
        radius = [np.sort(w)[-(-k * len(w) // 30) - 1] for w in within]
        held = np.array([(w <= r).mean() for w, r in zip(within, radius)])
        got = np.array([(apart[centre[0]] <= radius[0]).mean(),
                        (recalled & (central <= radius[1])).mean()])
        differ, whole = differ + np.abs(held - got), whole + held
    out["alpha.precision"], out["beta.recall"] = 1 - differ / whole
    copies = (apart == apart.min(0)) & (apart <= closest[:, None])
    out["authenticity"] = 1 - copies.any(0).mean()


def subgroups(p, group, out):
    g = next(c for c in p.columns if c.name == group)
    others = [c for c in p.columns if c.name != group]

    def mean_tv(of):
        tv = []
        for c in others:
            a, b = (np.bincount(p.code[t][c.name][of[t]], minlength=c.levels)
                    for t in range(2))
            tv.append(abs(a / a.sum() - b / b.sum()).sum() / 2)
        return np.mean(tv)

    worst = []
    for k, label in enumerate(g.labels):
        of = [p.code[t][group] == k for t in range(2)]
        if of[0].sum() < 30:
            continue
        out["subgroup.share." + label] = of[1].mean() - of[0].mean()
        worst.append(mean_tv(of) if of[1].any() else 1)
        out["subgroup.tv.1way.mean." + label] = worst[-1]
    out["subgroup.worst"] = max(worst)
    out["subgroup.worst.ratio"] = max(worst) / mean_tv([np.ones(n, bool) for n in p.n])
