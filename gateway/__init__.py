"""The edge: settings, authentication, the GraphQL view and its limits, and the embedded database."""
