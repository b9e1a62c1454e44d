/** What an import is bounded by, each with its reason. */
export const limits = {
  /** Twice what the longest product takes in any of the formats; no file can make us hold more of a line. */
  recordBytesMax: 1_048_576,
  /** Of one call: half of what the service takes, so that JSON's own signs fit too. */
  portionBytesMax: 524_288,
  /** Lines that are rejected without being sent are written down with the next call, and at the latest after so many. */
  portionRecordsMax: 1_000,
  /** Calls at once: while the service waits for its stores, the next is on its way. More were not faster. */
  callsMax: 3,
  /** How long a call is repeated while the service is away or busy: longer than a restart. */
  retryForMs: 60_000,
  /** Names of unknown columns that are told. */
  unknownColumnsMax: 20,
  /** A program that runs beside the import answers at once, or is none of ours. */
  probeMs: 5_000,
  /** Read at once. */
  chunkBytes: 65_536,
  /** Of the beginning of the file, by whose hash it is known again. */
  headBytes: 65_536,
} as const;
