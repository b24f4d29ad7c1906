# privet-gen from the outside
dist_check_SCRIPTS += tests/test-privet-gen.sh tests/test-release-secrets.sh
TESTS += tests/test-privet-gen.sh tests/test-release-secrets.sh
EXTRA_DIST += tests/test-release-secrets.py
