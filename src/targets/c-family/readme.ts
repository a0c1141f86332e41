/** Fills `c/README.md`: what the folder is, in the words and numbers of its program. */
import { isNarrow } from '../../kernels/cores.js';
import { activationBound } from '../../kernels/error-bounds.js';
import { isExactPlan } from '../../lower/exact-steps.js';
import { planSummary } from '../../lower/inference-summary.js';
import { count } from '../../support/units.js';
import type { View } from '../render.js';
import { headerBytes } from './blob.js';
import type { EmitInput } from './emit-input.js';
import { errorCodesOf } from './error-codes.js';
import { functionsOf } from './interface.js';
import type { Tier } from './kernels.js';
import { largestBound } from './manifest.js';
import { type NamedInput, type Program, stateBytes } from './program.js';

interface Folder {
  readonly tier: Tier;
  readonly linked: boolean;
}

/** Prefix of compilers, emulator, and CMake's name of the processor. */
const boards = {
  arm: ['arm-linux-gnueabihf', 'qemu-arm', 'arm'],
  aarch64: ['aarch64-linux-gnu', 'qemu-aarch64', 'aarch64'],
} as const;

export function readmeView(program: Program, { plan, options, golden }: EmitInput, { tier, linked }: Folder): View {
  const { p, P } = program;
  return {
    language: tier === 'neon' ? 'C99 with NEON intrinsics for AArch64 and ARMv7' : 'portable C99',
    sizes: [
      { what: 'weights', bytes: count(plan.weightBytes) },
      { what: `blob (weights and a header of ${headerBytes} bytes)`, bytes: count(headerBytes + plan.weightBytes) },
      { what: 'state and working memory, for each thread or beam', bytes: count(stateBytes(program)) },
    ],
    inBlocks: plan.run !== undefined,
    blockSteps: plan.run?.steps ?? 1,
    multiplyAdds: count(planSummary(plan).multiplyAdds),
    activationBound: activationBound(options.activation).toPrecision(3),
    ...examplesOf(program),
    functions: functionsOf(program)
      .filter(({ exported }) => exported)
      .map(({ doc, signature }) => ({ doc, signature })),
    errors: errorCodesOf(program).map(({ name, value, meaning }) => ({ name: `${P}_E_${name}`, value, meaning })),
    alignment: 64,
    weightFiles: linked ? `\`${p}_weights.c\` and \`${p}_blob.S\`` : `\`${p}_weights.c\``,
    weightsNote: linked
      ? `\`${p}_blob.S\` links \`${p}_weights.bin\` in, and every call checks it as a blob.`
      : `They are arrays in \`${p}_weights.c\`.`,
    ...buildView(options.cpu, tier),
    golden:
      plan.maxSteps === undefined
        ? `${golden.steps.length} golden steps, each from its golden state`
        : `${golden.sequences.length} golden sequences, each as a whole`,
    largestBound: largestBound(golden).toPrecision(3),
    exact: isExactPlan(plan, options.activation),
  };
}

function buildView(cpu: string, tier: Tier): View {
  const [cross, emulator, processor] = boards[isNarrow(cpu) ? 'arm' : 'aarch64'];
  const named = [
    `-DCMAKE_C_COMPILER=${cross}-gcc`,
    `-DCMAKE_CXX_COMPILER=${cross}-g++`,
    `-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=${processor}`,
  ];
  return {
    builds: [
      `make check${tier === 'neon' ? '  # on the board itself' : '  # here'}`,
      `make CROSS_COMPILE=${cross}- LDFLAGS=-static all  # for a board`,
      `make CROSS_COMPILE=${cross}- LDFLAGS=-static RUNNER=${emulator} check  # under emulation`,
    ],
    crossNote: tier === 'neon' ? ', for a board' : '',
    crossFlags: tier === 'neon' ? ` \\\n  ${named.join(' \\\n  ')}` : '',
  };
}

/** Steps that the examples feed. */
const exampleSteps = ({ plan }: Program): number => Math.min(3, plan.maxSteps ?? 3);

/** Declares what an example feeds: the first ids there are, or silence. */
function fed({ id, kind, size, constant }: NamedInput, steps: number): string {
  if (kind === 'features') return `static const float ${id}[${steps} * ${constant}] = {0.0f};`;
  const values = Array.from({ length: steps }, (_, i) => i % size);
  return `const int32_t ${id}[${steps}] = {${values.join(', ')}};`;
}

/** The same small program in C and in C++. */
function examplesOf(program: Program): View {
  const body = exampleBody(program);
  const top = (standard: string): string[] => [`#include <${program.p}.h>`, `#include <${standard}>`, ''];
  return {
    exampleC: [...top('stdio.h'), 'int main(void)', '{', ...body, '}'],
    exampleCpp: [
      ...top('cstdio'),
      'int main()',
      '{',
      ...body.map((line) => line.replace('printf', 'std::printf')),
      '}',
    ],
  };
}

function exampleBody(program: Program): string[] {
  const { p, inputs, outputs, classifier } = program;
  const steps = exampleSteps(program);
  const start = [
    `    ${p}_weights weights;`,
    `    static ${p}_state state;`,
    ...inputs.map((input) => `    ${fed(input, steps)}`),
  ];
  const ready = `    if (${p}_weights_default(&weights) != 0 || ${p}_reset(&state) != 0)`;
  if (classifier === undefined) {
    const values = [...inputs.map(({ id }) => id), steps, ...outputs.map(({ id }) => id)];
    const first = outputs[0]!;
    return [
      ...start,
      ...outputs.map(({ id, constant }) => `    static float ${id}[${constant}];`),
      '',
      ready,
      '        return 1;',
      `    if (${p}_run(${['&weights', '&state', ...values].join(', ')}) != 0)`,
      '        return 1;',
      `    printf("${first.layer}[0] is %g\\n", (double)${first.id}[0]);`,
      '    return 0;',
    ];
  }
  const values = inputs.map(({ id, kind, constant }) => (kind === 'ids' ? `${id}[i]` : `${id} + i * ${constant}`));
  return [
    ...start,
    '    int32_t best = 0;',
    '    float probability = 0.0f;',
    '',
    ready,
    '        return 1;',
    `    for (int i = 0; i < ${steps}; i++)`,
    `        if (${p}_step_top(${['&weights', '&state', ...values, '1', '&best', '&probability'].join(', ')}) != 0)`,
    '            return 1;',
    `    printf("${classifier.layer}: %ld with probability %g\\n", (long)best, (double)probability);`,
    '    return 0;',
  ];
}
