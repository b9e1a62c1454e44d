export { openDemoToken, signDemoToken } from './demo-token.ts';
export { prepareDatabase } from './prepare-database.ts';
