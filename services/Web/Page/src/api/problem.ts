/** What the exchange said when it did not do what was asked (RFC 9457), or that it could not be reached. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
    readonly reason: string,
    readonly fields: { field: string; description: string }[],
  ) {
    super(message);
  }

  /** Whether asking again can help without changing anything. */
  get isPassing(): boolean {
    return this.status === 0 || this.status >= 500 || this.status === 429;
  }
}

type Body = {
  title?: unknown;
  detail?: unknown;
  code?: unknown;
  reason?: unknown;
  errors?: unknown;
};

const upper = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function fieldsOf(errors: unknown): { field: string; description: string }[] {
  if (!Array.isArray(errors)) return [];
  return errors
    .filter((entry): entry is Record<string, unknown> => typeof entry === 'object' && entry !== null)
    .map((entry) => ({ field: text(entry.field), description: text(entry.description) }));
}

/** The problem that an answer tells, whatever its body holds. */
export function problemOf(status: number, body: unknown): ProblemError {
  const said: Body = typeof body === 'object' && body !== null ? body : {};
  const message = text(said.detail) || text(said.title) || `The exchange answered ${status} without saying why.`;
  // A market rule's refusal names its field at the beginning of the sentence.
  const named = /^([a-z]+(?:_[a-z]+)+|markets|kind): (.+)$/s.exec(message);
  const fields = fieldsOf(said.errors);
  if (!fields.length && named) fields.push({ field: named[1] ?? '', description: upper(named[2] ?? '') });
  return new ProblemError(named?.[2] ? upper(named[2]) : message, status, text(said.code), text(said.reason), fields);
}

/** Any failure as a problem: what fetch throws means that no answer came. */
export function asProblem(failure: unknown): ProblemError {
  if (failure instanceof ProblemError) return failure;
  return new ProblemError('The exchange did not answer. Check the connection and try again.', 0, 'UNREACHABLE', '', []);
}

/** What is wrong with one field of a form, and what is left that names no field shown. */
export function sortComplaints(failure: unknown, shown: readonly string[]): { fields: Record<string, string>; rest: string } {
  if (!failure) return { fields: {}, rest: '' };
  const problem = asProblem(failure);
  const fields: Record<string, string> = {};
  const rest: string[] = [];
  for (const { field, description } of problem.fields) {
    if (shown.includes(field)) fields[field] = fields[field] ? `${fields[field]} ${description}` : description;
    else rest.push(field ? `${field}: ${description}` : description);
  }
  if (problem.fields.length === 0) rest.push(problem.message);
  return { fields, rest: rest.join(' ') };
}
