import { testGoldenCases } from './golden.ts';

testGoldenCases(1);
