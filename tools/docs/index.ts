export { type GeneratedPage, pages } from './pages.ts';
