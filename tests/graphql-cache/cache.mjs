// Runs operations through normalised caches: node cache.mjs URL SCHEMA, the token in the environment, on the standard input
// a list of operations for each cache as JSON. Prints what each answered, and how many requests it made.
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

// Each front end begins with an empty cache.
const answers = [];
for (const steps of JSON.parse(readFileSync(0, "utf8"))) {
  let requests = 0;
  const client = createClient({
    url,
    fetch: (input, init) => {
      requests += 1;
      return fetch(input, init);
    },
    fetchOptions: { headers: { authorization } },
    preferGetMethod: false,
    exchanges: [cacheExchange({ schema, keys }), fetchExchange],
  });
  const found = [];
  for (const { kind, text, policy } of steps) {
    const before = requests;
    const { data, error } = await client[kind](text, {}, { requestPolicy: policy }).toPromise();
    found.push({ data: data ?? null, error: error?.message ?? null, requests: requests - before });
  }
  answers.push(found);
}
console.log(JSON.stringify(answers));
