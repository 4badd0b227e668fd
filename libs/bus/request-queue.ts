import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

let corrected = false;

/**
 * kafkajs 2.2 schedules a look at its pending requests after every answer, also when none is pending, and then with a
 * negative delay: Node 24 warns of it (`TimeoutNegativeWarning`), and every connection wakes up once a millisecond for
 * ever. Nothing pending needs no look: whatever becomes pending schedules its own.
 */
export function correctRequestQueue(): void {
  if (corrected) return;
  corrected = true;
  const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function scheduleWhenPending() {
    if (this.pending.length > 0) schedule.call(this);
  };
}
