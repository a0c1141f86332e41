import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startNative } from './runtime.js';
import { tfjsWebgl, tfjsWebgpu } from './tfjs.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'rnnc-tfjs-node-'));
});
afterEach(() => rmSync(home, { recursive: true }));

it('says what to install where there is no tfjs-node', async () => {
  await expect(startNative(home)).rejects.toThrow(
    `the package @tensorflow/tfjs-node is not installed; run \`npm install @tensorflow/tfjs-node\` in ${home}`,
  );
});

it("uses the user's tfjs-node with the tfjs that it brings", async () => {
  const folder = join(home, 'node_modules/@tensorflow/tfjs-node');
  mkdirSync(folder, { recursive: true });
  const tfjs = createRequire(import.meta.url).resolve('@tensorflow/tfjs');
  writeFileSync(join(folder, 'package.json'), '{"name":"@tensorflow/tfjs-node","version":"9.8.7","main":"main.js"}');
  writeFileSync(
    join(folder, 'main.js'),
    `const tf = require(${JSON.stringify(tfjs)});
     tf.env().set('PROD', true);
     tf.copyRegisteredKernels('cpu', 'tensorflow');
     tf.registerBackend('tensorflow', () => tf.findBackendFactory('cpu')());
     module.exports = { ...tf, version: { ...tf.version, 'tfjs-node': '9.8.7' } };`,
  );
  const { core, backend, version } = await startNative(home);
  expect([version, backend, core.getBackend()]).toEqual(['tfjs-node 9.8.7', 'tensorflow', 'tensorflow']);
  expect([...(await core.add(core.tensor([1, 2]), core.tensor([3, 4])).data())]).toEqual([4, 6]);
});

it.each([tfjsWebgpu, tfjsWebgl])('refuses $name under Node, with the reason', async (engine) => {
  const { available, detail } = await engine.available();
  expect(available).toBe(false);
  expect(detail).toMatch(/Node has no Web(GPU|GL): it runs in a browser/);
  await expect(engine.load({ ops: [], outputs: {} }, { threads: 1, carries: new Map() })).rejects.toThrow(detail);
});
