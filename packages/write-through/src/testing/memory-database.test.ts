import { systemAmbient } from '../ambient.ts';
import { describeEpochRegister } from './epoch-register-contract.ts';
import { MemoryDatabase } from './memory-database.ts';
import { describeTransactions, type OpenDatabase } from './transactions-contract.ts';

describeTransactions('MemoryDatabase', open);
describeEpochRegister('MemoryDatabase', open);

async function open(): Promise<OpenDatabase> {
  return {
    ...new MemoryDatabase({ ambient: systemAmbient }).asRegisterDatabase(),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
