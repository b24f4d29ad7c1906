#include "tests/io_fixture.h"
