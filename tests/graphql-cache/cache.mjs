// Runs operations through a normalised cache: node cache.mjs URL SCHEMA, the token in the environment, the operations as
// JSON on the standard input. Prints what each answered, and how many requests it made.
import { readFileSync } from "node:fs";
import { createClient, fetchExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { buildSchema, introspectionFromSchema } from "graphql";

const [url, contract] = process.argv.slice(2);
const authorization = `Bearer ${process.env.TOKEN}`;
const schema = introspectionFromSchema(buildSchema(readFileSync(contract, "utf8")));

// What has no id is part of what it stands in.
const embedded = schema.__schema.types.filter(
  ({ kind, name, fields }) =>
    kind === "OBJECT" && !name.startsWith("__") && !["Query", "Mutation"].includes(name) && !fields.some((field) => field.name === "id"),
);
const keys = Object.fromEntries(embedded.map(({ name }) => [name, () => null]));

let requests = 0;
const counting = (input, init) => {
  requests += 1;
  return fetch(input, init);
};
const client = createClient({
  url,
  fetch: counting,
  fetchOptions: { headers: { authorization } },
  preferGetMethod: false,
  exchanges: [cacheExchange({ schema, keys }), fetchExchange],
});

const answers = [];
for (const { text, variables, policy } of JSON.parse(readFileSync(0, "utf8"))) {
  const before = requests;
  const run = text.trimStart().startsWith("mutation") ? "mutation" : "query";
  const { data, error } = await client[run](text, variables ?? {}, { requestPolicy: policy ?? "cache-first" }).toPromise();
  answers.push({ data: data ?? null, error: error?.message ?? null, requests: requests - before });
}
console.log(JSON.stringify(answers));
