import { testGoldenCases } from './golden.ts';

testGoldenCases(0);
