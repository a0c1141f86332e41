/** The engines that the package brings with it: each must be there, and each is held against the oracle. */
import { engines } from '../../src/engines/engines.js';

export const shippedEngines = engines.filter((e) => ['onnxruntime', 'tfjs-wasm', 'tfjs-cpu'].includes(e.name));
