"""acs-rules.py SCHEMA DATA.csv.gz OUT.json [plain]: the schema of the NIST ACS
excerpt with what its data dictionary says cannot be, and with two functions
(the industry gives its category, the area its density), whose maps are looked
up in the table, which is public. With `plain` the rules are left out, for
comparison; with `rules` the functions."""
import csv, gzip, json, sys

schema = json.load(open(sys.argv[1]))
mode = sys.argv[4] if len(sys.argv) > 4 else ""
rows = list(csv.DictReader(gzip.open(sys.argv[2], "rt")))


def labels(name):
    field = next(f for f in schema["fields"] if f["name"] == name)
    return field["categories"]


def number(name):
    """All numbers of a column: anything but missing."""
    return {"minimum": -1e9, "maximum": 1e9}


under = lambda age: {"AGEP": {"maximum": age - 1}}
from_age = lambda age: {"AGEP": {"minimum": age}}
quarters = {"HOUSING_TYPE": ["2", "3"]}
zeros = [
    # "N/A (age less than 15 years)", and of nobody else
    {"when": under(15), "never": {"MSP": labels("MSP")}},
    {"when": from_age(15), "never": {"MSP": ["N"]}},
    {"when": under(15), "never": {"PINCP": number("PINCP"),
                                  "PINCP_DECILE": labels("PINCP_DECILE")}},
    {"when": from_age(15), "never": {"PINCP": ["N"], "PINCP_DECILE": ["N"]}},
    # "less than 16 years old"
    {"when": under(16), "never": {"INDP": labels("INDP"),
                                  "INDP_CAT": labels("INDP_CAT")}},
    # "less than 3 years old", and of nobody else
    {"when": under(3), "never": {"EDU": labels("EDU")}},
    {"when": from_age(3), "never": {"EDU": ["N"]}},
    # "Less than 5 years old", and of nobody else
    {"when": under(5), "never": {"DREM": labels("DREM"),
                                 "DPHY": labels("DPHY")}},
    {"when": from_age(5), "never": {"DREM": ["N"], "DPHY": ["N"]}},
    # nobody has served in the military before 17
    {"when": under(17), "never": {"DVET": labels("DVET")}},
    # a doctorate or a professional degree takes longer than school
    {"when": under(15), "never": {"EDU": ["9", "10", "11", "12"]}},
    # group quarters are neither owned nor rented, and have no families
    {"when": quarters, "never": {"OWN_RENT": ["1", "2"], "NOC": labels("NOC"),
                                 "NPF": labels("NPF")}},
    {"when": {"HOUSING_TYPE": ["1"]}, "never": {"OWN_RENT": ["0"]}},
]
functions = []
for of, gives in (("INDP", "INDP_CAT"), ("PUMA", "DENSITY")):
    seen = {r[of]: r[gives] for r in rows if r[of] != "N"}
    # a code that nobody in the table has: as its neighbour in the list
    last = next(iter(seen.values()))
    for label in labels(of):
        last = seen.setdefault(label, last)
    if gives == "DENSITY":
        seen = {k: float(v) for k, v in seen.items()}
    functions.append({"of": of, "gives": gives, "map": seen})
privet = schema.setdefault("privet", {})
if mode != "plain":
    privet["zeros"] = zeros
    if mode != "rules":
        privet["functions"] = functions
json.dump(schema, open(sys.argv[3], "w"), indent=1)
