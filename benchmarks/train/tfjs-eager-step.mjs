/**
 * The same training step as a TypeScript user would write it with tfjs: layers as eager ops under `tf.variableGrads`.
 * Usage: node tfjs-eager-step.mjs HIDDEN STEPS RUNS. Prints one line of JSON; the first run is not counted.
 */
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';

const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs');
const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm');

const [hidden, steps, runs] = process.argv.slice(2).map(Number);
const [vocabulary, batch, layers] = [10_000, 20, 2];

setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
tf.enableProdMode();
await tf.setBackend('wasm');
await tf.ready();

const variable = (shape) => tf.variable(tf.randomUniform(shape, -0.05, 0.05));
const embedding = variable([vocabulary, hidden]);
const cells = Array.from({ length: layers }, () => ({
  input: variable([hidden, 4 * hidden]),
  recurrent: variable([hidden, 4 * hidden]),
  bias: variable([4 * hidden]),
}));
const output = { weight: variable([hidden, vocabulary]), bias: variable([vocabulary]) };
const variables = [embedding, ...cells.flatMap(Object.values), output.weight, output.bias];

function lstm({ input, recurrent, bias }, x) {
  const inputs = tf.split(tf.add(tf.matMul(x, input), bias), steps, 0);
  let h = tf.zeros([batch, hidden]);
  let c = tf.zeros([batch, hidden]);
  const outputs = inputs.map((zx) => {
    const [i, f, g, o] = tf.split(tf.add(zx, tf.matMul(h, recurrent)), 4, 1);
    c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    h = tf.mul(tf.sigmoid(o), tf.tanh(c));
    return h;
  });
  return tf.concat(outputs, 0);
}

function lossOf(words, labels) {
  // The gradient of `gather` needs an op that the wasm backend lacks; a one-hot product has none of that.
  let x = tf.matMul(tf.cast(tf.oneHot(words, vocabulary), 'float32'), embedding);
  for (const cell of cells) x = lstm(cell, x);
  const logits = tf.add(tf.matMul(x, output.weight), output.bias);
  const chosen = tf.mul(tf.logSoftmax(logits), tf.cast(tf.oneHot(labels, vocabulary), 'float32'));
  return tf.neg(tf.div(tf.sum(chosen), batch));
}

const trainStep = () =>
  tf.tidy(() => {
    const words = tf.randomUniform([steps * batch], 0, 300, 'int32');
    const labels = tf.randomUniform([steps * batch], 0, 300, 'int32');
    const { value, grads } = tf.variableGrads(() => lossOf(words, labels), variables);
    const squares = Object.values(grads).map((grad) => tf.sum(tf.square(grad)));
    const norm = tf.sqrt(tf.addN(squares));
    const rate = tf.div(1, tf.maximum(1, tf.div(norm, 5)));
    for (const v of variables) v.assign(tf.sub(v, tf.mul(grads[v.name], rate)));
    return value.dataSync()[0] / steps;
  });

const times = [];
let loss = 0;
for (let run = 0; run <= runs; run++) {
  const start = performance.now();
  loss = trainStep();
  if (run > 0) times.push(performance.now() - start);
}
console.log(JSON.stringify({ loss, milliseconds: Math.min(...times) }));
