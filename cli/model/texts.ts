/** Messages of `sre model`. */
import { both, type Texts } from '../../gateway/present/texts.ts'
import type { Ability } from '../../model/check.ts'
import type { Usage } from '../../model/model.ts'

export const abilities: Readonly<Record<Ability, Texts>> = {
  answer: both('answers, streamed', '以串流回答'),
  chinese: both('answers in Chinese', '以中文回答'),
  structured: both('answers in a given schema', '依指定的 schema 回答'),
  tools: both('uses a tool', '使用工具'),
  continues: both('goes on with what the tool said', '依工具的結果繼續'),
  cached: both('takes a long input, and reads it from the cache', '接受長輸入，並從快取讀取'),
}

export const texts = {
  able: both('yes', '可以'),
  unable: both('no', '不行'),
  usage: ({ input, output, cache_read: read, cache_write_5m: short, cache_write_1h: long }: Usage) =>
    both(
      `tokens: ${input} input, ${output} output, ${read} read from the cache, ${short + long} written to it; the cost is unknown: there is no price list`,
      `token：輸入 ${input}，輸出 ${output}，讀取快取 ${read}，寫入快取 ${short + long}；費用未知：沒有價目表`,
    ),
  failed: both('the model could not be asked', '無法詢問模型'),
  lacking: both('the model cannot do all of it', '模型無法完成所有項目'),
}
