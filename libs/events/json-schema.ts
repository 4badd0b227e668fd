import { z } from 'zod';
import { factSchema } from './fact.ts';

/** JSON Schema (draft 2020-12) of what `POST /v1/facts` takes, one fact; nulls, which are dropped, aside. */
export function factJsonSchema(): object {
  const schema = z.toJSONSchema(factSchema, { target: 'draft-2020-12', io: 'input' });
  return {
    ...schema,
    title: 'Evenkeel fact',
    description: 'One thing that one producer reported once. A field that is null counts as left out.',
  };
}
