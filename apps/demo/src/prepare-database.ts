import { migrate, openSequelize } from '@throughline/product-repository';
import { seedCatalogue } from './seed-catalogue.ts';

/** Brings the tables up to date and fills them with the demo catalogue; returns whether they were empty. */
export async function prepareDatabase(databaseUrl: string): Promise<boolean> {
  const sequelize = openSequelize({ databaseUrl, poolMax: 2, applicationName: 'throughline seed' });
  try {
    await migrate(sequelize);
    return await seedCatalogue(sequelize);
  } finally {
    await sequelize.close();
  }
}
