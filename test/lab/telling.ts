/** Words of the faults' names, and of how they are made: no agent may read one. */
export const TELLING = /\b(bad|leak\w*|burn\w*|burst\w*|exhaust\w*|filling|surge\w*|innocent\w*|fault\w*|disturb\w*|inject\w*|stage\w*|replay\w*|lab|kept\w*|computing\w*)\b/i // prettier-ignore
