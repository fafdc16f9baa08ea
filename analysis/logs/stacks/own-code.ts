/** Distinguishes frames of a service's own code (`in_app` in Sentry) from runtimes, frameworks and drivers. */

/** The module or class loader before a Java class: `java.base/`, `app//`. */
const LOADER = /^[\w.@-]{0,80}\/\/?(?=[a-z])/

const JAVA =
  /^(?:javax?|jakarta|jdk|sun|kotlinx?|scala|groovy|clojure|akka|play\.(?:api|core|mvc)|zio|cats|reactor|rx|feign|okhttp3|okio|retrofit2|oracle|weblogic|redis\.clients|software\.(?:amazon|aws)|graphql|ch\.qos|dev\.failsafe|net\.(?:sf|sourceforge|bytebuddy|snowflake|logstash|jodah|ttddyy|minidev)|org\.(?:apache|aspectj|asynchttpclient|axonframework|bouncycastle|bson|camunda|codehaus|conscrypt|drools|duckdb|eclipse|ehcache|elasticsearch|firebirdsql|flywaydb|glassfish|graalvm|h2|hibernate|hsqldb|infinispan|influxdb|jboss|jdbi|jetbrains|joda|jooq|json|junit|keycloak|liquibase|mariadb|mockito|mongodb|mybatis|neo4j|opensearch|postgresql|quartz|reactivestreams|redisson|rocksdb|slf4j|springdoc|springframework|sqlite|testcontainers|thymeleaf|typelevel|w3c|wildfly|xerial|xml|xnio|yaml)|com\.(?:alibaba|aliyun|amazon|amazonaws|apollographql|atomikos|auth0|azure|baomidou|clickhouse|codahale|couchbase|datadog|datastax|dynatrace|esotericsoftware|facebook|fasterxml|google|googlecode|graphql|hazelcast|ibm|impossibl|informix|jayway|launchdarkly|lightbend|lmax|mchange|microsoft|mongodb|mysql|netflix|newrelic|nimbusds|ning|okta|oracle|p6spy|rabbitmq|sap|simba|singlestore|snowflake|squareup|stripe|sun|sybase|teradata|tencent|twilio|twitter|typesafe|vertica|zaxxer|github\.benmanes)|io\.(?:agroal|airlift|asyncer|awspring|camunda|confluent|debezium|dropwizard|ebean|fabric8|grpc|helidon|jaegertracing|javalin|jsonwebtoken|ktor|kubernetes|lettuce|micrometer|micronaut|minio|nats|netty|opencensus|opentelemetry|opentracing|projectreactor|prometheus|quarkus|r2dbc|reactivex|rsocket|sentry|smallrye|swagger|temporal|trino|undertow|vertx|zipkin))\./
const GENERATED = /\$\$(?:FastClassBy|EnhancerBy|SpringCGLIB|Lambda)|\$Proxy\d/
const NET =
  /^(?:System|Microsoft|Amazon|Autofac|AutoMapper|Azure|Castle|Confluent|Dapper|Elastic|Elasticsearch|FluentValidation|Google|Grpc|Hangfire|MassTransit|MediatR|MongoDB|MySql|MySqlConnector|Newtonsoft|NHibernate|Npgsql|NServiceBus|OpenTelemetry|Oracle|Polly|Quartz|RabbitMQ|Refit|Serilog|StackExchange|Swashbuckle)\.|^lambda_method/
const SCRIPTS =
  /\bnode:|node_modules|\.yarn\/|^internal\/|\(internal\/|^<anonymous>|\(<anonymous>\)|^native|\(native\)|site-packages|dist-packages|\/usr\/lib\/|lib\/python|^<frozen |^<string>/
/** With and without build paths (`-trimpath`). */
const GO =
  /\/go(?:-?[\d.]+)?\/src\/(?:runtime|net|internal|database|testing|sync|reflect)\/|\/usr\/local\/go\/|\/libexec\/src\/|\/pkg\/mod\/|@v\d|\/vendor\/|^(?:runtime|net|database|encoding|reflect|sync|context|testing|syscall|crypto|html|text|bufio|io|os)\//
const RUST = /^\/rustc\/|\.cargo\/registry|\/rustlib\//

const KINDS = [JAVA, GENERATED, NET, SCRIPTS, GO, RUST]
/** Line and column, as in JavaScript, where file names can look like anything. */
const PLACED = /:\d+:\d+\)?$/

export function isOwn(frame: string): boolean {
  if (PLACED.test(frame)) return !SCRIPTS.test(frame) && !RUST.test(frame)
  const named = frame.replace(LOADER, '')
  return !KINDS.some((kind) => kind.test(named) || kind.test(frame))
}

/** The first two parts of a Java package, such as `com.acme.`, which identify the owner. */
export const familyOf = (frame: string): string | undefined =>
  /^(?:[a-z_]\w{0,60}\.){2}/.exec(frame.replace(LOADER, ''))?.[0]
