import { argv } from 'node:process';
import { runProgram } from '../import-program.ts';

/** The program as it is started by hand, but for the place of the service that it starts: the first argument. */
const [directory = '', ...args] = argv.slice(2);
process.exitCode = await runProgram({ args, token: undefined, directory });
