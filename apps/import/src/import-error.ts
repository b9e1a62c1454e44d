/** Why an import cannot begin or go on, in words for whoever started it. */
export class ImportError extends Error {
  override get name(): string {
    return 'ImportError';
  }
}
