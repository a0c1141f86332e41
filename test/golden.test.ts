/**
 * Every example as golden files: syntax tree, explanation, training graph, ONNX and tfjs as text, plan, C and NEON. The
 * graphs are lowered at two unrolled steps and batch 2, so that the files can be read; weights and golden vectors of
 * the C are left out (their hashes are in the manifest).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { untrainedWeights } from '../src/cli/build-folder.js';
import { emitBlockOf, emitModel } from '../src/cli/emit-model.js';
import { type Compiled, compile } from '../src/compile.js';
import type { Diagnostic } from '../src/diagnostics/diagnostic.js';
import { printGraph } from '../src/graph/print.js';
import { lowerInference } from '../src/lower/inference.js';
import { printPlan } from '../src/lower/inference-summary.js';
import { lowerTraining } from '../src/lower/training.js';
import { trainingPasses } from '../src/passes/passes.js';
import { runPasses } from '../src/passes/run-passes.js';
import { explain } from '../src/report/explain.js';
import { dumpAst } from '../src/syntax/dump.js';
import { printProgram } from '../src/syntax/print.js';
import { printOnnx } from '../src/targets/onnx/print-onnx.js';
import { graphToOnnx } from '../src/targets/onnx/to-onnx.js';
import type { OutputFile } from '../src/targets/output-file.js';
import { printTfjs } from '../src/targets/tfjs/print-tfjs.js';
import { graphToTfjs } from '../src/targets/tfjs/to-tfjs.js';
import { expectGolden, orphanedGoldens } from './support/golden.js';

const folder = resolve(import.meta.dirname, '../examples');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.cmp'))
  .map((name) => name.slice(0, -'.cmp'.length));

/** The manifest lists sizes and checksums of all files: those of files that are no golden themselves would be noise. */
const withoutSums = ({ path, contents }: OutputFile): string =>
  path === 'manifest.json'
    ? String(contents).replace(/"bytes": \d+,\n\s+"crc32": "[0-9a-f]{8}"\n\s+\}/g, '"bytes": ...\n    }')
    : String(contents);

function compileExample(name: string): Compiled {
  const found: Diagnostic[] = [];
  const read = (path: string): string => readFileSync(resolve(folder, path.replace('examples/', '')), 'utf8');
  const compiled = compile(`examples/${name}.cmp`, read, (d) => found.push(d));
  expect(found).toEqual([]);
  return compiled!;
}

describe.each(names)('%s', (name) => {
  const compiled = compileExample(name);
  const { model, program } = compiled;

  it('is in standard form', () => {
    expect(printProgram(program)).toBe(readFileSync(join(folder, `${name}.cmp`), 'utf8'));
  });

  it('syntax tree and explanation', () => {
    expectGolden(`${name}/ast.txt`, dumpAst(program));
    expectGolden(`${name}/explain.txt`, explain(model));
  });

  it('training graph, as ONNX and as tfjs', () => {
    const cmr = model.training?.cmr !== undefined;
    const graph = runPasses(lowerTraining(model, { steps: 2, batch: 2, cmr }).graph, trainingPasses);
    expectGolden(`${name}/graph.txt`, printGraph(graph));
    expectGolden(`${name}/onnx.txt`, printOnnx(graphToOnnx(graph)));
    expectGolden(`${name}/tfjs.txt`, printTfjs(graphToTfjs(graph)));
  });

  it('plan', () => {
    expectGolden(`${name}/plan.txt`, printPlan(lowerInference(model)));
  });

  it('C and NEON', { timeout: 120_000 }, () => {
    const loaded = untrainedWeights(model);
    for (const target of ['c', 'neon'] as const) {
      for (const file of emitModel(model, emitBlockOf(model, target), loaded)) {
        if (typeof file.contents !== 'string' || /_(weights|selftest|vocab)\./.test(file.path)) continue;
        expectGolden(`${name}/${target}/${file.path}`, withoutSums(file));
      }
    }
  });
});

it('no golden file is an orphan', () => {
  expect(orphanedGoldens()).toEqual([]);
});
