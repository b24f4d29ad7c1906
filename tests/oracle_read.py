"""Two CSV files and a schema as codes and numbers, for metrics-oracle.py."""
import gzip, json, math
import numpy as np, pandas as pd


class Column:
    def __init__(self, field, missing_values):
        limits, privet = field.get("constraints", {}), field.get("privet", {})
        self.name, self.missing = field["name"], not limits.get("required", False)
        self.labels = field.get("categories") or limits.get("enum")
        self.missing_values = set(missing_values)
        self.integer = field["type"] == "integer"
        self.weight = privet.get("role") == "weight"
        if self.labels:
            self.labels = [str(x) for x in self.labels]
            self.levels = len(self.labels) + self.missing
            return
        self.low, self.high = limits["minimum"], limits["maximum"]
        self.binned = privet.get("bins") is not None
        if not self.binned:
            self.levels = self.high - self.low + 1 + self.missing

    def numbers(self, text):
        x = np.array([np.nan if t in self.missing_values else float(t) for t in text])
        return np.clip(x, self.low, self.high)


def read(path):
    with gzip.open(path, "rt") if str(path).endswith(".gz") else open(path) as f:
        return pd.read_csv(f, dtype=str, keep_default_na=False)


class Pair:
    """Two tables as codes and numbers."""

    def __init__(self, schema, real, other):
        self.schema = json.load(open(schema))
        values = self.schema.get("missingValues", [""])
        tables = [read(real), read(other)]
        # what the other table lacks is left out
        self.columns = [Column(f, values) for f in self.schema["fields"]
                        if f.get("privet", {}).get("role") != "id"
                        and f["name"] in tables[1]]
        self.edges, self.text = edges_of(schema), tables
        self.n = [len(t) for t in tables]
        self.number, self.code = [{}, {}], [{}, {}]
        for t in range(2):
            for c in self.columns:
                text = tables[t][c.name].tolist()
                if c.labels:
                    place = {label: i for i, label in enumerate(c.labels)}
                    code = np.array([place.get(x, len(c.labels)) for x in text])
                else:
                    x = c.numbers(text)
                    self.number[t][c.name] = x
                    if c.binned:
                        edges = self.edges[c.name]
                        c.levels = len(edges) - 1 + c.missing
                        code = np.clip(np.searchsorted(edges, x, "right") - 1, 0,
                                       len(edges) - 2)
                        code = np.where(x >= edges[-1], len(edges) - 2, code)
                    else:
                        code = np.where(np.isnan(x), 0, x - c.low)
                    code = np.where(np.isnan(x), c.levels - 1, code).astype(int)
                self.code[t][c.name] = code
        self.numeric = [c for c in self.columns if not c.labels]
        self.labels = [c for c in self.columns if c.labels]


def edges_of(schema):
    """Equal width as the schema says: `bins` intervals, of whole numbers rounded
    up."""
    out = {}
    for f in json.load(open(schema))["fields"]:
        bins = f.get("privet", {}).get("bins")
        if bins is None:
            continue
        low, high = f["constraints"]["minimum"], f["constraints"]["maximum"]
        if isinstance(bins, list):
            edges = [float(x) for x in bins]
        else:
            edges = [low + (high - low) * i / bins for i in range(bins + 1)]
        if f["type"] == "integer":
            if not isinstance(bins, list):
                edges = [low + (high + 1 - low) * i / bins for i in range(bins + 1)]
            edges = sorted(set(math.ceil(e) for e in edges[:-1])) + [high]
        out[f["name"]] = np.array(edges, float)
    return out


def middle(p, c, code):
    if not c.binned:
        return c.low + code
    edges = p.edges[c.name]
    at = np.minimum(code, len(edges) - 2)
    low, high = edges[at], edges[at + 1]
    if c.integer:
        last = at == len(edges) - 2
        return np.floor((low + high - np.where(last, 0, 1)) / 2)
    return (low + high) / 2
