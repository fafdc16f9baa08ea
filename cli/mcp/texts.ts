import { both } from '../../gateway/present/texts.ts'

export const mcp = {
  serving: both(
    'serving MCP on standard input and output, for an assistant that starts this command',
    '以標準輸入與輸出提供 MCP，供啟動此指令的助理使用',
  ),
} as const
