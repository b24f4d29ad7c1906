/* What the tests of private evolution share: a schema with every kind of column, and
 * frequencies against the shares that they should have. */
#ifndef PV_TESTS_PE_FIXTURE_H
#define PV_TESTS_PE_FIXTURE_H

#include "core/stream.h"
#include "core/threads.h"
#include "io_fixture.h"

#include <math.h>

/* Column 0 is the class of most tests. */
#define PE_FIELDS \
    "{\"fields\":[" \
    "{\"name\":\"class\",\"type\":\"string\",\"categories\":[\"x\",\"y\"]," \
    "\"constraints\":{\"required\":true}}," \
    "{\"name\":\"hue\",\"type\":\"string\",\"categories\":[\"red\",\"blue\"]}," \
    "{\"name\":\"age\",\"type\":\"integer\",\"constraints\":{\"required\":true," \
    "\"minimum\":0,\"maximum\":5},\"privet\":{\"bins\":[0,2,5]}}," \
    "{\"name\":\"kin\",\"type\":\"integer\",\"constraints\":" \
    "{\"minimum\":1,\"maximum\":4}}," \
    "{\"name\":\"pay\",\"type\":\"number\",\"constraints\":" \
    "{\"minimum\":-1,\"maximum\":1},\"privet\":{\"bins\":4}}," \
    "{\"name\":\"day\",\"type\":\"integer\",\"constraints\":" \
    "{\"required\":true,\"minimum\":-20,\"maximum\":39}}"
enum { pe_class, pe_hue, pe_age, pe_kin, pe_pay, pe_day, pe_columns };

static const char pe_schema[] = PE_FIELDS "]}";

static pv_error err;

static inline pv_key key_of(unsigned number)
{
    pv_key key = {{0}};
    key.bytes[0] = (unsigned char)number;
    key.bytes[1] = (unsigned char)(number >> 8);
    return key;
}

/* Counts against shares, which add up to 1: the sum of squares over expected ones lies
 * within five standard deviations of what chance gives. Where a share is 0, so is the
 * count. */
static inline void check_frequencies(const double *count, const double *share,
                                     size_t cells, const char *what)
{
    double all = 0, sum = 0, shares = 0, freedom = -1;
    for (size_t i = 0; i < cells; i++) {
        all += count[i];
        shares += share[i];
    }
    cr_assert_float_eq(shares, 1, 1e-9, "%s: shares of %.17g", what, shares);
    for (size_t i = 0; i < cells; i++) {
        if (share[i] <= 0) {
            cr_assert_eq(count[i], 0, "%s: %g in cell %zu", what, count[i], i);
            continue;
        }
        const double off = count[i] - all * share[i];
        sum += off * off / (all * share[i]);
        freedom++;
    }
    cr_assert(sum < freedom + 5 * sqrt(2 * freedom) + 5,
              "%s: chi-square %.1f of %g", what, sum, freedom);
}

#endif
