/** Adds hints to error messages of kafkajs and brokers that do not say what to do. */
import { messageOf } from '../bus.ts'

export function inWords(error: unknown): string {
  const message = messageOf(error).replace(NO_TOPIC, 'a topic is missing: create it with sre topics apply')
  const hint = HINTS.find(([pattern]) => pattern.test(message))?.[1]
  return hint === undefined ? message : `${message} (${hint})`
}

/** The brokers' message about a topic that does not exist. */
const NO_TOPIC = 'This server does not host this topic-partition'

const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /group coordinator/i,
    'the client also says this if its principal has no ACL for the group: sre topics apply --acls',
  ],
  [/replication.factor/i, 'the cluster has fewer brokers than that: sre topics apply --replicas N'],
  [/not authorized|authorization failed/i, 'its principal lacks an ACL: sre topics apply --acls'],
  [
    /SASL .{0,80}authentication failed|invalid credentials/i,
    'check KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM',
  ],
  [/mechanism is not supported/i, 'set KAFKA_SASL_MECHANISM to one that the brokers offer on this port'],
  [/current SASL state/i, 'this port does not use SASL: unset KAFKA_SASL_MECHANISM, or use the port that does'],
  [/altnames/i, 'KAFKA_BROKERS, and what the brokers advertise, must be names in their certificate'],
  [/certificate has expired/i, "the brokers' certificate, or the CA's, must be renewed"],
  [/self-signed certificate|unable to (get|verify)/i, 'set KAFKA_CA_FILE to the CA of the brokers'],
  [/alert certificate required/i, 'the brokers want a client certificate: set KAFKA_CERT_FILE and KAFKA_KEY_FILE'],
  [/alert .{0,80}certificate|alert unknown ca/i, 'the brokers refuse the certificate in KAFKA_CERT_FILE'],
  [
    /before secure TLS|wrong version number|packet length too long/i,
    'does this port speak TLS? Otherwise unset KAFKA_SSL and the files',
  ],
  [
    /closed connection|socket hang up|ECONNRESET|EPIPE/i,
    'brokers that want TLS, SASL or a client certificate close the connection without an error: KAFKA_SSL, KAFKA_SASL_MECHANISM, KAFKA_CERT_FILE',
  ],
]
