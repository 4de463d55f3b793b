// Puts GraphiQL on the page. The token lives in this tab alone (session storage), never in an address: addresses are
// kept in histories and logs. A header typed into GraphiQL's own Headers tab goes before it.
"use strict";

const form = document.getElementById("identity");
const token = document.getElementById("token");
const account = document.getElementById("account");
const state = document.getElementById("state");
const root = ReactDOM.createRoot(document.getElementById("graphiql"));

const FIRST_QUERIES = [
  `# Who you are, and what you may do.
query Viewer {
  viewer {
    user { name }
    account { name }
    role
    capabilities {
      module
      actions { action scopes }
    }
  }
}
`,
  `# The newest deals that you may see.
query Deals {
  deals(first: 5) {
    totalCount
    nodes {
      id
      name
      stage
      amountCents
      owner { name }
      access { canUpdate canDelete }
    }
  }
}
`,
];

// Headers compares names without regard to case, so that one typed in lower case replaces ours.
function headers(given) {
  const found = new Headers();
  if (token.value) found.set("Authorization", "Bearer " + token.value.replace(/^Bearer\s+/i, "").trim());
  if (account.value) found.set("X-Cloison-Account", account.value.trim());
  for (const [name, value] of Object.entries(given || {})) if (value !== "") found.set(name, value);
  return found;
}

let generation = 0;

// A new key makes GraphiQL anew, and so it asks for the schema again, as whom the token names.
function render() {
  state.textContent = token.value ? "" : "Paste a token to load the schema.";
  const fetcher = GraphiQL.createFetcher({
    url: "/graphql",
    fetch: (url, options) => fetch(url, { ...options, credentials: "omit", headers: headers(options.headers) }),
  });
  generation += 1;
  root.render(
    React.createElement(GraphiQL, {
      key: generation,
      fetcher,
      defaultTabs: FIRST_QUERIES.map((query) => ({ query })),
      defaultEditorToolsVisibility: true,
      shouldPersistHeaders: false,
    }),
  );
}

token.value = sessionStorage.getItem("cloison.token") || "";
account.value = sessionStorage.getItem("cloison.account") || "";

form.addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("cloison.token", token.value);
  sessionStorage.setItem("cloison.account", account.value);
  render();
});

render();
