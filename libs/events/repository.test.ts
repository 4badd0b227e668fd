import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalizeRepository } from './repository.ts';

test.each([
  ['https://github.com/acme/shop', 'github.com/acme/shop'],
  ['https://github.com/acme/shop.git', 'github.com/acme/shop'],
  ['https://github.com/acme/shop.git/', 'github.com/acme/shop'],
  ['https://github.com/acme/shop//', 'github.com/acme/shop'],
  ['HTTPS://GitHub.com/Acme/Shop', 'github.com/Acme/Shop'],
  ['https://user:secret@github.com/acme/shop.git', 'github.com/acme/shop'],
  ['git@github.com:acme/shop.git', 'github.com/acme/shop'],
  ['git@GitLab.example.org:group/sub/shop.git', 'gitlab.example.org/group/sub/shop'],
  ['git@host:/srv/shop.git', 'host/srv/shop'],
  ['ssh://git@github.com/acme/shop.git', 'github.com/acme/shop'],
  ['ssh://git@git.example.org:2222/acme/shop.git', 'git.example.org:2222/acme/shop'],
  ['git.example.org:2222/acme/shop', 'git.example.org:2222/acme/shop'],
  ['git+ssh://git@github.com/acme/shop', 'github.com/acme/shop'],
  ['github.com/acme/shop', 'github.com/acme/shop'],
  ['file:///srv/git/shop.git', '/srv/git/shop'],
  ['https://dev.azure.com/acme/Shop/_git/Shop', 'dev.azure.com/acme/Shop/_git/Shop'],
])('%s is %s', (url, expected) => {
  expect(normalizeRepository(url)).toBe(expected);
});

test('is idempotent', () => {
  const part = fc.constantFrom('https://', 'git@', 'Host', ':', '/', '.git', '22', 'owner', '@', ' ', 'x:y');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const once = normalizeRepository(parts.join(''));
      expect(normalizeRepository(once)).toBe(once);
    }),
    { numRuns: 2000 },
  );
});
