/** Whether a source answers at all: any answer but a server error within 2 s. What it may be asked is another question. */
export const httpProbe = (url: string) => async (): Promise<boolean> => {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(2000) })
  await response.body?.cancel()
  return response.status < 500
}
