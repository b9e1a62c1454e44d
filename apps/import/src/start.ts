import { argv, env } from 'node:process';
import { runProgram } from './import-program.ts';

process.exitCode = await runProgram({ args: argv.slice(2), token: env['TOKEN'] });
