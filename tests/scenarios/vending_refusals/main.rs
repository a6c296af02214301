//! What the vending endpoint refuses, and how it says so. Each table runs against one
//! machine; each row states status and code, and that neither Entra ID was asked nor a
//! tenant changed.

mod batches;
mod bodies;
mod every_claim;
mod facts;
mod fields;
mod grants;
mod invites;
mod issuer;
mod listing;
mod look_alikes;
mod managed_identity;
mod methods;
mod no_policy;
mod paths;
mod places;
mod proofs;
mod propagating;
mod resources;
mod stage;
mod token_rows;
mod unknown_tenants;
mod wrong_route;
