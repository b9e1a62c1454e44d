import { openCatalogue } from '@throughline/server/catalogue';
import { main } from '@throughline/server/main';

// The service without telemetry: what the other is compared with to tell what telemetry costs.
await main(openCatalogue, { telemetry: 'none' });
