declare module 'kafkajs/src/network/requestQueue/index.js' {
  /** The part of kafkajs' internal request queue that is corrected here. */
  class RequestQueue {
    readonly pending: readonly unknown[];
    scheduleCheckPendingRequests(): void;
  }
  export default RequestQueue;
}
