/** The stack cannot be started, and the message says what to do about it. */
export class StackError extends Error {
  override readonly name = 'StackError';
}
