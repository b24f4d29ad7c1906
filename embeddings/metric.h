/* embeddings/metric.h - how vectors are compared. */
#ifndef PV_EMBEDDINGS_METRIC_H
#define PV_EMBEDDINGS_METRIC_H

typedef enum pv_vector_metric {
    PV_VECTOR_L2,
    PV_VECTOR_COSINE,
    PV_VECTOR_IP
} pv_vector_metric;

#endif
