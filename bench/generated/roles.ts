/** What a node of a system is, and how the nodes lie. */
export type Role = 'balancer' | 'gateway' | 'service' | 'function' | 'worker' | 'queue' | 'cache' | 'database' | 'external' // prettier-ignore

export type Shape = 'tiers' | 'mesh' | 'tree' | 'functions' | 'pipeline' | 'hub' | 'few' | 'edge'
