# the example table, the program that simulates it, its schema, the demo; makers of
# candidates for Private Evolution
EXTRA_DIST += examples/people.csv.gz examples/people.schema.json \
	examples/national2019.schema.json \
	examples/queries.json \
	examples/bootstrap.awk examples/criteria.json examples/simulate.py examples/demo.sh \
	examples/pe-demo.sh examples/pe-embed.py examples/pe-process.py examples/pe-steps.py
