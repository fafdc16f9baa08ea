import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/servers/setup.ts',
    // The first to ask for a server waits until it is up: the slowest takes half a minute on two busy cores.
    hookTimeout: 120_000,
    testTimeout: 60_000,
    allowOnly: false,
    passWithNoTests: false,
    coverage: {
      provider: 'v8',
      // What a test starts as a process of its own counts too, once that process has ended by itself.
      autoAttachSubprocess: true,
      include: ['**/*.ts'],
      exclude: ['test/**', 'bench/**', '**/*.generated.ts', '*.config.ts'],
      reporter: ['text-summary', 'html', 'json-summary'],
      thresholds: { lines: 85, branches: 85 },
    },
  },
})
