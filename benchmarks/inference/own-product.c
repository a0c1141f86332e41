/* The own side of a pair: the product of an emitted folder, which is on the include path. */
#include "ours.c"

#include "pair.h"

static ours_weights weights;
static ours_state state;
static float in[OURS_X_SIZE];

int own_prepare(void)
{
    int i;

    for (i = 0; i < OURS_X_SIZE; i++)
        in[i] = (float)((i * 37) % 101) / 101.0f - 0.5f;
    return ours_weights_default(&weights) != 0 || ours_reset(&state) != 0;
}

const float *own_values(void)
{
    return weights.rnn_W;
}

/* Called from inside, so that a round is the product alone and x copied to where it is read. */
void own_round(void)
{
    advance(&weights, &state, in);
}
