/* core/api.h - what every public header needs: visibility and attributes.
 *
 * Symbols are hidden unless declared PV_API. PV_CHECKED makes ignoring a
 * returned status a compiler warning. */
#ifndef PV_CORE_API_H
#define PV_CORE_API_H

#if defined(__GNUC__)
#define PV_API __attribute__((visibility("default")))
#define PV_CHECKED __attribute__((warn_unused_result))
#define PV_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define PV_API
#define PV_CHECKED
#define PV_PRINTF(fmt, args)
#endif

/* Compiles a function for wider vector units too, the widest present being
 * chosen at run time. Only for code whose result does not depend on it: sums in
 * fixed lanes, no contraction (-ffp-contract=off). Needs <config.h>. */
#ifdef PV_HAVE_TARGET_CLONES
#define PV_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define PV_WIDE
#endif

#endif
