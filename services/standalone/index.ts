export { runStandalone } from './standalone-service.ts';
