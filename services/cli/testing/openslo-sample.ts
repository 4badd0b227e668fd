/** A whole SLO in OpenSLO v1 with its SLI; tests change lines of it. */
export const wholeSlo = `apiVersion: openslo/v1
kind: SLO
metadata:
  name: checkout-availability
  displayName: Checkout is there
spec:
  description: People can pay.
  service: checkout
  indicatorRef: good-requests
  timeWindow:
    - duration: 28d
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    - target: 0.999
---
apiVersion: openslo/v1
kind: SLI
metadata: { name: good-requests }
spec:
  ratioMetric:
    counter: true
    good: { metricSource: { type: Prometheus, spec: { query: sum(good) } } }
    total: { metricSource: { type: Prometheus, spec: { query: sum(all) } } }
`;
