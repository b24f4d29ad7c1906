#!/bin/sh
# Two exhibits of the museum: `make check-long` has them all.
PV_MUSEUM='*[fy] hal[fv]*'
export PV_MUSEUM
exec sh "$top_srcdir/tests/museum.sh"
