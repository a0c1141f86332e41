/*
 * onnxruntime as a peer: one call of a model of one LSTM layer, with the state given and returned, on one thread,
 * counted between the marks. All tensors are made before, so that the call alone is counted. What it gives is compared
 * with the layer's equations in double. Link with libonnxruntime.so.1 of the npm package onnxruntime-node.
 * Usage: onnxruntime MODEL WEIGHTS INPUTS UNITS STEPS ROUNDS. WEIGHTS holds W, R and the biases as the model has them:
 * (4 UNITS, INPUTS), (4 UNITS, UNITS) and (8 UNITS), gates i, o, f, c. Prints the best time in ns and the largest error.
 */
#include "marks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is used of the C interface, whose functions lie in a table that only ever grows at its end */
typedef void *status;
typedef void *handle;
typedef void any_function(void);
struct interface_base {
    any_function *const *(*table)(uint32_t version);
    const char *(*version)(void);
};
const struct interface_base *OrtGetApiBase(void);
enum { GET_ERROR_MESSAGE = 2, CREATE_ENVIRONMENT = 3, CREATE_SESSION = 7, RUN = 9, CREATE_OPTIONS = 10 };
enum { SET_INNER_THREADS = 24, CREATE_TENSOR_WITH_DATA = 49, CREATE_CPU_MEMORY_INFO = 69 };
enum { INTERFACE_VERSION = 11, WARNINGS = 2, DEVICE_ALLOCATOR = 0, DEFAULT_MEMORY = 0, FLOATS = 1 };

typedef const char *error_message_function(status);
typedef status create_environment_function(int level, const char *name, handle *out);
typedef status create_session_function(handle environment, const char *path, handle options, handle *out);
typedef status run_function(handle session, handle options, const char *const *input_names, const handle *inputs,
                            size_t input_count, const char *const *output_names, size_t output_count, handle *outputs);
typedef status create_options_function(handle *out);
typedef status set_threads_function(handle options, int threads);
typedef status create_tensor_function(handle memory, void *data, size_t bytes, const int64_t *shape, size_t axes,
                                      int type, handle *out);
typedef status create_memory_info_function(int allocator, int memory, handle *out);

static any_function *const *table;

static void succeed(status problem)
{
    if (problem == NULL)
        return;
    fprintf(stderr, "onnxruntime: %s\n", ((error_message_function *)table[GET_ERROR_MESSAGE])(problem));
    exit(1);
}

static handle open_session(const char *path)
{
    handle environment, options, session;

    succeed(((create_environment_function *)table[CREATE_ENVIRONMENT])(WARNINGS, "peer", &environment));
    succeed(((create_options_function *)table[CREATE_OPTIONS])(&options));
    succeed(((set_threads_function *)table[SET_INNER_THREADS])(options, 1));
    succeed(((create_session_function *)table[CREATE_SESSION])(environment, path, options, &session));
    return session;
}

static handle memory;

static handle tensor(float *data, int64_t steps, int64_t directions, int64_t width)
{
    /* Y has an axis of directions before that of the batch. */
    const int64_t four[] = {steps, directions, 1, width}, three[] = {steps, 1, width};
    const size_t bytes = (size_t)(steps * width) * sizeof(float);
    handle value;

    succeed(((create_tensor_function *)table[CREATE_TENSOR_WITH_DATA])(memory, data, bytes, directions > 0 ? four : three,
                                                                       directions > 0 ? 4 : 3, FLOATS, &value));
    return value;
}

static float *floats(long count)
{
    float *const values = calloc((size_t)count, sizeof(float));

    if (values == NULL)
        exit(2);
    return values;
}

/* ---- the equations: h and c become those after one step from x */
static double sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }

static void step_in_double(const float *weights, const float *x, double *h, double *c, const long size[2])
{
    const long inputs = size[0], units = size[1];
    const float *const w = weights, *const r = w + 4 * units * inputs, *const bias = r + 4 * units * units;
    double *const sums = malloc((size_t)(4 * units) * sizeof(double));
    long row, k;

    for (row = 0; row < 4 * units; row++) {
        double sum = (double)bias[row] + bias[4 * units + row];
        for (k = 0; k < inputs; k++)
            sum += (double)w[row * inputs + k] * x[k];
        for (k = 0; k < units; k++)
            sum += (double)r[row * units + k] * h[k];
        sums[row] = sum;
    }
    for (k = 0; k < units; k++) {
        c[k] = sigmoid(sums[2 * units + k]) * c[k] + sigmoid(sums[k]) * tanh(sums[3 * units + k]);
        h[k] = sigmoid(sums[units + k]) * tanh(c[k]);
    }
    free(sums);
}

int main(int argc, char **argv)
{
    static const char *const input_names[] = {"x", "h", "c"}, *const output_names[] = {"y", "next_h", "next_c"};
    const long inputs = argc == 7 ? atol(argv[3]) : 0, units = argc == 7 ? atol(argv[4]) : 0;
    const long steps = argc == 7 ? atol(argv[5]) : 0, rounds = argc == 7 ? atol(argv[6]) : 0;
    const long size[] = {inputs, units}, count = 4 * units * (inputs + units + 2);
    float *x, *y, *weights;
    double best, error = 0, *h, *c;
    handle session, given[3], returned[3];
    FILE *file;
    long i, step;

    if (inputs < 1 || units < 1 || steps < 1 || rounds < 1)
        return 2;
    table = OrtGetApiBase()->table(INTERFACE_VERSION);
    if (table == NULL)
        return 2;
    x = floats(steps * inputs);
    y = floats(steps * units);
    for (i = 0; i < steps * inputs; i++)
        x[i] = drawn();
    session = open_session(argv[1]);
    succeed(((create_memory_info_function *)table[CREATE_CPU_MEMORY_INFO])(DEVICE_ALLOCATOR, DEFAULT_MEMORY, &memory));
    given[0] = tensor(x, steps, 0, inputs);
    given[1] = tensor(floats(units), 1, 0, units);
    given[2] = tensor(floats(units), 1, 0, units);
    returned[0] = tensor(y, steps, 1, units);
    returned[1] = tensor(floats(units), 1, 0, units);
    returned[2] = tensor(floats(units), 1, 0, units);
    BEST_OF(best, rounds,
            succeed(((run_function *)table[RUN])(session, NULL, input_names, given, 3, output_names, 3, returned)));

    weights = floats(count);
    h = calloc((size_t)units, sizeof *h);
    c = calloc((size_t)units, sizeof *c);
    file = fopen(argv[2], "rb");
    if (h == NULL || c == NULL || file == NULL || fread(weights, 4, (size_t)count, file) != (size_t)count)
        return 2;
    for (step = 0; step < steps; step++) {
        step_in_double(weights, x + step * inputs, h, c, size);
        for (i = 0; i < units; i++)
            error = fmax(error, fabs(h[i] - y[step * units + i]));
    }
    printf("%.0f %g %s\n", best, error, OrtGetApiBase()->version());
    return error < 1e-4 ? 0 : 1;
}
