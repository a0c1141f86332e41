/** The public API: compile a program, and what the result is made of. The command line is built on the same. */
export { type Compiled, compile, compileEvaluation, compilePrediction, compileTraining } from './compile.js';
export type { Diagnostic, Report } from './diagnostics/diagnostic.js';
export { diagnosticToJson } from './diagnostics/json.js';
export { printDiagnostic } from './diagnostics/print.js';
export type { Graph } from './graph/ops.js';
export type { StepGraph } from './lower/training-graph.js';
export type { Model } from './model/model.js';
export { explain } from './report/explain.js';
export { printProgram } from './syntax/print.js';
