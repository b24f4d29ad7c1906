# mechanisms in-process and from outside, and the coin-flip game
pv_tests += tests/test_mechanism
tests_test_mechanism_SOURCES = tests/test_mechanism.c tests/dp_fixture.h
tests_test_mechanism_LDADD = $(pv_test_libs)
pv_tests += tests/test_game
tests_test_game_SOURCES = tests/test_game.c tests/dp_fixture.h
tests_test_game_LDADD = $(pv_test_libs)
pv_tests += tests/test_game_dir
tests_test_game_dir_SOURCES = tests/test_game_dir.c tests/dp_fixture.h
tests_test_game_dir_LDADD = $(pv_test_libs)
dist_check_SCRIPTS += tests/test-game.sh
TESTS += tests/test-game.sh
