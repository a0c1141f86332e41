/** The README of an emitted page as a view of its template: its files, and a program that runs as it stands. */
import { valueOutput } from '../../lower/training-graph.js';
import { size } from '../../tensor/shape.js';
import type { View } from '../render.js';
import type { BrowserProgram } from './browser-program.js';

interface Row {
  readonly path: string;
  readonly what: string;
}

const filesOf = (trains: boolean): readonly Row[] => [
  { path: '`index.html`', what: trains ? 'trains the model live' : 'what the model is' },
  { path: '`rnnc-model.js`, `rnnc-model.d.ts`', what: 'a module for pages of your own, with types; no bundler' },
  {
    path: trains ? '`train/`, `evaluate/`, `predict/`' : '`predict/`',
    what: 'one step as a tfjs graph model; `signature.json` tells its inputs and outputs',
  },
  { path: '`weights.safetensors`', what: 'the emitted weights' },
  { path: '`program.json`', what: 'how the graphs are driven' },
  { path: '`rnnc/`, `vendor/`', what: 'code of the page; copies of tfjs; their licences lie beside them' },
];

/** Zeros for every input of one call. */
function inputsOf({ predict }: BrowserProgram): string {
  const inputs = predict.data.filter(({ role }) => role === 'input');
  const fields = inputs.map(({ layer, shape }) => `${layer}: new Array(${size(shape)}).fill(0)`);
  return `{ ${fields.join(', ')} }`;
}

const prefix = valueOutput('');

/** What the template of the README asks for. */
export function readmeView(program: BrowserProgram): View {
  const trains = program.train !== undefined;
  const outputs = Object.keys(program.predict.graph.outputs).filter((name) => name.startsWith(prefix));
  const ofText = program.train?.training.loader.kind === 'text';
  return {
    trains,
    files: filesOf(trains),
    trainerOptions: ofText ? "{ text: await (await fetch('text.txt')).text(), validation: 0.1 }" : '',
    predictorInputs: inputsOf(program),
    predictorOutput: outputs.map((name) => `values.${name.slice(prefix.length)}`).join(', '),
  };
}
