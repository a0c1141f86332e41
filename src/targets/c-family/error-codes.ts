/** What the emitted functions return when they refuse. Numbers are for ever: programs on boards compare with them. */
import { alignComments } from './literals.js';
import { maxSteps, type Program } from './program.js';

interface ErrorCode {
  /** Behind `PTB_E_`. */
  readonly name: string;
  readonly value: number;
  readonly meaning: string;
}

/** All codes of a program. */
export function errorCodesOf(program: Program): readonly ErrorCode[] {
  const { P, plan } = program;
  const long = plan.maxSteps === undefined ? '' : `, or of more than ${maxSteps(program)}`;
  return [
    { name: 'TOKEN', value: -1, meaning: 'an id outside its vocabulary' },
    { name: 'K', value: -2, meaning: 'k is 0 or more than there are classes' },
    { name: 'COUNT', value: -3, meaning: `a sequence without steps${long}` },
    { name: 'ALIGN', value: -4, meaning: `a blob at no multiple of ${P}_ALIGNMENT bytes` },
    { name: 'BLOB', value: -5, meaning: 'no blob of rnnc: it does not begin as one' },
    { name: 'NULL', value: -6, meaning: 'a null pointer' },
    { name: 'VERSION', value: -7, meaning: 'a blob of another version of rnnc' },
    { name: 'LENGTH', value: -8, meaning: 'a blob that was cut short, or goes on behind its end' },
    { name: 'MODEL', value: -9, meaning: 'a blob of another model: other layers, sizes or formats' },
    { name: 'VOCABULARY', value: -10, meaning: 'a blob whose words are others' },
    { name: 'DAMAGED', value: -11, meaning: 'weights that were altered: their CRC-32 is another' },
    { name: 'BOUNDS', value: -12, meaning: 'weights with an index that leads outside' },
  ];
}

/** The codes as lines of the header. */
export const errorCodes = (program: Program): readonly string[] =>
  alignComments(
    errorCodesOf(program).map(
      ({ name, value, meaning }) => `#define ${program.P}_E_${name} (${value}) /* ${meaning} */`,
    ),
  );
