/** The lines of a stream of bytes. Throws if one is longer than `longest` characters. */
export async function* lines(chunks: AsyncIterable<Uint8Array>, longest: number): AsyncIterable<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    if (rest.length > longest) throw new Error(`a line is longer than ${longest} characters`)
    for (const line of parts) if (line.trim() !== '') yield line
  }
  // a truncated last line is not a document
}
