/* A file of queries. */
#include "marginals/queries_internal.h"

pv_status pv_file_limits(pv_queries *q, pv_family *family, pv_error *err)
{
    (void)q;
    return pv_fail(err, PV_EUNSUPPORTED, "\"%s\": files of queries cannot be read yet",
                   family->text);
}

pv_status pv_file_add(pv_queries *q, const pv_family *family, pv_error *err)
{
    (void)q;
    return pv_fail(err, PV_EUNSUPPORTED, "\"%s\": files of queries cannot be read yet",
                   family->text);
}
