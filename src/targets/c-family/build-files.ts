/** Makefile, CMakeLists.txt, template of the pkg-config file, and README.md of the emitted folder. */
import { isExactPlan } from '../../lower/exact-steps.js';
import type { OutputFile } from '../output-file.js';
import { render, type View } from '../render.js';
import type { EmitInput } from './emit-input.js';
import type { Tier } from './kernels.js';
import { processorFlags } from './processors.js';
import type { Program } from './program.js';
import { readmeView } from './readme.js';

export interface Build {
  readonly tier: Tier;
  /** The weights are linked in as a file. */
  readonly linked: boolean;
  /** Words and labels. */
  readonly tables: readonly OutputFile[];
  readonly common: View;
}

/** The four files. */
export function buildFiles(program: Program, input: EmitInput, build: Build): readonly OutputFile[] {
  const { p } = program;
  const ofTables = (ending: string): string[] =>
    build.tables.map(({ path }) => path).filter((path) => path.endsWith(ending));
  const weights = [`${p}_weights.c`, ...(build.linked ? [`${p}_blob.S`] : [])];
  const library = [`${p}.c`, ...ofTables('.c')];
  const sources = [...library, ...weights];
  const objectsOf = (files: readonly string[]): string =>
    files.map((source) => source.replace(/\.[cS]$/, '.o')).join(' ');
  const view = {
    ...build.common,
    blob: build.linked,
    neon: build.tier === 'neon',
    flags: processorFlags(input.options.cpu, isExactPlan(program.plan, input.options.activation)).join(' '),
    sources: sources.join(' '),
    librarySources: library.join(' '),
    weightSources: weights.join(' '),
    objects: objectsOf(sources),
    weightObjects: objectsOf(weights).replaceAll(' ', ' and '),
    headers: [`${p}.h`, ...ofTables('.h')].join(' '),
    shared: [`${p}_weights.bin`, 'manifest.json', 'README.md', ...ofTables('.txt')].join(' '),
  };
  return [
    { path: 'Makefile', contents: render('c/Makefile', view) },
    { path: 'CMakeLists.txt', contents: render('c/CMakeLists.txt', view) },
    { path: `${p}.pc.in`, contents: render('c/pc.in', view) },
    { path: 'README.md', contents: render('c/README.md', { ...view, ...readmeView(program, input, build) }) },
  ];
}
