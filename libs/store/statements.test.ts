import { expect, test } from 'vitest';
import { splitStatements } from './statements.ts';

test.each([
  ['select 1; select 2;', ['select 1', 'select 2']],
  ["select ';' as a; select 'it''s; \\'; fine'", ["select ';' as a", "select 'it''s; \\'; fine'"]],
  ['select `a;b`, "c;d" from t;', ['select `a;b`, "c;d" from t']],
  ['select $x$ a; b $x$; select 2', ['select $x$ a; b $x$', 'select 2']],
  ['select {p:String}; select a$b', ['select {p:String}', 'select a$b']],
  ['-- only; a comment\n/* and; this */\n;\n', []],
  [
    "select 1 -- don't; stop\n + 1; # it's; another\nselect 2",
    ["select 1 -- don't; stop\n + 1", "# it's; another\nselect 2"],
  ],
  ['select /* ; */ 1 /* unfinished ;', ['select /* ; */ 1 /* unfinished ;']],
  ['', []],
])('splits %j', (sql, expected) => {
  expect(splitStatements(sql)).toEqual(expected);
});
