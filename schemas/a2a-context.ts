/** Key in the `context` of a request: the context by which the client of A2A groups its tasks. */
export const CONTEXT_ID = 'a2a_context_id'
