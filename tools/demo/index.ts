export { type Demo, tellDemo } from './demo.ts';
