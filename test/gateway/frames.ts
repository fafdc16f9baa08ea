/** Reads the frames of an event stream; each must be as the document says. */
import { expectDescribedEvent } from './described.ts'

export interface Frame {
  id: string
  event: string
  data: Record<string, unknown>
}

export async function* framesOf(response: Response): AsyncGenerator<Frame> {
  let text = ''
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1]
      const [id, event, data] = [field('id'), field('event'), field('data')]
      if (id === undefined || event === undefined || data === undefined) continue
      expectDescribedEvent(event, JSON.parse(data))
      yield { id, event, data: JSON.parse(data) }
    }
  }
}
