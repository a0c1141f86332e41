/** The list of engines. One line here and one folder beside it is all that an engine adds. */
import type { Engine } from './engine.js';
import { onnxruntime } from './onnxruntime/onnxruntime.js';
import { tfjsCpu, tfjsNode, tfjsWasm, tfjsWebgl, tfjsWebgpu } from './tfjs/tfjs.js';

/** In the order in which they are tried when the user names none. */
export const engines: readonly Engine[] = [onnxruntime, tfjsWasm, tfjsCpu, tfjsNode, tfjsWebgpu, tfjsWebgl];

/** Other words for an engine. */
const aliases: Readonly<Record<string, string>> = { tfjs: 'tfjs-wasm' };

/** The engine of this name, or undefined when there is none. */
export const findEngine = (name: string): Engine | undefined => {
  const wanted = aliases[name] ?? name;
  return engines.find((e) => e.name === wanted);
};

/** Every word that `findEngine` knows. */
export const engineNames: readonly string[] = [...engines.map((e) => e.name), ...Object.keys(aliases)];
