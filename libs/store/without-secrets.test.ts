import { expect, test } from 'vitest';
import { withoutSecrets } from './without-secrets.ts';

test.each([
  ['{"password":"hunter2","a":"b"}', '{"password":"[hidden]","a":"b"}'],
  [
    '{"http.request.header.authorization": "Bearer \\"x\\""}',
    '{"http.request.header.authorization": "[hidden]"}',
  ],
  ['{"API-KEY":"k","token_count":3}', '{"API-KEY":"[hidden]","token_count":3}'],
  [
    '{"key":"db.password","value":{"stringValue":"s3cret"}}',
    '{"key":"db.password","value":{"stringValue":"[hidden]"}}',
  ],
  ['{"url":"https://u:p@host/o/r"}', '{"url":"https://host/o/r"}'],
  ['{"kind":"deployment","service":"checkout"}', '{"kind":"deployment","service":"checkout"}'],
  ['no JSON at all', 'no JSON at all'],
])('%s', (payload, kept) => {
  expect(withoutSecrets(payload)).toBe(kept);
});
