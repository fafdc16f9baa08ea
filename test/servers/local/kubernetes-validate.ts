import { readFileSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, cached } from './cache.ts'

const requirements = new URL('kubernetes-validate/requirements.txt', import.meta.url)

/** The schemas of Kubernetes' own kinds, and a command that holds manifests against them without a network. */
export const kubernetesValidate = cached('kubernetes-validate', readFileSync(requirements, 'utf8'), async (folder) => {
  await copyFile(requirements, join(folder, 'requirements.txt'))
  await build(['python3', '-m', 'venv', '.'], folder)
  await build([join(folder, 'bin', 'python'), '-m', 'pip', 'install', '-q', '-r', 'requirements.txt'], folder)
})
