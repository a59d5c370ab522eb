/** Whether a kernel has something, as it was asked. */

/** An answer of the running kernel. */
export interface Support {
  /** null: it cannot be told, because this process may not ask, or nothing tells. */
  readonly supported: boolean | null;
  /** Why not, or why it cannot be told: the kernel's own words where it has any. null when it is supported. */
  readonly reason: string | null;
}

/** It is there. */
export const yes: Support = { supported: true, reason: null };
/** It is not there. */
export const no = (reason: string): Support => ({ supported: false, reason });
/** It cannot be told. */
export const unknown = (reason: string): Support => ({ supported: null, reason });

/** Asks once: a kernel does not change while it runs. */
export function once(ask: (name: string) => Support): (name: string) => Support {
  const answers = new Map<string, Support>();
  return (name) => {
    const known = answers.get(name);
    if (known !== undefined) return known;
    const answer = ask(name);
    // What a lack of privileges hides may show later.
    if (answer.supported !== null) answers.set(name, answer);
    return answer;
  };
}
