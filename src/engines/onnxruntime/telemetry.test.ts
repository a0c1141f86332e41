import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Builder } from '../../graph/builder.js';
import { encodeOnnx } from '../../targets/onnx/encode-onnx.js';
import { graphToOnnx } from '../../targets/onnx/to-onnx.js';
import { loadRuntime } from './runtime.js';

const variable = 'ORT_DISABLE_TELEMETRY';
const before = process.env[variable];
afterEach(() => {
  if (before === undefined) delete process.env[variable];
  else process.env[variable] = before;
});

it('onnxruntime is told not to report, unless the user says otherwise', async () => {
  delete process.env[variable];
  await loadRuntime();
  expect(process.env[variable]).toBe('1');
  process.env[variable] = '0';
  await loadRuntime();
  expect(process.env[variable]).toBe('0');
});

it('which leaves the home folder as it was', () => {
  const home = mkdtempSync(join(tmpdir(), 'rnnc-home-'));
  try {
    const g = new Builder();
    const a = g.input('a', [2, 2]);
    writeFileSync(join(home, 'model.onnx'), encodeOnnx(graphToOnnx(g.finish({ y: g.matmul(a, a) }))));
    const script = `const ort = await import('onnxruntime-node');
      await ort.InferenceSession.create('${join(home, 'model.onnx')}');`;
    // A process of its own, since the variable is read once; an empty environment, since it reports nothing from CI.
    const env = { PATH: process.env['PATH'], HOME: home, [variable]: '1' };
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { env });
    expect(readdirSync(home)).toEqual(['model.onnx']);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
