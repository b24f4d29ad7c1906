#!/usr/bin/env python3
"""metrics-oracle.py PRIVET-AUDIT DATA: every metric of fidelity and of declared uses
computed anew from the CSV files with numpy, scipy, pandas, scikit-learn and
statsmodels: on Adult against the peers' tables, on Adult with its labels against the
other half of it, on the NIST excerpt against a disturbed resample, whole and in ten
columns, in its own bins and in those of NIST, with and without rules, and on made-up
times. Prints the largest relative difference of each metric (absolute below 1e-3) and
fails beyond the tolerance stated beside it. Left out, having draws of their own: the
yardstick, neighbours of tables of more than 2,000 rows; the tree of tstr.*, for which
scikit-learn has none that orders labels."""
import json, math, os, subprocess, sys, tempfile
sys.dont_write_bytecode = True
import numpy as np
import oracle_cells as cells, oracle_rows as rows, oracle_uses as uses
from oracle_read import Pair, read

tool, data = sys.argv[1:3]
here = os.path.dirname(os.path.abspath(__file__))
# others are exact up to rounding. These are not: a fit with a tiny penalty in the
# place of none; ties between splits, broken otherwise; ranks of scores that
# differ in the last bits
tolerance = {"propensity.auc": 1e-6, "pmse": 1e-6, "pmse.ratio": 1e-6,
             "pmse.tree": 0.02, "specks": 1e-3, "pca.ks": 1e-3,
             "po50": 1e-3, "propensity.u": 1e-6}
# ends of fits by different rules
tolerance |= {"regression.real": 1e-7, "regression.synthetic": 1e-7,
              "regression.overlap": 1e-7, "regression.std_diff": 1e-7,
              "trtr.linear": 1e-6, "tstr.linear": 1e-6}
tolerance |= {"survival.hazard": 1e-7}

families = ("coverage.domain", "subgroup.tv.1way.mean", "subgroup.share",
            "totals.weight", "mean.diff", "sd.diff", "median.diff",
            "kmarginal.group", "zeros.violations.rule", "tv.1way.worst",
            "tv.2way.worst", "tv.3way.worst", "vw.worst", "trtr.linear",
            "tstr.linear", "survival.hazard", "ks", "wasserstein", "qmse", "missing", "coverage", "pca.ks")


def family(name):
    """The metrics of all columns, groups and components are one line."""
    if name.startswith("regression."):
        return "regression." + name.split("[")[0].split(".")[2]
    if name.startswith("tv.1way.") and name not in ("tv.1way.mean", "tv.1way.max") \
            and not name.startswith("tv.1way.worst."):
        return "tv.1way.<column>"
    for prefix in families:
        if name.startswith(prefix + "."):
            return prefix
    return name


def found_by(arguments):
    """The metrics of a run by id; of terms of regressions with the term behind."""
    text = subprocess.check_output([tool, "fidelity", *arguments, "--no-yardstick",
                                    "--json"])
    value = {}
    for m in json.loads(text)["metrics"]:
        if m["status"] != "ok":
            continue
        key, scope = m["id"], m["scope"] or {}
        if key.startswith("regression.") and len(scope.get("columns") or []) == 2:
            key += f"[{scope['columns'][1]}={scope.get('rule')}]"
        value.setdefault(key, m["value"])
        if m["ci"] is not None:
            value[key + " low"], value[key + " high"] = m["ci"]
    return value


def disturb(path, to, columns=None):
    """A resample of a table in which one cell in five is another row's."""
    table, rng = read(path), np.random.default_rng(1)
    table = table.iloc[rng.integers(0, len(table), len(table) - 1000)].reset_index(drop=True)
    for name in table:
        moved = rng.random(len(table)) < 0.2
        table.loc[moved, name] = rng.choice(table[name].to_numpy(), moved.sum())
    table[columns or list(table)].to_csv(to, index=False)
    return to


def damage(path, to):
    """Numbers out of range, labels that the schema lacks."""
    table = read(path)
    table.loc[table.index % 50 == 0, "age"] = "130"
    table.loc[table.index % 70 == 0, "fnlwgt"] = "-1"
    table.loc[table.index % 30 == 0, "occupation"] = "Astronaut"
    table.to_csv(to, index=False)
    return to


def head(path, to, n):
    read(path).head(n).to_csv(to, index=False)
    return to


class Case:
    def __init__(self, title, schema, real, other, *more, group=None):
        self.title, self.group = title, group
        self.pair = Pair(schema, real, other)
        self.found = found_by(["--real", real, "--synthetic", other, "--schema", schema,
                               *(["--group", group] if group else []), *more])
        self.levels = cells.own_levels(self.pair)
        self.expected = {}

    def all(self):
        """Of a table in the schema's own bins."""
        p, out = self.pair, self.expected
        for fn in (rows.oneway, rows.associations, rows.propensity, rows.pca,
                   rows.matches, rows.neighbours, cells.validity):
            fn(p, out)
        self.of_cells(False)
        if self.group:
            rows.subgroups(p, self.group, out)
        return self

    def of_cells(self, nist):
        p, out = self.pair, self.expected
        if nist:
            self.levels = cells.nist_levels(p)
            self.group = "PUMA" if "PUMA" in self.levels else None
        cells.marginals(p, self.levels, out)
        cells.kmarginal(p, self.levels, self.group, nist, out)
        cells.tables(p, self.levels, out)
        return self


def of_tables(work):
    raw, adult = data + "/adult_raw/", data + "/adult/"
    nist, acs = data + "/national2019/data.csv.gz", data + "/national2019/schema.json"
    peers = data + "/peers/"
    yield Case("adult, mst", adult + "schema.json", adult + "data.csv.gz",
               peers + "mst_hdadult_eps1.0.csv.gz").all()
    yield Case("adult, aim", adult + "schema.json", adult + "data.csv.gz",
               peers + "aim_hdadult_3way_eps1_mb5_it100.csv.gz").all()
    yield Case("adult_raw, its test", raw + "schema.json", raw + "train.csv.gz",
               raw + "test.csv.gz", group="race").all()
    yield Case("adult_raw, 1500 rows", raw + "schema.json",
               head(raw + "train.csv.gz", work + "/a.csv", 1500),
               head(raw + "test.csv.gz", work + "/b.csv", 1200), group="race").all()
    made = disturb(nist, work + "/nist.csv")
    yield Case("national2019, disturbed", acs, nist, made, group="PUMA").all()
    yield Case("national2019, NIST bins", acs, nist, made,
               "--binning", "nist").of_cells(True)
    ten = ["PUMA", "AGEP", "SEX", "MSP", "INDP", "DENSITY", "PINCP", "EDU", "POVPIP",
           "PWGTP"]
    yield Case("national2019, ten columns", acs, nist,
               disturb(nist, work + "/ten.csv", ten), "--binning", "nist").of_cells(True)
    yield Case("national2019, without PUMA", acs, nist,
               disturb(nist, work + "/nine.csv", ten[1:]), "--binning",
               "nist").of_cells(True)
    rules = work + "/rules.json"
    subprocess.check_call([sys.executable, here + "/acs-rules.py", acs, nist, rules])
    case = Case("national2019, rules", rules, nist, made)
    cells.validity(case.pair, case.expected)
    yield case
    case = Case("adult_raw, damaged", raw + "schema.json", raw + "train.csv.gz",
                damage(raw + "test.csv.gz", work + "/damaged.csv"))
    rows.oneway(case.pair, case.expected)
    cells.validity(case.pair, case.expected)
    yield case


def of_uses(work):
    raw = data + "/adult_raw/"
    schema, train, test = (raw + x for x in ("schema.json", "train.csv.gz",
                                             "test.csv.gz"))
    made = disturb(train, work + "/train.csv")
    held_out = Pair(schema, train, test)
    models = [("hours-per-week", ["age", "education-num", "sex", "workclass"]),
              ("income>50K", ["age", "education-num", "sex", "race"])]
    for target in ("income>50K", "hours-per-week", "relationship"):
        case = Case("adult_raw, " + target, schema, train, made, "--holdout", test,
                    "--target", target,
                    *(x for y, a in models for x in ("--model", y + " ~ " + " + ".join(a))))
        uses.transfer(case.pair, held_out, target, case.expected)
        uses.regressions(case.pair, models, case.expected)
        yield case
    case = Case("made-up times", *uses.make_survival(work), "--survival",
                "days,state=dead")
    uses.survival(case.pair, "days", "state", "dead", case.expected)
    yield case


def compare(case, most):
    """The largest difference of each family so far, where and of which metric."""
    for name, expected in case.expected.items():
        at = (-1,) if name in case.found else (math.inf,)
        if name in case.found:
            d = abs(case.found[name] - expected) / max(abs(expected), 1e-3)
            at = (d if d >= 0 else math.inf,)
        else:
            print(f"FAILED: {case.title}: no {name}, which is {expected}")
        if at[0] > most.get(family(name), (-1,))[0]:
            most[family(name)] = at + (case.title, name)


def main():
    most, failed = {}, 0
    with tempfile.TemporaryDirectory() as work:
        for cases in (of_tables, of_uses):
            for case in cases(work):
                compare(case, most)
    print("| metric | largest difference | of | allowed |\n|---|---|---|---|")
    for name, (d, title, full) in sorted(most.items()):
        allowed = tolerance.get(name, 1e-9)
        failed += not d <= allowed
        of = title if full == name else f"{title}: {full}"
        print(f"| `{name}` | {d:.1e} | {of} | {allowed:g} |"
              + ("" if d <= allowed else " **FAILED**"))
    print("not compared: yardstick.* and neighbours of samples (draws of their own), "
          "trtr.tree and tstr.tree (no such tree elsewhere)", file=sys.stderr)
    print(f"{len(most)} metrics compared, {failed} failed", file=sys.stderr)
    return failed > 0


sys.exit(main())
