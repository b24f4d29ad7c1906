#!/bin/sh
# What h5py and pandas make of the files. Needs Debian's python3-h5py,
# python3-pandas and python3-tables, or PYTHON naming a Python that has them.
set -u
python=${PYTHON:-/usr/bin/python3}
if ! "$python" -c 'import h5py, pandas, tables' 2>/dev/null; then
    echo "SKIPPED: $python has not h5py, pandas and tables" >&2
    exit 77
fi
tool=$top_builddir/privet-table
dir=$(mktemp -d "${TMPDIR:-/tmp}/privet-python.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 99' HUP INT TERM
cat >"$dir/s.json" <<'EOF'
{"fields": [
 {"name": "age", "type": "integer",
  "constraints": {"required": true, "minimum": 0, "maximum": 99}},
 {"name": "job", "type": "string", "categories": ["Bäcker", "x/y", "none"]},
 {"name": "kids", "type": "integer",
  "constraints": {"minimum": 0, "maximum": 20}},
 {"name": "wage/h", "type": "number",
  "constraints": {"minimum": 0, "maximum": 100}, "privet": {"bins": 4}}]}
EOF
printf 'age,job,kids,wage/h\n30,Bäcker,2,1.5\n7,,,\n64,x/y,0,99.25\n' \
    >"$dir/t.csv"
"$tool" import -q "$dir/t.csv" -s "$dir/s.json" -o "$dir/t.h5" || exit 1
sed 's/wage\/h/wage/' "$dir/s.json" >"$dir/s2.json"
sed 's/wage\/h/wage/' "$dir/t.csv" >"$dir/t2.csv"
"$tool" import -q "$dir/t2.csv" -s "$dir/s2.json" -o "$dir/t2.h5" || exit 1
"$tool" export "$dir/t2.h5" -o "$dir/p.h5" --layout=pytables || exit 1
"$python" - "$dir" <<'EOF'
import json, sys, warnings
import h5py, numpy, pandas
warnings.simplefilter("ignore")
d = sys.argv[1]
with h5py.File(d + "/t.h5", "r") as f:
    t = f["table"]
    assert t.attrs["encoding-type"] == "dataframe"
    assert t.attrs["encoding-version"] == "0.2.0"
    assert t.attrs["_index"] == "_index"
    assert list(t["_index"][:]) == [0, 1, 2]
    assert list(t.attrs["column-order"]) == ["age", "job", "kids", "wage/h"]
    assert list(t["age"][:]) == [30, 7, 64]
    job = t["job"]
    assert job.attrs["encoding-type"] == "categorical"
    assert job.attrs["ordered"] == False
    assert list(job["categories"].asstr()[:]) == ["Bäcker", "x/y", "none"]
    assert job["codes"].dtype == numpy.int8
    assert list(job["codes"][:]) == [0, -1, 1]
    kids = t["kids"]
    assert kids.attrs["encoding-type"] == "nullable-integer"
    assert kids["mask"].dtype == bool
    assert list(kids["mask"][:]) == [False, True, False]
    assert list(kids["values"][:]) == [2, 0, 0]
    wage = t["column-0003"][:]
    assert wage[0] == 1.5 and numpy.isnan(wage[1]) and wage[2] == 99.25
    assert json.loads(f["schema"][()])["fields"][1]["name"] == "job"
p = pandas.read_hdf(d + "/p.h5", "table")
assert list(p.columns) == ["age", "job", "kids", "wage"], p.columns
assert list(p["age"]) == [30, 7, 64]
assert list(p["job"]) == ["Bäcker", "", "x/y"], list(p["job"])
assert p["kids"][0] == 2 and numpy.isnan(p["kids"][1])
assert p["wage"][2] == 99.25
EOF
