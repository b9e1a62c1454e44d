/** The variables of this process, without what npm and Vitest have told it. */
export function foreignVariables(): NodeJS.ProcessEnv {
  // oxlint-disable-next-line node/no-process-env -- handed on to what a reader would start; not read
  const told = Object.entries(process.env);
  const ours =
    /^(npm_(?!config_(registry|cache|userconfig)$)|NODE|VITEST|INIT_CWD|TEST$|DEV$|PROD$)/;
  return Object.fromEntries(told.filter(([name]) => !ours.test(name)));
}

/** Where programs are looked for, without those of this checkout. */
export function foreignPath(): string {
  const { PATH = '' } = foreignVariables();
  return PATH.split(':')
    .filter((directory) => !directory.includes('node_modules'))
    .join(':');
}
