#!/usr/bin/env python3
"""Simulates the example table, examples/people.csv.gz.

Invented people of an invented country: no real person, survey or register is
behind them. Columns depend on each other as in a population survey, with
missing answers and combinations that cannot exist, so that the table exercises
what people.schema.json declares. Needs Python 3 alone; the same seed gives the
same bytes.

    python3 simulate.py [ROWS [SEED]] > people.csv
"""

import csv
import math
import random
import sys

REGIONS = [("Ardmoor", 14), ("Belvale", 11), ("Corran", 4), ("Dunlea", 9),
           ("Eastmark", 16), ("Fenwick", 6), ("Glasport", 12), ("Harrow", 5),
           ("Inverlay", 8), ("Jutholm", 3), ("Kestrel Bay", 7), ("Lorne", 5)]
URBAN = {"Ardmoor", "Eastmark", "Glasport", "Belvale"}
EDUCATION = ["none yet", "primary", "lower secondary", "upper secondary",
             "vocational", "bachelor", "master or higher"]
# occupation: typical education, median yearly income, weight, share of women
OCCUPATIONS = [("manager", 5, 68000, 7, .38), ("engineer", 5, 61000, 7, .22),
               ("health professional", 5, 57000, 5, .66),
               ("teacher", 5, 46000, 6, .71), ("software", 5, 63000, 5, .24),
               ("nurse or carer", 4, 36000, 8, .85),
               ("technician", 4, 43000, 7, .28), ("clerk", 3, 34000, 10, .68),
               ("sales", 3, 29000, 10, .58), ("hospitality", 2, 23000, 7, .57),
               ("farming", 2, 25000, 3, .30), ("construction", 4, 36000, 7, .07),
               ("driver", 2, 31000, 6, .08), ("factory", 3, 32000, 8, .31),
               ("cleaning", 1, 21000, 5, .74)]


def pick(rng, pairs):
    """One of the (value, weight) pairs."""
    return rng.choices([v for v, _ in pairs], [w for _, w in pairs])[0]


def draw_age(rng):
    while True:
        u = rng.random()
        age = int(rng.triangular(0, 18, 10)) if u < .13 else \
            int(rng.gauss(72, 11)) if u < .29 else \
            int(rng.triangular(0, 96, 38))
        if 0 <= age <= 95:
            return age


def draw_education(rng, age, region):
    if age < 6:
        return 0
    if age < 12:
        return rng.choices([0, 1], [1, 4])[0]
    if age < 16:
        return rng.choices([1, 2], [2, 1])[0]
    if age < 20:
        return rng.choices([1, 2, 3, 4], [1, 8, 9, 2])[0]
    cohort = max(0, min(1, (age - 25) / 60))  # the old went to school less
    boost = 1.6 if region in URBAN else 1
    weights = [0, 2 + 14 * cohort, 8 + 10 * cohort, 22, 24,
               (24 - 16 * cohort) * boost, (15 - 11 * cohort) * boost]
    if age < 24:
        weights[6] = 0
    return rng.choices(range(7), weights)[0]


def draw_employment(rng, age, sex, education):
    if age < 15:
        return "child"
    if age < 25 and rng.random() < .75 - .07 * (age - 15):
        return "student"
    if age >= 67:
        return "employed" if rng.random() < .06 else "retired"
    if age >= 60 and rng.random() < .12 * (age - 59) / 2:
        return "retired"
    out = .16 if sex == "female" else .07
    looking = .10 - .012 * education
    return pick(rng, [("employed", .74), ("self-employed", .10),
                      ("unemployed", max(.02, looking)), ("at home", out)])


def draw_occupation(rng, sex, education):
    weights = []
    for _, level, _, weight, women in OCCUPATIONS:
        fit = math.exp(-.8 * abs(level - education))
        weights.append(weight * fit * (women if sex == "female" else 1 - women))
    return rng.choices(OCCUPATIONS, weights)[0]


def draw_marital(rng, age):
    if age < 18:
        return "never married"
    wed = 1 / (1 + math.exp(-(age - 31) / 5))
    if rng.random() > .82 * wed:
        return "never married"
    if rng.random() < 1 / (1 + math.exp(-(age - 80) / 6)):
        return "widowed"
    return "divorced" if rng.random() < .006 * min(age - 18, 35) else "married"


def draw_income(rng, age, sex, education, employment, occupation, hours):
    if employment in ("employed", "self-employed"):
        median = occupation[2] * (hours / 38) ** .9
        median *= 1 + .012 * (min(age, 55) - 38) + .05 * (education - 3)
        median *= .91 if sex == "female" else 1
        spread = .75 if employment == "self-employed" else .36
        income = median * math.exp(rng.gauss(0, spread))
        if rng.random() < .012:  # the heavy tail
            income *= rng.paretovariate(1.4)
        return min(int(income), 2000000)
    if employment == "retired":
        return int(15500 * math.exp(rng.gauss(.09 * education, .38)))
    if employment == "unemployed":
        return 0 if rng.random() < .25 else int(rng.gauss(12500, 2600) // 1)
    if employment == "student":
        return 0 if rng.random() < .55 else int(rng.expovariate(1 / 5200))
    return 0 if rng.random() < .8 else int(rng.expovariate(1 / 7000))


def draw_size(rng, age, marital):
    if age < 18:
        return rng.choices([2, 3, 4, 5, 6, 7], [6, 24, 41, 19, 7, 3])[0]
    if marital == "married":
        weights = [1, 70, 12, 10, 4, 2, 1] if age > 60 \
            else [1, 27, 26, 31, 11, 3, 1]
    else:
        weights = [55, 22, 11, 7, 3, 1, 1] if age > 27 \
            else [22, 24, 22, 20, 8, 3, 1]
    return rng.choices(range(1, 8), weights)[0]


def draw_tenure(rng, age, region, income):
    own = .30 + .006 * min(age, 70) + (.12 if income > 50000 else 0)
    own -= .16 if region in URBAN else 0
    if rng.random() < own:
        return "owner" if age > 58 or rng.random() < .4 else "mortgage"
    return pick(rng, [("private rent", .62), ("social rent", .32),
                      ("rent free", .06)])


def draw_health(rng, age, education, employment):
    bad = .03 + .00006 * age * age - .012 * education
    bad += .10 if employment in ("unemployed", "at home") else 0
    bad = max(.01, min(.6, bad))
    return pick(rng, [("good", 1 - bad), ("limited", bad * .7),
                      ("severely limited", bad * .3)])


def person(rng):
    region = pick(rng, REGIONS)
    sex = pick(rng, [("female", .505), ("male", .495)])
    age = draw_age(rng)
    education = draw_education(rng, age, region)
    employment = draw_employment(rng, age, sex, education)
    works = employment in ("employed", "self-employed")
    occupation = draw_occupation(rng, sex, education) if works else None
    hours = 0
    if works:
        part = .45 if sex == "female" else .14
        mean = 22 if rng.random() < part else 40
        mean += 6 if employment == "self-employed" else 0
        hours = max(2, min(80, round(rng.gauss(mean, 5))))
    income = 0 if age < 15 else draw_income(rng, age, sex, education,
                                            employment, occupation, hours)
    income = max(0, income)
    marital = draw_marital(rng, age)
    row = {"region": region, "sex": sex, "age": age,
           "education": EDUCATION[education], "employment": employment,
           "occupation": occupation[0] if works else "",
           "hours": hours if works else "", "income": income,
           "marital": marital, "household_size": draw_size(rng, age, marital),
           "tenure": draw_tenure(rng, age, region, income),
           "health": draw_health(rng, age, education, employment)}
    # people do not answer everything
    if age >= 15 and rng.random() < .04 + .03 * (income > 60000):
        row["income"] = ""
    if works and rng.random() < .02:
        row["hours"] = ""
    if rng.random() < .025:
        row["health"] = ""
    if age >= 20 and rng.random() < .015:
        row["education"] = ""
    return row


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 20261122)
    out = None
    for _ in range(rows):
        row = person(rng)
        if out is None:
            out = csv.DictWriter(sys.stdout, list(row), lineterminator="\n")
            out.writeheader()
        out.writerow(row)


main()
