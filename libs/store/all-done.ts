/** Waits for all, also when one fails, and then fails as that one did: nothing may go on behind what comes next. */
export async function allDone(doings: readonly Promise<void>[]): Promise<void> {
  for (const end of await Promise.allSettled(doings)) if (end.status === 'rejected') throw end.reason;
}
