import { describeEpochRegister } from '../testing/epoch-register-contract.ts';
import { openPostgresRegisters } from '../testing/postgres-registers.ts';
import { describeTransactions } from '../testing/transactions-contract.ts';

describeTransactions('PostgresTransactions', openPostgresRegisters);
describeEpochRegister('PostgresEpochRegister', openPostgresRegisters);
