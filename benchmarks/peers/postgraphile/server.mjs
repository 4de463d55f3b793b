// PostGraphile 5 (preset amber) over the benchmark's database, as cloison_gateway. Who a token is, is read once from
// MEMBERS (a JSON file): that is less than a real server does, which verifies the token and looks the member up.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { pgSmartTags } from "postgraphile/utils";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";

const members = new Map(
  Object.entries(JSON.parse(readFileSync(process.env.MEMBERS, "utf8"))).map(([token, settings]) => [
    `Bearer ${token}`,
    { pgSettings: settings },
  ]),
);

// The preset calls a column `id` rowId, which is what a column `row_id` would be called.
const otherNames = pgSmartTags([
  { kind: "attribute", match: (attribute) => attribute.attname === "row_id", tags: { name: "about_row" } },
]);

const preset = {
  extends: [PostGraphileAmberPreset, PostGraphileConnectionFilterPreset],
  plugins: [otherNames],
  // Filters and orders on every column, as Cloison has them: most are not the first of an index.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["crm", "bench"],
      poolConfig: { max: Number(process.env.POOL_MAX), min: 0, idleTimeoutMillis: 600000 },
    }),
  ],
  grafast: {
    context(request) {
      const member = members.get(request.http?.getHeader("authorization"));
      if (member === undefined) throw new Error("no such member");
      return member;
    },
  },
  grafserv: { graphiql: false, watch: false, websockets: false },
};

const pgl = postgraphile(preset);
const server = createServer();
server.keepAliveTimeout = 75000;
await pgl.createServ(grafserv).addTo(server);
await pgl.getSchema();
if (process.argv[2] === "--schema") {
  const { printSchema } = await import("postgraphile/graphql");
  console.log(printSchema(await pgl.getSchema()));
  process.exit(0);
}
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("ready"));
