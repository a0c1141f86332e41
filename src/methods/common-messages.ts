/** Messages that every method has, under its own name. */

/** What every method can say besides its own messages. */
export const common = {
  'open-argument': {
    severity: 'error',
    message: '{callee} on {path} leaves `{name}` open ({doc}), and the rule has no goal to solve it from',
    hint: 'write `{name} = ...`, or give the rule a goal such as `to 10x`',
  },
  'more-than-dense': {
    severity: 'warning',
    message: '{callee} stores {stored} values for {path}, the dense matrix only {dense}',
    hint: 'choose smaller arguments, or leave {path} dense',
  },
} as const;
export type Common = typeof common;
