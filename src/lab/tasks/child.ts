/** Laboratory: what a process of `support/child.ts` runs: one function of a module, called by its name. */
const [module = '', task = '', ...args] = process.argv.slice(2);

if (import.meta.main) {
  const found = ((await import(module)) as Readonly<Record<string, unknown>>)[task];
  await (found as (...args: readonly string[]) => Promise<void>)(...args);
}
