/** Makefile, CMakeLists.txt and README.md of the emitted folder. */
import { activationBound } from '../../kernels/error-bounds.js';
import { planSummary } from '../../lower/inference-summary.js';
import { count } from '../../support/units.js';
import type { OutputFile } from '../output-file.js';
import { render, type View } from '../render.js';
import { headerBytes } from './blob.js';
import type { EmitInput } from './emit-input.js';
import { functionsOf } from './interface.js';
import type { Tier } from './kernels.js';
import { largestBound } from './manifest.js';
import { isThirtyTwoBit, processorFlags } from './processors.js';
import { type Program, stateBytes } from './program.js';

export interface Build {
  readonly tier: Tier;
  /** The weights are linked in as a file. */
  readonly linked: boolean;
  /** Words and labels. */
  readonly tables: readonly OutputFile[];
  readonly common: View;
}

/** The three files. */
export function buildFiles(program: Program, input: EmitInput, build: Build): readonly OutputFile[] {
  const { p } = program;
  const sources = [
    `${p}.c`,
    `${p}_weights.c`,
    ...(build.linked ? [`${p}_blob.S`] : []),
    ...build.tables.map(({ path }) => path).filter((path) => path.endsWith('.c')),
  ];
  const flags = processorFlags(input.options.cpu);
  const view = {
    ...build.common,
    blob: build.linked,
    flags: flags.join(' '),
    cmakeFlags: flags.join(' '),
    sources: sources.join(' '),
    objects: sources.map((source) => source.replace(/\.[cS]$/, '.o')).join(' '),
  };
  return [
    { path: 'Makefile', contents: render('c/Makefile', view) },
    { path: 'CMakeLists.txt', contents: render('c/CMakeLists.txt', view) },
    { path: 'README.md', contents: render('c/README.md', { ...view, ...readmeView(program, input, build) }) },
  ];
}

function readmeView(program: Program, { plan, options, golden }: EmitInput, { tier, linked }: Build): View {
  const { p, P } = program;
  const [cross, emulator] = isThirtyTwoBit(options.cpu)
    ? ['arm-linux-gnueabihf', 'qemu-arm']
    : ['aarch64-linux-gnu', 'qemu-aarch64'];
  const here = tier === 'neon' ? '  # on the board itself' : '  # here';
  return {
    language: tier === 'neon' ? 'C99 with NEON intrinsics for AArch64 and ARMv7' : 'portable C99',
    sizes: [
      { what: 'weights', bytes: count(plan.weightBytes) },
      { what: `blob (weights and a header of ${headerBytes} bytes)`, bytes: count(headerBytes + plan.weightBytes) },
      { what: 'state and working memory, for each thread or beam', bytes: count(stateBytes(program)) },
    ],
    multiplyAdds: count(planSummary(plan).multiplyAdds),
    activationBound: activationBound(options.activation).toPrecision(3),
    example: exampleOf(program),
    functions: functionsOf(program)
      .filter(({ exported }) => exported)
      .map(({ doc, signature }) => ({ doc, signature })),
    weightsNote: linked
      ? `\`${p}_blob.S\` links \`${p}_weights.bin\` in; to read or map that file yourself, leave ` +
        `\`${p}_blob.S\` and \`${p}_weights.c\` out and call ` +
        `\`${p}_weights_from_blob\` on memory aligned to \`${P}_ALIGNMENT\` bytes.`
      : `The weights are arrays in \`${p}_weights.c\`.`,
    builds: [
      `make check${here}`,
      `make CC=${cross}-gcc AR=${cross}-ar LDFLAGS=-static all  # for a board`,
      `make CC=${cross}-gcc AR=${cross}-ar LDFLAGS=-static RUNNER=${emulator} check  # under emulation`,
    ],
    golden:
      plan.maxSteps === undefined
        ? `${golden.steps.length} golden steps, each from its golden state`
        : `${golden.sequences.length} golden sequences, each as a whole`,
    largestBound: largestBound(golden).toPrecision(3),
  };
}

function exampleOf({ p, inputs, outputs, steps }: Program): readonly string[] {
  const values = inputs.map(({ id }) => id);
  const results = outputs.map(({ id }) => id);
  const rest = steps ? [...values, ...results] : [...values, 'count', ...results];
  return [
    `${p}_weights weights;`,
    `static ${p}_state state;`,
    ...outputs.map(({ id, constant }) => `float ${id}[${constant}];`),
    '',
    `${p}_weights_default(&weights);`,
    `${p}_reset(&state);`,
    `${p}_${steps ? 'step' : 'run'}(${['&weights', '&state', ...rest].join(', ')});`,
  ];
}
