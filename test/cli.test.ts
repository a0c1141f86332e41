/** The command line as a user meets it: the whole road on a tiny model, and every bad input of the road. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingTools, toolchainsOf, type VerifyTarget } from '../src/verify/toolchain.js';
import { runCli } from './support/run-cli.js';

const model = (rest: string): string => `model tiny {
  tokens = ids(vocab=12)
  embed  = embedding(tokens, 6)
  rnn    = lstm(embed, 8)
  next   = softmax(rnn, 12)
}
${rest}
`;
const train = `train {
  data      = generated(order=1, vocab=12, tokens=4_000, batch=5, unroll=8)
  optimizer = sgd(clip=5)
  lr        = decay(1.0, by=1/2, every=1 epoch, after=1 epoch)
  epochs    = 2
  seed      = 3
}
`;
const dkp = 'compress { rnn: dkp(B=2x7, C=4x2) to 3x }';
const emits = 'emit neon { cpu = cortex-a53 }\nemit c {}\nemit onnx {}\nemit tfjs {}\n';

const roots: string[] = [];
function folderWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'rnnc-cli-'));
  roots.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

const cross: readonly VerifyTarget[] = ['native', 'aarch64', 'arm'];
const complete = cross.every((t) => toolchainsOf(t).some((toolchain) => missingTools(toolchain).length === 0));

describe('the whole road', { timeout: 120_000 }, () => {
  let root: string;
  beforeAll(() => {
    root = folderWith({ 'tiny.cmp': model(`${dkp}\n${train}${emits}`) });
  });

  it('has the toolchain it needs when it runs unattended', () => {
    if (process.env['CI'] === 'true') expect(complete).toBe(true);
  });

  it('refuses to emit before training, and emits seeded weights when asked to', async () => {
    const refused = await runCli(root, ['emit', '--target', 'c']);
    expect(refused).toMatchObject({ code: 3, out: '' });
    expect(refused.err).toMatch(/no trained weights .*build\/untrained/);
    expect(existsSync(join(root, 'build'))).toBe(false);
    const emitted = await runCli(root, ['emit', '--target', 'c', '--untrained', '--out', 'seeded']);
    expect(emitted.code, emitted.err).toBe(0);
    const manifest = JSON.parse(readFileSync(join(root, 'seeded/tiny/c/manifest.json'), 'utf8')) as {
      trained: boolean;
    };
    expect(manifest.trained).toBe(false);
    expect(readFileSync(join(root, 'seeded/tiny/c/tiny.h'), 'utf8')).toMatch(/trained: false/);
  });

  it('builds: trains, emits every target, verifies, and prints before and after', async () => {
    expect(complete, 'scripts/setup-toolchain.sh installs the cross compilers and emulators').toBe(true);
    const built = await runCli(root, ['build', '--threads', '1', '--baseline']);
    expect(built.code, built.out + built.err).toBe(0);
    expect(built.out).toMatch(/c on native \(gcc\): passed/);
    expect(built.out).toMatch(/neon on aarch64 .*: passed/);
    expect(built.out).toMatch(/neon on arm .*: passed/);
    expect(built.out).toMatch(/on aarch64: .* within 0.0001/);
    expect(JSON.parse(readFileSync(join(root, 'tiny.lock.json'), 'utf8'))).toMatchObject({ lock: 1, seed: 3 });
    expect(built.out).toMatch(/test perplexity +uncompressed: \d+\.\d+ +compressed: \d+\.\d+/);
    expect(readdirSync(join(root, 'build/tiny')).sort()).toEqual(
      expect.arrayContaining([
        'c',
        'neon',
        'onnx',
        'program.cmp',
        'tfjs',
        'training',
        'vocabulary.json',
        'weights.safetensors',
      ]),
    );
    for (const target of ['onnx', 'tfjs']) {
      expect(readdirSync(join(root, 'build/tiny', target)).sort()).toEqual(
        expect.arrayContaining(['predict', 'train']),
      );
    }
  });

  it('evaluates and predicts, by the engine and by the C', async () => {
    expect(complete, 'scripts/setup-toolchain.sh installs the cross compilers and emulators').toBe(true);
    const perplexity = async (...args: string[]): Promise<number> => {
      const result = await runCli(root, ['eval', '--tokens', '300', '--format', 'json', ...args]);
      expect(result.code, result.err).toBe(0);
      return (JSON.parse(result.out) as { perplexity: number }).perplexity;
    };
    const engine = await perplexity();
    expect(engine).toBeGreaterThan(1);
    expect(engine).toBeLessThan(12);
    for (const by of cross) expect(Math.abs((await perplexity('--by', by)) / engine - 1)).toBeLessThan(1e-4);
    const top = await runCli(root, ['predict', '--text', 'w3 w5', '--top', '3']);
    expect(top.out.trim().split('\n')).toHaveLength(3);
    const built = await runCli(root, ['predict', '--text', 'w3 w5', '--top', '3', '--by', 'aarch64']);
    expect(built.out).toBe(top.out);
    const more = await runCli(root, ['predict', '--ids', '3,5', '--count', '4']);
    expect(more.out.trim().split(' ')).toHaveLength(4);
    expect((await runCli(root, ['predict', '--count', '4'], 'w3 w5\n')).out).toBe(more.out);
  });

  it('emits from a build alone, without the program beside it', async () => {
    rmSync(join(root, 'tiny.cmp'));
    const emitted = await runCli(root, ['emit', '--target', 'neon']);
    expect(emitted.code, emitted.err).toBe(0);
    expect(emitted.out).toContain('build/tiny/neon');
  });
});

describe('training', { timeout: 60_000 }, () => {
  it('is the same twice, and refuses a damaged or foreign checkpoint', async () => {
    const root = folderWith({ 'tiny.cmp': model(`${dkp}\n${train}`) });
    const weights = (out: string): Buffer => readFileSync(join(root, out, 'tiny/weights.safetensors'));
    for (const out of ['one', 'two']) {
      const trained = await runCli(root, ['train', '--out', out, '--quiet']);
      expect(trained.code, trained.err).toBe(0);
    }
    expect(weights('one').equals(weights('two'))).toBe(true);
    const checkpoint = join(root, 'one/tiny/training/checkpoint.rnnc');
    const whole = readFileSync(checkpoint);
    writeFileSync(checkpoint, whole.subarray(0, whole.length - 7));
    const cut = await runCli(root, ['train', '--out', 'one', '--quiet']);
    expect(cut.code).toBe(3);
    expect(cut.err.trim().split('\n')).toHaveLength(1);
    writeFileSync(checkpoint, whole);
    writeFileSync(join(root, 'tiny.cmp'), model(`${dkp}\n${train.replace('seed      = 3', 'seed      = 4')}`));
    const foreign = await runCli(root, ['train', '--out', 'one', '--quiet']);
    expect(foreign.code).toBe(3);
    expect(foreign.err).toMatch(/checkpoint/);
    const again = await runCli(root, ['train', '--out', 'one', '--quiet', '--restart']);
    expect(again.code, again.err).toBe(0);
  });

  it('trains on tfjs to nearly the same perplexity', async () => {
    const root = folderWith({ 'tiny.cmp': model(train) });
    const score = async (engine: string): Promise<number> => {
      const trained = await runCli(root, ['train', '--out', engine, '--engine', engine, '--quiet']);
      expect(trained.code, trained.err).toBe(0);
      return Number(/test (\d+\.\d+)/.exec(trained.out)![1]);
    };
    expect(Math.abs((await score('tfjs-wasm')) - (await score('onnxruntime')))).toBeLessThan(0.01);
  });
});

describe('engines', { timeout: 60_000 }, () => {
  it('lists what works with its speed, and why the rest does not', async () => {
    const { code, out } = await runCli(folderWith({}), ['engines', '--format', 'json', '--threads', '1']);
    expect(code).toBe(0);
    const rows = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string | number | boolean>);
    for (const name of ['onnxruntime', 'tfjs-wasm', 'tfjs-cpu']) {
      const row = rows.find((r) => r['name'] === name)!;
      expect(row['available']).toBe(true);
      expect(row['milliseconds']).toBeGreaterThan(0);
      expect(row['gigaflops']).toBeGreaterThan(0);
    }
    const gone = rows.filter((row) => row['available'] === false);
    expect(gone.map((row) => row['name'])).toContain('tfjs-webgpu');
    for (const row of gone) expect(row['detail']).not.toBe('');
  });

  const root = (): string => folderWith({ 'm.cmp': model(train) });
  it('one that is not here: one line that says why, exit code 3', async () => {
    const { code, err } = await runCli(root(), ['train', '--engine', 'tfjs-webgpu']);
    expect(code).toBe(3);
    expect(err.trim().split('\n').at(-1)).toMatch(/tfjs-webgpu is not available: Node has no WebGPU.*rnnc engines/);
  });

  it('--deterministic refuses what may give other bits, and is no change for the default', async () => {
    const refused = await runCli(root(), ['train', '--engine', 'tfjs-node', '--deterministic']);
    expect(refused.code).toBe(3);
    expect(refused.err).toMatch(/--deterministic: tfjs-node may give other bits in another run/);
    const trained = await runCli(root(), ['train', '--deterministic', '--quiet']);
    expect(trained.code, trained.err).toBe(0);
  });
});

describe('bad input', () => {
  const text = { 'data/train.txt': 'a b c\n'.repeat(200), 'data/valid.txt': 'a b\n', 'data/test.txt': 'c a\n' };
  const onText = train.replace(/generated\(.*\)/, 'text("data", batch=2, unroll=4)');
  const program = model(onText);

  const faults: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[], RegExp])[] = [
    ['no data folder', { 'm.cmp': program }, ['train'], /does not exist.*data\/no-folder/],
    ['a missing split', { 'm.cmp': program, ...text, 'data/test.txt': '' }, ['train'], /test\.txt is empty/],
    ['a binary file', { 'm.cmp': program, ...text, 'data/valid.txt': 'a\0b\n' }, ['train'], /valid\.txt/],
    ['no program', {}, ['check', 'm.cmp'], /there is no m\.cmp/],
    ['a program that is not text', { 'm.cmp': '\uFFFD' }, ['check', 'missing/m.cmp'], /there is no missing\/m\.cmp/],
    [
      'a folder that the system refuses',
      { 'm.cmp': program },
      ['emit', '--untrained', '--out', '/proc/x/y'],
      /cannot make/,
    ],
    ['no weights', { 'm.cmp': program }, ['predict', '--text', 'a'], /no trained weights in .*\(run `rnnc train`\)$/],
    [
      'cut weights',
      { 'm.cmp': program, 'build/tiny/weights.safetensors': 'abc' },
      ['emit'],
      /tiny\/weights\.safetensors is not a sound safetensors file: .*rnnc train/,
    ],
    ['a checkpoint folder that cannot be made', { 'm.cmp': program, ...text, build: 'a file' }, ['train'], /build/],
  ];
  it.each(faults)('%s: one line, exit code 3', async (_, files, args, message) => {
    const result = await runCli(folderWith(files), args);
    const last = result.err.trim().split('\n').at(-1)!;
    expect(last).toMatch(message);
    expect(result.err).not.toMatch(/\n\s+at /);
    expect(result.code).toBe(3);
  });

  it('an output folder that cannot be written', async () => {
    const root = folderWith({ 'm.cmp': program, ...text });
    const locked = join(root, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    // Root may write everywhere but where the kernel makes the files itself.
    const result = await runCli(root, ['train', '--out', process.getuid?.() === 0 ? '/proc/rnnc' : locked]);
    expect(result.code).toBe(3);
    expect(result.err.trim().split('\n').at(-1)).toMatch(/^rnnc: cannot .*--out/);
  });

  const usages: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['a misspelt command', ['biuld'], /did you mean `build`/],
    ['a misspelt option', ['check', '--fromat', 'json'], /did you mean --format/],
    ['an unknown target', ['emit', '--target', 'noen'], /did you mean `neon`/],
    ['an unknown engine', ['train', 'm.cmp', '--engine', 'onnxruntme'], /did you mean `onnxruntime`/],
    ['an unknown provider', ['train', 'm.cmp', '--provider', 'abacus'], /no provider abacus, it has cpu/],
    [
      'a provider of an engine without any',
      ['train', 'm.cmp', '--engine', 'tfjs', '--provider', 'cuda'],
      /no providers/,
    ],
    ['too many operands', ['check', 'a.cmp', 'b.cmp'], /at most 1/],
    ['a number that is none', ['train', 'm.cmp', '--threads', 'two'], /not a positive integer/],
    ['two programs and none named', ['check'], /2 programs here: m\.cmp, n\.cmp/],
  ];
  it.each(usages)('%s: exit code 2', async (_, args, message) => {
    const root = folderWith({ 'm.cmp': model(train), 'n.cmp': model(train) });
    const result = await runCli(root, args);
    expect(result.code).toBe(2);
    expect(result.err).toMatch(message);
  });

  it('what a program imports is not taken for another program', async () => {
    const files = {
      'a.cmp': 'let hidden = 8\n',
      'm.cmp': `import "a.cmp"\n${model(train)}`,
      'sub/b.cmp': 'let b = 1\n',
    };
    const root = folderWith(files);
    expect(await runCli(root, ['check'])).toMatchObject({ code: 0 });
    writeFileSync(join(root, 'n.cmp'), `import "a.cmp"\n${model(train)}`);
    expect((await runCli(root, ['check'])).err).toContain('2 programs here: m.cmp, n.cmp');
  });

  it('an over-long budget is an error with the breakdown', async () => {
    const root = folderWith({ 'm.cmp': model(`${train}emit c { budget = 1 KB }\n`) });
    for (const command of [['check'], ['build'], ['emit', '--untrained']]) {
      const result = await runCli(root, command);
      expect(result.code).toBe(1);
      expect(result.err).toMatch(/emit\/over-budget/);
      expect(result.err).toMatch(/rnn: /);
    }
    expect(readdirSync(root)).toEqual(['m.cmp']);
  });

  it('weights of another program are refused', async () => {
    const root = folderWith({ 'm.cmp': model(train) });
    expect((await runCli(root, ['train', '--quiet'])).code).toBe(0);
    writeFileSync(join(root, 'm.cmp'), model(`${dkp}\n${train}`));
    const result = await runCli(root, ['emit', '--target', 'c']);
    expect(result.code).toBe(3);
    expect(result.err).toMatch(/has no tensor rnn\.B/);
  });

  it('explains as data', async () => {
    const root = folderWith({ 'm.cmp': model(`compress { rnn: lmf(3) }\n${train}`) });
    const { code, out } = await runCli(root, ['explain', '--format', 'json']);
    expect(code).toBe(0);
    const { rules, all } = JSON.parse(out) as { rules: { after: object }[]; all: { before: object } };
    // lmf(3) on four gates of 8x14: 4 * 3 * (8 + 14) values and 32 biases.
    expect(rules[0]!.after).toMatchObject({ parameters: 296 });
    expect(all.before).toMatchObject({ parameters: 72 + 480 + 108 });
    const plan = JSON.parse((await runCli(root, ['explain', '--plan', '--format', 'json'])).out) as {
      text: string;
      plan: { layers: { layer: string; bytes: number; denseBytes: number }[] };
    };
    expect(plan.text).toMatch(/^plan tiny/);
    // V of 12x14, U of each gate 8x3 and 32 biases, each begun at a multiple of 64 bytes. Dense: 4 gates of 8x14.
    const begun = (values: number): number => 64 * Math.ceil(values / 16);
    const bytes = begun(12 * 14) + 4 * begun(8 * 3) + begun(32);
    expect(plan.plan.layers[0]).toMatchObject({ layer: 'rnn', bytes, denseBytes: 4 * (4 * 8 * 14 + 32) });
  });

  it('every command has help with an example', async () => {
    const root = folderWith({});
    const names = ['init', 'check', 'explain', 'build', 'train', 'eval', 'emit', 'verify', 'predict', 'fmt', 'engines'];
    for (const name of names) {
      const { code, out } = await runCli(root, [name, '--help']);
      expect(code).toBe(0);
      expect(out).toMatch(new RegExp(`examples?:\\n {2}rnnc ${name}`));
    }
  });

  it('--locked refuses another program, other numbers, other data, no lock and a damaged one', async () => {
    const short = train.replace('4_000', '900');
    const root = folderWith({ 'm.cmp': model(`${dkp}\n${short}emit onnx {}`) });
    const locked = async (): Promise<string> => {
      const { code, err } = await runCli(root, ['build', '--locked', '--quiet']);
      return code === 0 ? 'built' : `${code} ${err.trim().split('\n').at(-1)}`;
    };
    expect(await locked()).toMatch(/^3 .*there is no m\.lock\.json.*lock\/missing/);
    expect((await runCli(root, ['build', '--quiet'])).code).toBe(0);
    expect(await locked()).toBe('built');
    const write = (text: string): void => writeFileSync(join(root, 'm.cmp'), text);
    write(`// the same\n${model(`${dkp}\n${short}emit onnx {}`)}`);
    expect(await locked()).toBe('built');
    write(model(`${dkp.replace('3x', '2x')}\n${short}emit onnx {}`));
    expect(await locked()).toMatch(/^3 .*--locked: m\.cmp is \w{12}, locked is \w{12}; rnn is .*lock\/differs/);
    write(model(`${dkp}\n${short.replace('900', '990').replace('seed      = 3', 'seed = 4')}emit onnx {}`));
    expect(await locked()).toMatch(/data is \w{12}, locked is \w{12}; seed is 4, locked is 3/);
    writeFileSync(join(root, 'm.lock.json'), '{"lock": 1}');
    expect(await locked()).toMatch(/m\.lock\.json is not a lock file/);
  });

  it('imports a recipe, and lists what it cannot carry', async () => {
    const recipe =
      'modifiers:\n- !GMPruningModifier\n    final_sparsity: 0.8\n    end_epoch: 1\n    params: [rnn.weight_hh_l0, a.b]\n';
    const root = folderWith({ 'm.cmp': model(train), 'r.yaml': recipe });
    const result = await runCli(root, ['import-recipe', 'r.yaml', 'm.cmp', '--write', 'p.cmp']);
    expect(result.code, result.err).toBe(0);
    expect(result.err).toContain('not carried: GMPruningModifier: a.b names no weight of this model\n');
    expect(readFileSync(join(root, 'p.cmp'), 'utf8')).toContain('rnn.recurrent: prune(sparsity=80%)');
    expect((await runCli(root, ['check', 'p.cmp'])).code).toBe(0);
    expect((await runCli(root, ['import-recipe', 'm.cmp', 'm.cmp'])).code).toBe(3);
  });

  it('check --fix mends what it is certain of, round after round, and leaves the rest', async () => {
    const wrong = model(`compress { rn: prnue(sparsity=0.5) }\n${train.replace('sgd(clip=5)', 'sgdd(clp=5)')}`);
    const root = folderWith({ 'm.cmp': wrong });
    const { code, err, out } = await runCli(root, ['check', '--fix']);
    expect(code, err).toBe(0);
    expect(out).toContain('no errors');
    expect(err).toMatch(/m\.cmp:7:12: replace `rn` by `rnn`/);
    const text = readFileSync(join(root, 'm.cmp'), 'utf8');
    expect(text).toContain('rnn: prune(sparsity=50%)');
    expect(text).toContain('sgd(clip=5)');
    writeFileSync(join(root, 'm.cmp'), model('compress { rnn: zzzzzz }'));
    expect((await runCli(root, ['check', '--fix'])).code).toBe(1);
    expect(readFileSync(join(root, 'm.cmp'), 'utf8')).toBe(model('compress { rnn: zzzzzz }'));
  });

  it('checks into one SARIF log, right or wrong', async () => {
    const root = folderWith({ 'm.cmp': model('compress { rnn: lfm(3) }\n'), 'n.cmp': model(train) });
    const results = async (name: string, code: number): Promise<readonly { ruleId: string }[]> => {
      const result = await runCli(root, ['check', name, '--format', 'sarif']);
      expect(result).toMatchObject({ code, err: '' });
      return (JSON.parse(result.out) as { runs: { results: { ruleId: string }[] }[] }).runs[0]!.results;
    };
    expect((await results('m.cmp', 1)).map((r) => r.ruleId)).toEqual(['compress/unknown-method']);
    expect(await results('n.cmp', 0)).toEqual([]);
  });

  it('diffs two programs, and needs two', async () => {
    const root = folderWith({ 'a.cmp': model(train), 'b.cmp': model(`${dkp}\n${train}`) });
    const text = await runCli(root, ['diff', 'a.cmp', 'b.cmp']);
    expect(text.code, text.err).toBe(0);
    expect(text.out).toContain('compress\n  + rnn: dkp(B=2x7, C=4x2) to 3x: rnn\n');
    const { code, out } = await runCli(root, ['diff', 'a.cmp', 'b.cmp', '--format', 'json', '--exit-code']);
    expect(code).toBe(1);
    const changes = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { section: string });
    expect(changes.map((c) => c.section)).toContain('weights');
    expect((await runCli(root, ['diff', 'a.cmp'])).code).toBe(2);
    expect((await runCli(root, ['diff', 'a.cmp', 'a.cmp', '--exit-code'])).code).toBe(0);
  });

  it('init writes a program that checks, and never over another', async () => {
    const root = folderWith({});
    expect((await runCli(root, ['init'])).code).toBe(0);
    expect((await runCli(root, ['check'])).code).toBe(0);
    expect((await runCli(root, ['init'])).code).toBe(3);
  });

  it('fmt keeps comments, changes nothing twice, and leaves a broken program alone', async () => {
    const root = folderWith({ 'm.cmp': `// a comment\n${model(train).replaceAll('  ', ' ')}`, 'bad.cmp': 'model {' });
    expect((await runCli(root, ['fmt', 'm.cmp', '--check'])).code).toBe(1);
    expect((await runCli(root, ['fmt', 'm.cmp'])).code).toBe(0);
    expect((await runCli(root, ['fmt', 'm.cmp', '--check'])).code).toBe(0);
    expect(readFileSync(join(root, 'm.cmp'), 'utf8')).toContain('// a comment');
    expect((await runCli(root, ['fmt', 'bad.cmp'])).code).toBe(1);
    expect(readFileSync(join(root, 'bad.cmp'), 'utf8')).toBe('model {');
  });
});
