export { openDemoToken, signDemoToken } from './demo-token.ts';
export { prepareDatabase } from './prepare-database.ts';
export { type Demo, type DemoOptions, findDemo, startDemo } from './running-demo.ts';
