/** Finds the cluster as kubectl does: KUBECONFIG, ~/.kube/config, or the service account of the pod. */
import { KubeConfig } from '@kubernetes/client-node'
import { type Cluster, clusterOf } from './cluster.ts'

/** Throws if none is configured: the client would fall back to localhost:8080. */
export function clusterIn(): Cluster & { server: string } {
  const config = new KubeConfig()
  config.loadFromDefault()
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new Error('the kubeconfig has no current context')
  if (cluster.name === FALLBACK.name && cluster.server === FALLBACK.server) throw new Error('there is no kubeconfig')
  return { ...clusterOf(config), server: cluster.server }
}

/** the client's default without a kubeconfig */
const FALLBACK = { name: 'cluster', server: 'http://localhost:8080' }
