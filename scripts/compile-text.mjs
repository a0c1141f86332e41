// What the printers of documentation share: the checked model of a program text, which must be right.
export const textCompiler = (compile) => (text) => {
  const said = [];
  const compiled = compile(
    'example.cmp',
    () => text,
    ({ message }) => said.push(message),
  );
  if (compiled === undefined) throw new Error(`${text}\n${said.join('\n')}`);
  return compiled.model;
};
