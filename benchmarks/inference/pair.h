/*
 * Two things that are timed in turns in one process: rnnc's own product and a peer.
 * `pairs.c` calls these; one file defines the own two, another those of the peer.
 */
#ifndef RNNC_BENCH_PAIR_H
#define RNNC_BENCH_PAIR_H

#ifdef __cplusplus
extern "C" {
#endif

/* 0 when it is ready for rounds. */
int own_prepare(void);
void own_round(void);
/* The values of W as the product reads them, when it is ready. */
const float *own_values(void);

/* The same for a matrix of as many values. */
int peer_prepare(long rows, long columns);
void peer_round(void);

#ifdef __cplusplus
}
#endif

#endif
