#include "curator_fixture.h"
