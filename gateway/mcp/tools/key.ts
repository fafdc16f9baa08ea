/** As `Idempotency-Key` over HTTP; a pattern in the definition would be paid for in every conversation. */
export const isKey = (key: string): boolean => /^[ -~]{1,255}$/.test(key)
