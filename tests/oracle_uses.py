"""Metrics of declared uses computed anew with statsmodels and scikit-learn, for
metrics-oracle.py: regressions, train on synthetic and test on real, survival."""
import json, math
import numpy as np, pandas as pd
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import r2_score, roc_auc_score
import statsmodels.api as sm


def regressions(p, models, out):
    column = {c.name: c for c in p.columns}
    for number, (response, names) in enumerate(models, 1):
        fits = [fit_one(p, t, column, response, names) for t in range(2)]
        overlap, standard = [], []
        prefix = f"regression.{number}."
        for term in fits[0]:
            if term not in fits[1]:
                continue
            (b, e), (d, f) = fits[0][term], fits[1][term]
            low, high = (b - 1.959963984540054 * e, d - 1.959963984540054 * f), \
                        (b + 1.959963984540054 * e, d + 1.959963984540054 * f)
            common = min(high) - max(low)
            overlap.append(common / 2 * (1 / (high[0] - low[0]) + 1 / (high[1] - low[1])))
            standard.append((d - b) / e)
            out[prefix + "real" + term], out[prefix + "synthetic" + term] = b, d
            out[prefix + "overlap" + term] = overlap[-1]
            out[prefix + "std_diff" + term] = standard[-1]
        out[prefix + "overlap.mean"], out[prefix + "overlap.min"] = \
            np.mean(overlap), min(overlap)
        out[prefix + "covered.share"] = (np.abs(standard) <= 1.959963984540054).mean()


def fit_one(p, t, column, response, names):
    """Terms and their (coefficient, standard error), rows with all values alone."""
    terms, parts, kept = [""], [np.ones(p.n[t])], np.ones(p.n[t], bool)
    for name in names:
        c = column[name]
        if c.labels:
            code = p.code[t][name]
            kept &= code < len(c.labels)
            for i, label in list(enumerate(c.labels))[1:]:
                terms.append(f"[{name}={label}]")
                parts.append((code == i).astype(float))
        else:
            terms.append(f"[{name}=None]")
            parts.append(p.number[t][name])
            kept &= ~np.isnan(parts[-1])
    c = column[response]
    y = p.code[t][response].astype(float) if c.labels else p.number[t][response]
    kept &= y < len(c.labels) if c.labels else ~np.isnan(y)
    x, y = np.column_stack(parts)[kept], y[kept]
    some = (x != 0).any(0)
    model = sm.Logit(y, x[:, some]) if c.labels else sm.OLS(y, x[:, some])
    fit = model.fit(method="newton", tol=1e-13, disp=0) if c.labels else model.fit()
    kept_terms = [term for term, s in zip(terms, some) if s]
    return dict(zip(kept_terms, zip(fit.params, fit.bse)))


def transfer(p, test, target, out):
    """`test` is a Pair whose other table is the holdout."""
    c = next(c for c in p.columns if c.name == target)
    scores = [score_one(p, t, test, c) for t in range(2)]
    out["trtr.linear.score"], out["tstr.linear.score"] = scores
    out["tstr.linear.gap"] = scores[0] - scores[1]


def design(p, t, names, scale):
    parts = []
    for c in names:
        code = p.code[t][c.name]
        if c.labels:
            parts += [(code == i).astype(float) for i in range(1, c.levels)]
            continue
        mean, sd = scale[c.name]
        x = p.number[t][c.name]
        parts.append(np.where(np.isnan(x), 0, (x - mean) / sd))
        if c.missing:
            parts.append(np.isnan(x).astype(float))
    return np.column_stack(parts)


def score_one(p, t, test, target):
    names = [c for c in p.columns if c is not target]
    scale = {c.name: (np.nanmean(p.number[t][c.name]), np.nanstd(p.number[t][c.name]))
             for c in names if not c.labels}
    x, z = design(p, t, names, scale), design(test, 1, names, scale)
    if not target.labels:
        y, truth = p.number[t][target.name], test.number[1][target.name]
        kept, tested = ~np.isnan(y), ~np.isnan(truth)
        fit = Ridge(alpha=1, solver="cholesky").fit(x[kept], y[kept])
        return r2_score(truth[tested], fit.predict(z[tested]))
    y, truth = p.code[t][target.name], test.code[1][target.name]
    area = []
    for k in range(target.levels == 2, target.levels):
        if not 0 < (truth == k).sum() < len(truth):
            continue
        fit = LogisticRegression(C=1, solver="newton-cholesky", tol=1e-10,
                                 max_iter=200).fit(x, y == k)
        area.append(roc_auc_score(truth == k, np.round(fit.decision_function(z), 9)))
    return np.mean(area)


def make_survival(work):
    """Two tables of made-up times: exponential, in whole days, censored by chance and
    at 1000; a few are unknown. Returns schema, real and synthetic."""
    rng, paths = np.random.default_rng(7), []
    for name, rows, mean in (("real", 3000, 400), ("other", 2400, 520)):
        time = np.ceil(rng.exponential(mean, rows))
        until = np.minimum(np.ceil(rng.exponential(1500, rows)), 1000)
        text = np.minimum(time, until).astype(int).astype(str)
        text[rng.random(rows) < 0.02] = ""
        state = np.where(time <= until, "dead", "alive")
        paths.append(f"{work}/survival-{name}.csv")
        pd.DataFrame({"days": text, "state": state}).to_csv(paths[-1], index=False)
    fields = [{"name": "days", "type": "integer",
               "constraints": {"minimum": 0, "maximum": 1000}},
              {"name": "state", "type": "string", "categories": ["alive", "dead"],
               "constraints": {"required": True}}]
    with open(work + "/survival.json", "w") as f:
        json.dump({"fields": fields}, f)
    return work + "/survival.json", *paths


def survival(p, time, event, label, out):
    t, d = [], []
    code = next(c for c in p.columns if c.name == event).labels.index(label)
    for k in range(2):
        x = p.number[k][time]
        here = ~np.isnan(x)
        t.append(x[here])
        d.append((p.code[k][event][here] == code).astype(int))
    curve = [sm.SurvfuncRight(t[k], d[k]) for k in range(2)]
    longest = [x.max() for x in t]
    tau = min(longest)
    grid = np.unique(np.concatenate([[0, tau], *[c.surv_times for c in curve]]))
    grid = grid[grid <= tau]

    def at(c):
        place = np.searchsorted(c.surv_times, grid, "right")
        return np.concatenate([[1], c.surv_prob])[place]

    step, (s, r) = np.diff(grid), (at(curve[1]), at(curve[0]))
    out["survival.area"] = (np.abs(s - r)[:-1] * step).sum() / tau
    out["survival.optimism"] = ((s - r)[:-1] * step).sum() / tau
    out["survival.max"] = np.abs(s - r).max()
    out["survival.rmst.diff"] = ((s - r)[:-1] * step).sum()
    out["survival.median.diff"] = curve[1].quantile(0.5) - curve[0].quantile(0.5)
    both, of = np.concatenate(t), np.repeat([0, 1], [len(x) for x in t])
    dead = np.concatenate(d)
    chi2, chance = sm.duration.survdiff(both, dead, of)
    out["survival.logrank.chi2"], out["survival.logrank.p"] = chi2, chance
    out["survival.horizon.ratio"] = longest[1] / longest[0]
    fit = sm.PHReg(both, of[:, None].astype(float), status=dead, ties="breslow").fit()
    low, high = fit.conf_int()[0]
    out["survival.hazard.ratio"] = math.exp(fit.params[0])
    out["survival.hazard.ratio low"] = math.exp(low)
    out["survival.hazard.ratio high"] = math.exp(high)
