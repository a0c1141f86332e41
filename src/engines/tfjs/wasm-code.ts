/**
 * A WebAssembly module written out byte by byte: functions of integers over a memory that is given. Only the
 * instructions that `matmul-code.ts` needs; names and numbers are those of the WebAssembly and SIMD specifications.
 */

/** Instructions, encoded. */
export type Code = readonly number[];

/** A local variable of a function, parameters first. */
export type Local = number;

function unsigned(value: number): Code {
  const low = value & 0x7f;
  return value < 0x80 ? [low] : [low | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  const low = value & 0x7f;
  const done = (value >> 6 === 0 && (low & 0x40) === 0) || (value >> 6 === -1 && (low & 0x40) !== 0);
  return done ? [low] : [low | 0x80, ...signed(value >> 7)];
}

const vector = (...instruction: readonly number[]): Code => [0xfd, ...instruction];
/** Any alignment will do; the offset is added to the address. */
const at = (offset: number): Code => [0, ...unsigned(offset)];

export const get = (local: Local): Code => [0x20, ...unsigned(local)];
export const set = (local: Local, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const integer = (value: number): Code => [0x41, ...signed(value)];
export const add = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const subtract = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
export const times = (a: Code, b: Code): Code => [...a, ...b, 0x6c];
/** As unsigned numbers. */
export const below = (a: Code, b: Code): Code => [...a, ...b, 0x49];
export const least = (a: Code, b: Code): Code => [...a, ...b, ...below(a, b), 0x1b];
export const increase = (local: Local, by: Code): Code => set(local, add(get(local), by));

export const loadFloat = (address: Code, offset = 0): Code => [...address, 0x2a, ...at(offset)];
export const storeFloat = (address: Code, value: Code, offset = 0): Code => [...address, ...value, 0x38, ...at(offset)];
export const addFloats = (a: Code, b: Code): Code => [...a, ...b, 0x92];

export const zero: Code = [0x43, 0, 0, 0, 0];

/** Vectors of four floats. */
export const loadVector = (address: Code, offset = 0): Code => [...address, ...vector(0x00), ...at(offset)];
export const loadSplat = (address: Code, offset = 0): Code => [...address, ...vector(0x09), ...at(offset)];
export const storeVector = (address: Code, value: Code, offset = 0): Code => [
  ...address,
  ...value,
  ...vector(0x0b),
  ...at(offset),
];
export const zeroVector: Code = [...vector(0x0c), ...new Array<number>(16).fill(0)];
export const addVectors = (a: Code, b: Code): Code => [...a, ...b, ...vector(0xe4, 0x01)];
export const timesVector = (a: Code, b: Code): Code => [...a, ...b, ...vector(0xe6, 0x01)];

export const when = (condition: Code, then: Code, otherwise: Code = []): Code => [
  ...condition,
  0x04,
  0x40,
  ...then,
  ...(otherwise.length === 0 ? [] : [0x05, ...otherwise]),
  0x0b,
];

/** Runs `body` once, and again as long as `condition` holds behind it. */
export const repeat = (body: Code, condition: Code): Code => [0x03, 0x40, ...body, ...condition, 0x0d, 0x00, 0x0b];

/** A function of integers without a result; its locals are the parameters, then integers, then vectors. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: number;
  readonly integers: number;
  readonly vectors: number;
  readonly body: Code;
}

const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const sized = (bytes: Code): Code => [...unsigned(bytes.length), ...bytes];
const text = (value: string): Code => sized([...value].map((c) => c.charCodeAt(0)));
const section = (id: number, items: readonly Code[]): Code => [id, ...sized(list(items))];

const [integerType, vectorType] = [0x7f, 0x7b];

/** A module that takes its memory as the import `memory` of `given` and exports every function by its name. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const typeOf = ({ parameters }: WasmFunction): Code => [
    0x60,
    ...list(Array.from({ length: parameters }, () => [integerType])),
    0,
  ];
  const codeOf = ({ integers, vectors, body }: WasmFunction): Code =>
    sized([
      ...list([
        [...unsigned(integers), integerType],
        [...unsigned(vectors), vectorType],
      ]),
      ...body,
      0x0b,
    ]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, functions.map(typeOf)),
    ...section(2, [[...text('given'), ...text('memory'), 0x02, 0x00, 0x01]]),
    ...section(
      3,
      functions.map((_, i) => unsigned(i)),
    ),
    ...section(
      7,
      functions.map(({ name }, i) => [...text(name), 0x00, ...unsigned(i)]),
    ),
    ...section(10, functions.map(codeOf)),
  ]);
}
