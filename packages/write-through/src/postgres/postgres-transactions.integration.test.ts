import { openPostgresRegisters } from '../testing/postgres-registers.ts';
import { describeTransactions } from '../testing/transactions-contract.ts';

describeTransactions('PostgresTransactions', openPostgresRegisters);
