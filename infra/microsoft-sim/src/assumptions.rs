//! What the simulator does where the real behaviour is not known for certain.
//!
//! One row per behaviour. Code that relies on a row names it in a comment, and
//! a test holds comments and rows together; those of the Activity API stand with it
//! (`activity/assumptions.rs`). No client should be judged by one
//! of these rows alone.

/// A behaviour that is assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assumption {
    /// How comments refer to the row.
    pub name: &'static str,
    /// What the simulator does.
    pub behaviour: &'static str,
    /// Why this and not another.
    pub reason: &'static str,
}

pub(crate) const fn row(
    name: &'static str,
    behaviour: &'static str,
    reason: &'static str,
) -> Assumption {
    Assumption {
        name,
        behaviour,
        reason,
    }
}

/// Every assumption of the authority.
pub const ASSUMPTIONS: &[Assumption] = &[
    row(
        "status-and-error",
        "HTTP 400 where no status is documented; 401 and invalid_client where the client's own \
         proof fails; a failure of the simulator itself is temporarily_unavailable under 503",
        "400 is the documented default, 401 was observed for invalid_client; the status of \
         temporarily_unavailable is remembered, not verified",
    ),
    row(
        "standing-before-proof",
        "a missing or disabled service principal is reported before the client's proof is checked",
        "the key is registered at the application, which has to be found first",
    ),
    row(
        "key-identifier-is-thumbprint",
        "a registration whose customKeyIdentifier is not the certificate's SHA-1 is not taken",
        "the service may take any text there; a mistake in it should be seen at once",
    ),
    row(
        "key-without-certificate",
        "keys are published with n and e and without x5c; kid and x5t are the SHA-1 of the public \
         key",
        "clients need n and e; the real x5t is that of a certificate, which nothing here has",
    ),
    row(
        "any-algorithm-with-any-thumbprint",
        "RS256 and PS256 are both accepted with x5t and with x5t#S256; every other algorithm is \
         5002738, RS384 and RS512 among them",
        "SDKs send RS256 with x5t and PS256 with x5t#S256; nothing is known against the other pairs. \
         5002738 is observed, once in words that call RS384 and RS512 supported: no SDK sends them",
    ),
    row(
        "assertion-audience",
        "aud must be the v1 or v2.0 token URL of the addressed tenant or alias at this base URL; \
         either is taken at either endpoint, the issuer form is not",
        "both URLs are used in production; the issuer form and other hosts are unverified",
    ),
    row(
        "five-minutes-skew",
        "nbf and exp are checked with 300 seconds of tolerance",
        "commonly said, documented nowhere",
    ),
    row(
        "one-credential",
        "a request with a secret and an assertion is refused with 9002313",
        "RFC 6749 §2.3 forbids it; a lenient answer would hide a client's mistake",
    ),
    row(
        "client-id-is-sent",
        "client_id is required even where an assertion carries it",
        "said to be optional on v2.0; every SDK sends it",
    ),
    row(
        "basic-authentication",
        "Authorization: Basic is taken as a client secret, both halves form-urlencoded; a \
         client_id in the form too must be the same; a malformed header is 9002313",
        "documented prose allows Basic without its details: these are RFC 6749 §2.3.1's",
    ),
    row(
        "alias-is-no-tenant",
        "client credentials at /common, /organizations and /consumers are refused with 50059",
        "50059 is reported for common and organizations, and so is a token for a guessed tenant; \
         the published list has 9001023 for common and consumers; nobody reports consumers",
    ),
    row(
        "id-token-signature",
        "v1 ID tokens are always unsigned, v2.0 ones always RS256",
        "the v1 page calls its ID token unsigned; what the live service sends is not verified",
    ),
    row(
        "no-refresh-grant",
        "refresh tokens are issued where the real endpoint does, but not redeemed: 70003",
        "app-only clients never use them",
    ),
    row(
        "changed-redirect-uri",
        "a redemption with another redirect URI than the sign-in's is invalid_grant with 500112",
        "seen in error texts, missing in the published list",
    ),
    row(
        "state-without-html",
        "the authorize endpoint takes everything from a < to the next > out of state; a < \
         without a > stays, and admin consent returns state as it was sent",
        "documented is only that HTML is stripped by the authorize endpoint, not how",
    ),
    row(
        "single-tenant-elsewhere",
        "a single-tenant application is refused at another tenant's pages with 700016",
        "650059 exists for it too; which comes when is not documented",
    ),
    row(
        "redirect-uri-match",
        "the redirect URI must equal a registered one to the letter, but for the port of localhost; \
         the port of 127.0.0.1 counts; without one the first registered is used",
        "documented is the port of localhost and the case of the path; of several registered ones \
         the service picks any when none is sent",
    ),
    row(
        "authorize-errors-go-back",
        "once the redirect URI is known, faults of an authorize request go back to it as RFC 6749 \
         §4.1.2.1 says",
        "the service shows a page for some of them; which is not documented",
    ),
    row(
        "error-pages-are-400",
        "error pages have HTTP status 400",
        "undocumented; a script should see that something failed",
    ),
    row(
        "v2-sign-in-grants-no-roles",
        "a v2.0 sign-in makes a service principal and can grant delegated scopes, never \
         application roles, not even with .default",
        "only adminconsent with .default is documented to grant application roles; Microsoft once \
         said that a sign-in with .default can too, under conditions that are not known in full",
    ),
    row(
        "delegated-scopes-need-admin",
        "every delegated scope but Graph's User.Read needs an admin",
        "true of the management API's; Graph's other scopes differ one by one",
    ),
    row(
        "scopes-mirror-roles",
        "a registration that requires a role requires the delegated scope of the same name; scopes \
         can be required without a role, roles not without the scope",
        "the management API uses one GUID for both, and its guide advises to require both; who \
         requires the scopes alone is to see what that leads to",
    ),
    row(
        "adminconsent-refuses-common",
        "v2.0 adminconsent at /common is refused with 9001023",
        "documented to want a tenant or organizations; the code is a guess by meaning",
    ),
    row(
        "adminconsent-v1-error",
        "an error of the v1 adminconsent endpoint is permission_denied without state",
        "the documented example has these two parameters only",
    ),
    row(
        "consent-race",
        "while a service principal is being made (the fault consent_race), an Accept that grants \
         something grants nothing and comes back as invalid_client with 650051, from authorize \
         and from adminconsent",
        "reports of the first attempt in a tenant, which clears in 8 to 30 seconds; at which of \
         the pages it comes, and what is granted meanwhile, is not documented",
    ),
    row(
        "adminconsent-takes-one-default",
        "one .default on adminconsent grants every registered permission of every API; a request \
         with several is refused with 700022, on a page",
        "the first half is documented, several are not: a lenient answer would hide that a client \
         relies on them",
    ),
    row(
        "names-of-permissions",
        "the pages call permissions by names that are remembered, and every publisher unverified",
        "the names are Microsoft's and change; they are there for pictures, and no client reads them",
    ),
    row(
        "region-of-a-tenant",
        "a tenant's discovery documents carry tenant_region_sub_scope GCC, DODCON or DOD by its \
         plan, which the fault region_sub_scope sets, and no such field for commercial plans",
        "seen in recorded documents and read so by others' scripts; not documented",
    ),
    row(
        "failed-redemption-keeps-code",
        "a redemption that is refused leaves the code redeemable",
        "undocumented; a client that repairs its request may try again",
    ),
    row(
        "plain-user-cannot-consent",
        "a plain user's Accept comes back from the v1 page as access_denied with error_subcode \
         cancel and 90094, from v2.0 adminconsent as consent_required with 65001; under the fault \
         need_admin_approval it does not come back at all",
        "the errors are documented or observed, the numbers are chosen by their meaning; that \
         Microsoft's page can be the end of it is inferred",
    ),
    row(
        "throttled-code",
        "the fault throttle answers 429 to a code redemption as to any request",
        "flows with a person are documented to be throttled with invalid_grant and 50196, which \
         is the fault loop_detected; a gateway may still answer 429",
    ),
    row(
        "code-bound-to-version",
        "a code is redeemed at the version of the endpoint that issued it, else 70000",
        "mixing versions is undocumented; a lenient answer would hide a client's mistake",
    ),
    row(
        "pkce",
        "a verifier without a challenge is refused like a challenge without a verifier: 501481",
        "against downgrade, as RFC 9700 §4.8.2 asks; the codes are the published list's",
    ),
    row(
        "v1-code-needs-resource",
        "a v1 code without resource at sign-in and at redemption is refused with 900144",
        "the service falls back to a directory API that no longer exists",
    ),
    row(
        "v1-ext-expires-in",
        "v1 answers carry ext_expires_in as \"0\"",
        "seen so in one sample, absent in others",
    ),
    row(
        "app-token-claims",
        "app-only tokens carry idtyp=app, aio, rh, uti and wids with one GUID that is no role",
        "seen in tokens of Graph and of custom APIs; of the management API none is shown",
    ),
    row(
        "no-wids-in-access-tokens",
        "access tokens of a person carry no wids",
        "the client's groupMembershipClaims shapes its own ID tokens; the resource's shape these",
    ),
    row(
        "default-user-role",
        "wids of an admin is Global Administrator and the default user role; of a user the latter",
        "seen in tokens, not documented",
    ),
    row(
        "keys-only-on-select",
        "Graph shows the key of a key credential only where $select names keyCredentials",
        "Microsoft's page on keyCredential says so of a single object; not tried",
    ),
    row(
        "reading-needs-a-role",
        "an application reads itself at Graph with Application.Read.All or an Application.ReadWrite \
         role; for addKey and removeKey its own token without any role will do",
        "the pages list these roles for reading, and say that an application needs no permission \
         to roll its own keys",
    ),
    row(
        "proof-with-skew",
        "a proof of possession has nbf and exp at most ten minutes apart, with five minutes of \
         skew at both ends; the object ID as issuer",
        "the page says ten minutes and the application's id; the skew is that of assertions",
    ),
    row(
        "same-key-twice",
        "addKey of a certificate that is registered already is refused with 400",
        "nothing is said of it; a client that relies on another answer should be seen at once",
    ),
    row(
        "unknown-key-is-not-found",
        "removeKey of a keyId that is not registered is 404",
        "nothing is said of it",
    ),
];
