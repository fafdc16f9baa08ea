/** Messages of `sre connect`. */
import { both } from '../../gateway/present/texts.ts'

export const connecting = {
  port: (host: string, port: number, code: string) =>
    both(
      `${host}:${port} cannot be opened (${code}). Choose another address or port: CONNECT_HOST, CONNECT_PORT`,
      `無法開啟 ${host}:${port}（${code}）。請改用其他位址或連接埠：CONNECT_HOST、CONNECT_PORT`,
    ),
  cluster: (why: string) =>
    both(
      `no Kubernetes cluster to read: ${why}. Name a kubeconfig in KUBECONFIG, or run in a pod with a service account`,
      `沒有可讀取的 Kubernetes 叢集：${why}。請以 KUBECONFIG 指定 kubeconfig，或在具有 service account 的 Pod 中執行`,
    ),
}
