import { systemAmbient } from '../ambient.ts';
import { MemoryDatabase } from './memory-database.ts';
import { describeTransactions } from './transactions-contract.ts';

describeTransactions('MemoryDatabase', async () => ({
  ...new MemoryDatabase({ ambient: systemAmbient }).asRegisterDatabase(),
  [Symbol.asyncDispose]: async () => undefined,
}));
