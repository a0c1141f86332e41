/**
 * A C main that runs one step with every weight, the state, inputs and outputs between pages that may not be touched:
 * once at the beginning of their pages, once at the end. What is read or written outside of them ends the program.
 */
import type { Program } from '../../src/targets/c-family/program.js';

const head = (p: string): string => `#define _DEFAULT_SOURCE
#include "${p}.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void *guarded(const void *from, size_t bytes, int at_end)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (bytes + page - 1) / page * page;
    char *pages = mmap(NULL, room + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *start = pages + page + (at_end ? room - bytes : 0);

    if (from != NULL)
        memcpy(start, from, bytes);
    mprotect(pages, page, PROT_NONE);
    mprotect(pages + page + room, page, PROT_NONE);
    return start;
}
`;

/** Steps of the run: more than a block, and no whole number of blocks. */
const steps = 10;

/** For a program that works step by step; prints the bits of its outputs, which must be the same both times. */
export function guardedMain({ p, inputs, outputs, regions }: Program): string {
  const stored = regions.filter(({ elements }) => elements > 0);
  const weights = stored.map(
    ({ id, elements }) => `    w.${id} = guarded(w.${id}, sizeof *w.${id} * ${elements}, at_end);`,
  );
  const given = inputs.flatMap(({ id, kind, size }) =>
    kind === 'ids'
      ? [`    const int32_t ${id} = ${size - 1};`, `    int32_t *many_${id} = guarded(NULL, 4 * ${steps}, at_end);`]
      : [
          `    float *${id} = guarded(NULL, 4 * ${size}, at_end);`,
          `    float *many_${id} = guarded(NULL, 4 * ${steps * size}, at_end);`,
        ],
  );
  const filled = inputs.flatMap(({ id, kind, size }) =>
    kind === 'ids'
      ? [`    for (i = 0; i < ${steps}; i++)`, `        many_${id}[i] = (int32_t)((${size} - 1 + 7 * i) % ${size});`]
      : [
          `    for (i = 0; i < ${steps * size}; i++)`,
          `        many_${id}[i] = (float)((i * 37) % 101) / 101.0f - 0.5f;`,
          `    memcpy(${id}, many_${id}, 4 * ${size});`,
        ],
  );
  const results = outputs.flatMap(({ id, size }) => [
    `    float *${id} = guarded(NULL, 4 * ${size}, at_end);`,
    `    float *many_${id} = guarded(NULL, 4 * ${steps * size}, at_end);`,
  ]);
  const hashed = (name: string, count: number): string[] => [
    `    for (i = 0; i < ${count}; i++) {`,
    '        uint32_t bits;',
    `        memcpy(&bits, ${name} + i, 4);`,
    '        hash = (hash ^ bits) * 0x01000193u;',
    '    }',
  ];
  const names = (before: string, all: readonly { readonly id: string }[]) => all.map(({ id }) => before + id);
  const values = [...names('', inputs), ...names('', outputs)].join(', ');
  const many = [...names('many_', inputs), steps, ...names('many_', outputs)].join(', ');
  return [
    head(p),
    'static uint32_t run(int at_end)\n{',
    `    ${p}_weights w;`,
    `    ${p}_state *state = guarded(NULL, sizeof *state, at_end);`,
    ...given,
    ...results,
    '    uint32_t hash = 0x811c9dc5u;',
    '    size_t i;',
    `    if (${p}_weights_default(&w) != 0 || ${p}_reset(state) != 0)`,
    '        return 0;',
    ...weights,
    ...filled,
    `    if (${p}_step(&w, state, ${values}) != 0)`,
    '        return 0;',
    ...outputs.flatMap(({ id, size }) => hashed(id, size)),
    `    if (${p}_reset(state) != 0 || ${p}_run_all(&w, state, ${many}) != 0)`,
    '        return 0;',
    '    /* The first step of the run is the step alone. */',
    ...outputs.flatMap(({ id, size }) => [`    if (memcmp(${id}, many_${id}, 4 * ${size}) != 0)`, '        return 0;']),
    ...outputs.flatMap(({ id, size }) => hashed(`many_${id}`, steps * size)),
    '    return hash;\n}\n',
    'int main(void)\n{',
    '    const uint32_t first = run(0), second = run(1);',
    '    printf("%08lx\\n", (unsigned long)first);',
    '    return first == second && first != 0 ? 0 : 1;\n}',
    '',
  ].join('\n');
}
