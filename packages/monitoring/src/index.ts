export { createDurations, type Duration, type Durations } from './durations.ts';
export { generatedFiles } from './generated-files.ts';
export { defaultSettings, type Job, type MonitoringSettings } from './settings.ts';
