#include "gen/shortest.h"

#include <stdio.h>
#include <stdlib.h>

double pv_shortest_between(double low, double high)
{
    const double middle = low / 2 + high / 2;
    for (int digits = 1; digits < 17; digits++) {
        char text[64];
        /* the same locale writes and reads */
        (void)snprintf(text, sizeof text, "%.*e", digits - 1, middle);
        const double v = strtod(text, NULL);
        if (v >= low && v < high)
            return v;
    }
    return low;
}
