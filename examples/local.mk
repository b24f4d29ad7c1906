# the example table, the program that simulates it and its schema
EXTRA_DIST += examples/people.csv.gz examples/people.schema.json \
	examples/simulate.py
