dist_doc_DATA = README.md SECURITY.md NEWS COPYING doc/attacks.md doc/decisions.md \
	doc/epsilon.md doc/files.md doc/game.md doc/gsd.md doc/gsd-trace.svg doc/inference.md doc/methods.md \
	doc/metrics.md doc/museum.md doc/pe-sources.md doc/pe.md doc/primitives.md doc/privacy.md doc/queries.md \
	doc/report.md doc/report.schema.json doc/tutorial.md
