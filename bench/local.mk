# bench
include bench/count.mk
