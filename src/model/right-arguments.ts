/**
 * What a complete method beside a goal should have said: the same call with one argument left open, or all that a
 * goal can solve, and the goal solved. Reports nothing.
 */
import type { Call } from '../syntax/ast.js';
import type { Goal } from './goals.js';
import { solveDials } from './solve-dials.js';
import type { Task } from './task.js';

/** Every argument by its name, so that one can be left out. */
function named({ args, ...call }: Call, names: readonly string[]): Call {
  const withName = args.map((argument, i) => {
    const { span } = argument;
    return argument.name === undefined
      ? { ...argument, name: { kind: 'name' as const, text: names[i] ?? '', span } }
      : argument;
  });
  return { ...call, args: withName };
}

/** Shorter calls, the least short first; `layout` is never left out. */
function shorterCalls(call: Call): readonly Call[] {
  const open = call.args.filter((a) => a.name?.text !== 'layout');
  const one = open.map((left) => ({ ...call, args: call.args.filter((a) => a !== left) }));
  return [...one, { ...call, args: call.args.filter((a) => !open.includes(a)) }];
}

/** `r=43`: the arguments that give the goal on the task's first weight, those that stay as written left out. */
export function rightArguments(task: Task, goal: Goal): string | undefined {
  const { use } = task.rule;
  const { method } = use;
  for (const call of shorterCalls(named(use.call, Object.keys(method.schema)))) {
    const open = method.use(call, task.rule.constants, () => {});
    if (open === undefined || open.complete || open.dial === undefined) continue;
    const solved = solveDials({ ...task, rule: { ...task.rule, use: open } }, goal, () => {});
    const kept = new Set(call.args.map((a) => a.name?.text));
    const found = solved?.weights[0]?.arguments.filter(({ name }) => !kept.has(name));
    if (found !== undefined && found.length > 0) return found.map(({ name, value }) => `${name}=${value}`).join(', ');
  }
  return undefined;
}
