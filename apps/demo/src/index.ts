export { openDemoToken, signDemoToken } from './demo-token.ts';
export { prepareDatabase } from './prepare-database.ts';
export {
  type Demo,
  DemoEndedError,
  type DemoOptions,
  findDemo,
  startDemo,
} from './running-demo.ts';
