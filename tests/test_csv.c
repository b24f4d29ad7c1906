#include "tests/io_fixture.h"

Test(csv, placeholder)
{
}
