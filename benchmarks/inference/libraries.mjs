/**
 * Peers that are prebuilt shared libraries for arm64: OpenBLAS and XNNPACK from Debian's archive, kept in
 * build/bench-inference/arm64 without touching this machine's packages, and the libonnxruntime of the npm package.
 * Where one cannot be had, what is measured of it is undefined.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { encodeOnnx } from '../../dist/targets/onnx/encode-onnx.js';
import { models } from './bars.mjs';
import { compilers, counted, hashOf, here, marks, out } from './measure.mjs';

const arm = join(out, 'arm64');

/** What cannot be had is tried once in a run. */
function once(make) {
  let result;
  return () => {
    result ??= { value: make() };
    return result.value;
  };
}

/** Part numbers by which Arm's cores call themselves. */
const parts = { 'cortex-a53': '0xd03', 'cortex-a57': '0xd07' };

/** Files by which Linux describes one processor. */
const describedBy = (part) => ({
  'proc/cpuinfo': [
    'processor\t: 0',
    'Features\t: fp asimd evtstrm crc32 cpuid',
    ...['implementer\t: 0x41', 'architecture: 8', 'variant\t: 0x1', `part\t: ${part}`, 'revision\t: 0'].map(
      (line) => `CPU ${line}`,
    ),
    '\n',
  ].join('\n'),
  ...Object.fromEntries(
    ['possible', 'present', 'online', 'kernel_max', 'cpu0/topology/physical_package_id'].map((name) => [
      `sys/devices/system/cpu/${name}`,
      '0\n',
    ]),
  ),
});

/** What a library finds of its machine: the C library of the cross compiler, and one processor. */
function emulatedRoot(core) {
  const root = join(out, `root-${core}`);
  for (const [path, text] of Object.entries(describedBy(parts[core]))) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  if (!existsSync(join(root, 'lib'))) symlinkSync('/usr/aarch64-linux-gnu/lib', join(root, 'lib'));
  return root;
}

/** Packages of Debian for arm64, unpacked; apt's lists lie apart from those of this machine. */
function debianLibraries(packages) {
  const found = join(arm, 'usr/lib/aarch64-linux-gnu');
  const complete = join(arm, 'complete');
  const wanted = packages.join(' ');
  if (existsSync(complete) && readFileSync(complete, 'utf8') === wanted) return found;
  for (const folder of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(arm, folder), { recursive: true });
  const state = { Architecture: 'arm64', 'Get::List-Cleanup': 'false' };
  const options = [
    ...Object.entries(state).flatMap(([name, value]) => ['-o', `APT::${name}=${value}`]),
    ...['-o', `Dir::State::Lists=${join(arm, 'lists')}`, '-o', `Dir::Cache=${join(arm, 'cache')}`],
    ...['-o', 'Dir::State::status=/dev/null', '-qq'],
  ];
  try {
    const how = { cwd: arm, stdio: ['ignore', 'ignore', 'pipe'] };
    execFileSync('apt-get', [...options, 'update'], how);
    execFileSync('apt-get', [...options, 'download', ...packages], how);
    for (const name of readdirSync(arm).filter((name) => name.endsWith('.deb')))
      execFileSync('dpkg', ['-x', name, '.'], how);
  } catch (error) {
    console.error(
      `no packages of Debian for arm64: ${
        String(error.stderr ?? error.message)
          .trim()
          .split('\n')[0]
      }`,
    );
    return undefined;
  }
  writeFileSync(complete, wanted);
  return found;
}

/** What has a product y = W x: its packages, and how its program is built. */
const libraries = {
  openblas: {
    packages: ['libopenblas0-serial', 'libgfortran5'],
    source: 'openblas.c',
    links: ['openblas-serial/libopenblas.so.0'],
  },
  xnnpack: {
    packages: ['libxnnpack0', 'libxnnpack-dev', 'libpthreadpool0', 'libpthreadpool-dev', 'libcpuinfo0'],
    source: 'xnnpack.c',
    links: ['libXNNPACK.so.0'],
  },
};

const debianFolder = once(() => debianLibraries(Object.values(libraries).flatMap(({ packages }) => packages)));

/** A program that is linked with shared libraries where they lie. */
const dynamic = (source, links, folders, includes = []) => [
  ...compilers.gcc.c,
  ...['-std=gnu11', '-O2', '-I', here, ...includes.map((folder) => `-I${folder}`), join(here, source), ...links, '-lm'],
  ...folders.map((folder) => `-Wl,-rpath,${folder}`),
  ...['-Wl,-rpath-link', folders.join(':'), '-Wl,--allow-shlib-undefined', '-Wl,--disable-new-dtags'],
];

/**
 * One product of a library with the kernels that it takes on a core: OpenBLAS is told which, the others look. `layout`,
 * for OpenBLAS, is how W lies.
 */
export function countLibrary({ library, layout, rows, columns, core }) {
  const folder = debianFolder();
  if (folder === undefined) return undefined;
  const { source, links } = libraries[library];
  const paths = links.map((path) => join(folder, path));
  const contents = paths.map((path) => readFileSync(path));
  return counted(hashOf(readFileSync(join(here, source)), marks, ...contents), {
    command: dynamic(
      source,
      paths,
      [...new Set([...paths.map((path) => dirname(path)), folder])],
      [join(arm, 'usr/include')],
    ),
    cwd: here,
    args: [...(layout === undefined ? [] : [layout]), rows, columns, 1].map(String),
    models,
    emulated: core,
    root: emulatedRoot(core),
    environment: library === 'openblas' ? { OPENBLAS_CORETYPE: core.replace('-', '').toUpperCase() } : {},
  });
}

const onnxruntimeLibrary = (processor) => {
  const package_ = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  const versions = join(package_, 'bin');
  return readdirSync(versions)
    .map((version) => join(versions, version, `linux/${processor}/libonnxruntime.so.1`))
    .find((path) => existsSync(path));
};

/** A model of one LSTM layer, and its weights behind each other: what `onnxruntime.c` reads. */
export function lstmModel({ inputs, units, steps }) {
  const weights = new Float32Array(4 * units * (inputs + units + 2));
  for (let i = 0, seed = 1; i < weights.length; i++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    weights[i] = (seed / 2 ** 31) * 0.1;
  }
  const [first, second] = [4 * units * inputs, 4 * units * (inputs + units)];
  const value = (name, shape) => ({ name, shape, type: 'float32' });
  const model = encodeOnnx({
    nodes: [
      {
        op: 'LSTM',
        inputs: ['x', 'w', 'r', 'b', '', 'h', 'c'],
        outputs: ['y', 'next_h', 'next_c'],
        attributes: { hidden_size: units },
      },
    ],
    initializers: [
      { name: 'w', shape: [1, 4 * units, inputs], data: weights.subarray(0, first) },
      { name: 'r', shape: [1, 4 * units, units], data: weights.subarray(first, second) },
      { name: 'b', shape: [1, 8 * units], data: weights.subarray(second) },
    ],
    inputs: [value('x', [steps, 1, inputs]), value('h', [1, 1, units]), value('c', [1, 1, units])],
    outputs: [value('y', [steps, 1, 1, units]), value('next_h', [1, 1, units]), value('next_c', [1, 1, units])],
  });
  return { model, weights: new Uint8Array(weights.buffer) };
}

/** Writes what a run of onnxruntime's LSTM reads and returns its arguments. */
export function lstmArguments(size, rounds) {
  const { inputs, units, steps } = size;
  const folder = join(out, 'onnxruntime', `${inputs}-${units}-${steps}`);
  const paths = ['model.onnx', 'weights.bin'].map((name) => join(folder, name));
  if (!existsSync(paths[1])) {
    const { model, weights } = lstmModel(size);
    mkdirSync(folder, { recursive: true });
    writeFileSync(paths[0], model);
    writeFileSync(paths[1], weights);
  }
  return [...paths, inputs, units, steps, rounds].map(String);
}

/** Command that builds the program of onnxruntime; undefined where its library is not installed. */
export function onnxruntimeCommand(processor, compiler, flags = []) {
  const library = onnxruntimeLibrary(processor);
  if (library === undefined) return undefined;
  const [, ...rest] = dynamic('onnxruntime.c', [library], [dirname(library)]);
  return [compiler, ...rest, ...flags];
}

/** One call of onnxruntime's LSTM over some steps, on one thread; cycles and counts are those of the whole call. */
export async function countOnnxruntime({ inputs, units, steps }) {
  const command = onnxruntimeCommand('arm64', compilers.gcc.c[0]);
  if (command === undefined) return undefined;
  const key = hashOf(readFileSync(join(here, 'onnxruntime.c')), marks, readFileSync(onnxruntimeLibrary('arm64')));
  const args = lstmArguments({ inputs, units, steps }, 1);
  // It would otherwise open a database in the home folder and report to its makers.
  const environment = { ORT_DISABLE_TELEMETRY: '1' };
  return counted(key, { command, cwd: here, args, models, root: emulatedRoot('cortex-a57'), environment });
}
