export {
  type ErrorCode,
  type ErrorDefinition,
  EvenkeelError,
  type ExitReason,
  errorCatalogue,
  exitCatalogue,
  type FieldProblem,
  type ProblemDetails,
  StartError,
} from './errors.ts';
