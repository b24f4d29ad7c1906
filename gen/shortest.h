/* gen/shortest.h - the shortest decimal number in an interval. Internal. */
#ifndef PV_GEN_SHORTEST_H
#define PV_GEN_SHORTEST_H

/* The number of the fewest significant decimal digits in [low, high), finite,
 * low < high; the nearest to the middle among equals. */
double pv_shortest_between(double low, double high);

#endif
