//! The catalogue: every cause with its class, whose turn it is, what happened and what
//! to do. Written once, here; the consent pages, the vending endpoint's
//! `error_description`, the logs and the operator's tool all take their words from it.
//! The AADSTS numbers behind a cause stand in `shared/microsoft/src/entra/aadsts.rs`.

use super::fault::{Class, Fault};

macro_rules! cause_codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $class:ident, $fault:ident,
        $happened:literal, $next:literal;)+) => {
        /// A stable code for a cause.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CauseCode { $($(#[$doc])* $variant),+ }

        impl CauseCode {
            /// Every code, for documents and tests.
            pub const ALL: &[CauseCode] = &[$(CauseCode::$variant),+];

            /// The code in answers, logs and the table.
            pub fn as_str(self) -> &'static str {
                match self { $(CauseCode::$variant => $text),+ }
            }

            /// What kind of trouble it is.
            pub fn class(self) -> Class {
                match self { $(CauseCode::$variant => Class::$class),+ }
            }

            /// Whose turn it is.
            pub fn fault(self) -> Fault {
                match self { $(CauseCode::$variant => Fault::$fault),+ }
            }

            /// What happened, in one or two sentences.
            pub fn what_happened(self) -> &'static str {
                match self { $(CauseCode::$variant => $happened),+ }
            }

            /// What to do next, in one or two sentences.
            pub fn next_step(self) -> &'static str {
                match self { $(CauseCode::$variant => $next),+ }
            }
        }
    };
}

// Of a tenant and its consent.
cause_codes! {
    /// The application is not known or not consented to in the tenant (700016, 65001, 7000229).
    NotConsented = "not_consented", Consent, Customer,
        "The organisation has not granted this application its permissions, or has taken them back.",
        "An admin of the tenant opens the consent link and accepts.";
    /// The admin pressed Cancel, or may not consent.
    ConsentDeclined = "consent_declined", Consent, Customer,
        "Microsoft's page was answered with Cancel, or the account may not accept.",
        "Start again and accept, signed in as an admin who may grant permissions for the whole organisation.";
    /// The customer disabled our application (7000112).
    ApplicationDisabled = "application_disabled", Consent, Customer,
        "The application is disabled in the organisation.",
        "An admin of the tenant enables the enterprise application again.";
    /// A token came, but without the application permissions that we need.
    RolesMissing = "roles_missing", Consent, Customer,
        "Microsoft gives a token for the organisation, but without the permissions that are needed.",
        "An admin of the tenant opens the consent link and accepts; a grant made minutes ago may still be on its way.";
    /// Delegated permissions came where application permissions are needed.
    DelegatedOnly = "delegated_only", Held, Ours,
        "The permission was granted in its delegated form only; the application form is missing.",
        "The operator adds the permission under Application permissions in the registration; then an admin of the tenant consents again.";
    /// The tenant has no such API: no subscription, or disabled (500011, 500014, 650052; 65005
    /// at the browser).
    ResourceMissing = "resource_missing", Consent, Customer,
        "The Microsoft API that was asked for is not available in the organisation: it has no licence for it, or the API is disabled there.",
        "The tenant needs a subscription that includes the requested API.";
    /// The directory does not exist, or no longer does (90002).
    TenantNotFound = "tenant_not_found", Tenant, Customer,
        "There is no such directory.",
        "Check the tenant ID; a deleted directory has to be removed here too.";
    /// The tenant lives in another of Microsoft's clouds (900439, 90038).
    WrongCloud = "wrong_cloud", Tenant, Customer,
        "The directory lives in another of Microsoft's clouds.",
        "Connect the tenant under the cloud that it lives in.";
    /// Microsoft blocked the directory or took it out of service (5000224, 5000225).
    TenantInactive = "tenant_inactive", Tenant, Customer,
        "Microsoft has blocked the organisation's directory, for instance because it was not used for long, or has taken it out of service.",
        "An admin of the organisation asks Microsoft to open the directory again; one that is gone for good has to be removed here too.";
    /// The tenant's own metadata say GCC High (`tenant_region_sub_scope` is DODCON).
    InGccHigh = "in_gcc_high", Held, Ours,
        "The organisation lives in GCC High, a cloud of the US government. This service is registered in another cloud and cannot be connected to it.",
        "The operator needs a registration and a deployment of its own in GCC High (ENTRA_CLOUD=gcc-high), and sends a link from there.";
    /// The tenant's own metadata say DoD (`tenant_region_sub_scope` is DOD).
    InDod = "in_dod", Held, Ours,
        "The organisation lives in the cloud of the US Department of Defense. This service is registered in another cloud and cannot be connected to it.",
        "The operator needs a registration and a deployment of its own in that cloud (ENTRA_CLOUD=dod), and sends a link from there.";
    /// A policy of the customer blocked a person's sign-in (53003). Conditional Access does not
    /// reach the service principal of an application of several tenants.
    BlockedByPolicy = "blocked_by_policy", Consent, Customer,
        "A policy of the organisation, such as Conditional Access, blocked the sign-in or the application.",
        "An admin of the organisation finds the policy in the sign-in log, under users or service principals. A person who was stopped signs in as it asks, for instance from a managed device.";
    /// The operator holds the tenant back.
    Suspended = "suspended", Held, Ours,
        "The operator of this service has suspended the organisation.",
        "Ask the operator of this service; `operator tenants resume` lifts it.";
    /// The operator removed the tenant.
    Removed = "removed", Held, Ours,
        "The operator of this service has removed the organisation.",
        "To connect it again, an admin of the tenant opens a consent link (`operator tenants link` makes one).";
    /// The tenant belongs to another customer account.
    BoundToAnotherCustomer = "bound_to_another_customer", User, Customer,
        "The organisation is connected to another customer account already, or was before it was removed.",
        "Ask the operator of this service to move the tenant.";

    // Of a consent that was begun.

    /// The person who signed in cannot finish the sign-in (several codes).
    SignInFailed = "sign_in_failed", User, Customer,
        "The sign-in at Microsoft could not be finished with this account.",
        "Sign in again, with an account of the organisation that is to be connected.";
    /// A personal Microsoft account signed in (tenant 9188040d-…).
    PersonalAccount = "personal_account", User, Customer,
        "A personal Microsoft account signed in; only organisations can be connected.",
        "Start again and sign in with a work account of the organisation that is to be connected.";
    /// Who signed in may not grant the permissions.
    NotAnAdmin = "not_an_admin", User, Customer,
        "The account that signed in is not an admin who may grant these permissions for the whole organisation.",
        "If you hold such a role and have to activate it first (Privileged Identity Management), activate it and start again. Otherwise pass the link on to an admin of your organisation, for instance a Global Administrator.";
    /// The sign-in does not show directory roles and no invite names the tenant.
    AdminNotProven = "admin_not_proven", Held, Ours,
        "Microsoft's answer does not show whether the account is an admin.",
        "The operator sets groupMembershipClaims to DirectoryRole in the application's manifest, or sends an invite that names the tenant (`operator invite --tenant`).";
    /// Nobody may start without an invite.
    InviteNeeded = "invite_needed", User, Customer,
        "Organisations are connected here by invitation only.",
        "Ask the company that sent you here for an invite link.";
    /// The invite is not one of ours.
    InviteUnknown = "invite_unknown", User, Customer,
        "This invite link is not known: it was cut off on the way, or it is older than we keep invites.",
        "Copy the whole link from the message that you got, or ask for a new one.";
    /// The invite's time is over.
    InviteExpired = "invite_expired", User, Customer,
        "This invite link has expired.",
        "Ask the company that sent you here for a new invite link.";
    /// A tenant was bound with the invite.
    InviteUsed = "invite_used", User, Customer,
        "This invite link was used already, and it works once.",
        "If that was you and the last page said Connected, there is nothing to do. Otherwise ask the company that sent it to you for a new link.";
    /// The sign-in was used with another invite.
    SignInUsed = "sign_in_used", User, Customer,
        "This sign-in was used with another link already, and it is good for one.",
        "Start again from the link that you want to use, and sign in once more.";
    /// The invite names another tenant than the one that signed in.
    InviteForAnotherTenant = "invite_for_another_tenant", User, Customer,
        "This invite link is for another organisation than the one that signed in.",
        "Start again and sign in with an account of the organisation that was invited.";
    /// The callback came without a state: consent that was granted in Microsoft's portal.
    NotStartedHere = "not_started_here", User, Customer,
        "Microsoft sent you here without anything having been started on our page, as its portal does after Grant admin consent.",
        "The grant itself is kept by Microsoft. To connect the organisation here, begin on the consent page.";
    /// The state is of another browser.
    OtherBrowser = "other_browser", User, Customer,
        "This step was begun in another browser, this browser keeps no cookies of this page, or it has begun many others since.",
        "Go on in the browser in which you began, or start again here with cookies allowed.";
    /// The attempt took too long.
    AttemptExpired = "attempt_expired", User, Customer,
        "More than ten minutes have passed since the last step.",
        "Start again from the beginning.";
    /// A result page that is older than a day.
    ResultExpired = "result_expired", User, Customer,
        "This page can be looked at for a day, and that day is over.",
        "What was connected stays connected. To see how it stands, ask the company that sent you here.";
    /// The step was done already.
    AttemptUsed = "attempt_used", User, Customer,
        "This step was done already, for instance before the page was reloaded.",
        "If you finished before, it still holds and you can close this window. Otherwise start again.";
    /// The state, the handle or the form is damaged or forged.
    StartAgain = "start_again", User, Customer,
        "The address or the form of this page is incomplete or was changed.",
        "If you finished before, it still holds. Otherwise start again from the consent page, in the same browser.";
    /// More requests than these pages take at once.
    TooManyRequests = "too_many_requests", Held, Ours,
        "More people use these pages at the moment than this service lets in at once.",
        "Nothing is lost. Wait a minute; then load this page again or, if you pressed a button, go back and press it once more.";
    /// The authorization code cannot be used (54005, 70008).
    CodeUnusable = "code_unusable", Code, Customer,
        "Microsoft's one-time code was used already or has expired.",
        "Start again from the consent page; do not reload the page that Microsoft sends you to.";
    /// The admin-consent answer names another tenant than the one that signed in.
    TenantMismatch = "tenant_mismatch", User, Customer,
        "The organisation that consented is not the one that signed in.",
        "Start again and use the same account for both of Microsoft's pages.";
    /// The account is of another directory, or a personal one (50020, 500200).
    AccountOfAnotherDirectory = "account_of_another_directory", User, Customer,
        "The account that signed in is not one of the organisation's directory.",
        "Start again and sign in with an account of that organisation; Microsoft's page offers it under Use another account.";
    /// A partner signed in before an admin of the customer's own has consented (90099).
    OwnAdminFirst = "own_admin_first", User, Customer,
        "A partner's admin signed in, and no admin of the organisation itself has accepted this application yet.",
        "An admin whose account is in the organisation's own directory opens the consent link and accepts; after that a partner can sign in too.";
    /// The tenant lets only assigned people or applications in (50105, 501051).
    AssignmentRequired = "assignment_required", User, Customer,
        "The organisation lets only those use this application who are assigned to it, and this account is not.",
        "In the Microsoft Entra admin center, under Enterprise applications, an admin assigns the account to the application or sets Assignment required to No; then start again.";
    /// An admin has to approve the application first (90095).
    ApprovalNeeded = "approval_needed", User, Customer,
        "The organisation wants an admin to approve this application first. Microsoft's page takes the request, or has taken it already.",
        "An admin approves the request in the Microsoft Entra admin center, or opens the consent link and accepts; then start again.";
    /// A consent policy, or Microsoft's check for risky applications (900941, 900981).
    ConsentBlocked = "consent_blocked", User, Customer,
        "A consent policy of the organisation, or Microsoft's check for risky applications, does not let this account accept.",
        "An admin who may grant permissions for the whole organisation, for instance a Global Administrator, opens the consent link, looks at the publisher and the permissions, and accepts.";
    /// `access_denied` with a number that we do not know.
    AccessRefused = "access_refused", User, Customer,
        "Microsoft refused access, for the reason that the AADSTS number below stands for.",
        "Look the number up at login.microsoftonline.com/error, or show it to an admin of the organisation; then start again.";
    /// The application's service principal is still being made in the tenant (the first 650051).
    StillSettingUp = "still_setting_up", Retry, Microsoft,
        "Microsoft is still setting up this application in your organisation, which usually takes less than half a minute.",
        "Wait half a minute; then go on to Microsoft once more and accept there.";
    /// The registration names a permission or an API that is gone (650051 again, 650054).
    PermissionOutOfDate = "permission_out_of_date", Held, Ours,
        "Microsoft does not accept a permission in this service's registration; usually it is one that has been retired.",
        "The operator opens the application's registration, API permissions, and removes what Microsoft no longer offers (for instance ActivityReports.Read); then an admin of the organisation starts again.";
    /// The registration is not known where the browser was sent (700011, 700016 at the browser).
    RegistrationUnknown = "registration_unknown", Held, Ours,
        "Microsoft does not know this service's application where the organisation signs in.",
        "The operator compares ENTRA_CLIENT_ID and ENTRA_CLOUD with the registration: it must be in this cloud and open to accounts in any organisation.";

    // Of our side and of Microsoft's.

    /// Entra ID refuses our certificate or secret (700027, 50012, 7000215).
    CredentialRefused = "credential_refused", Ours, Ours,
        "Microsoft does not accept the credential of this service.",
        "The operator compares the certificate in the secrets manager with the key credentials of the application.";
    /// Our clock and Entra ID's differ too much (700024).
    ClockSkew = "clock_skew", Ours, Ours,
        "The clock of this service and Microsoft's differ too much.",
        "The operator checks the clock of the machine that signs.";
    /// Entra ID finds our request or our registration at fault.
    RequestRefused = "request_refused", Ours, Ours,
        "Microsoft finds this service's request or registration at fault.",
        "The operator looks the AADSTS code up in the log and corrects the registration or the settings.";
    /// A token came that fails a check that it must pass.
    TokenInvalid = "token_invalid", Ours, Ours,
        "A token came that does not pass its checks, and was not believed.",
        "The operator looks at the log: a token did not pass its checks.";
    /// The signing key, a secret or the table cannot be had.
    BrokerUnavailable = "broker_unavailable", Ours, Ours,
        "A part of this service does not answer at the moment.",
        "Try again; if it lasts, the operator looks at the broker's log.";
    /// 429, or a loop that Entra ID stopped (50196).
    Throttled = "throttled", Throttle, Microsoft,
        "Microsoft asks this service to wait.",
        "Nothing to do: the broker waits for as long as Microsoft asks.";
    /// The certificate of the authority leads to no CA that is trusted here.
    AuthorityUntrusted = "authority_untrusted", Ours, Ours,
        "The certificate of Microsoft's sign-in service is not trusted here: a proxy that opens TLS has a CA of its own.",
        "The operator names that CA in EXTRA_CA_FILE.";
    /// The certificate of the authority has expired, or is for another name.
    AuthorityCertificateInvalid = "authority_certificate_invalid", Ours, Ours,
        "What answers in the place of Microsoft's sign-in service has a certificate that does not pass: it has expired, is for another name, or is not a server's.",
        "The operator checks ENTRA_AUTHORITY, the proxy and the machine's clock; `authority_unavailable` in the log says what is wrong with the certificate.";
    /// The name of the authority has no address.
    AuthorityUnresolved = "authority_unresolved", Ours, Ours,
        "The name of Microsoft's sign-in service cannot be resolved.",
        "The operator checks the network's DNS, the proxy and ENTRA_AUTHORITY.";
    /// Nothing listens at the authority, or no connection with TLS comes about.
    AuthorityUnreachable = "authority_unreachable", Ours, Ours,
        "No connection to Microsoft's sign-in service can be made: nothing listens there, or the network lets nothing through.",
        "The operator checks the network, the proxy and ENTRA_AUTHORITY.";
    /// Time-out, or a connection that broke.
    NoAnswer = "no_answer", Retry, Microsoft,
        "No complete answer came from Microsoft's sign-in service: the network on the way or the service itself is disturbed.",
        "The broker tries again. If it lasts and Microsoft reports no outage, the operator checks the network.";
    /// 5xx, or an answer that is not one.
    Unavailable = "unavailable", Retry, Microsoft,
        "Microsoft's sign-in service did not answer as it should.",
        "Nothing to do: the broker tries again.";
    /// The API refused a token that is a moment old.
    TokenRejected = "token_rejected", Retry, Caller,
        "The API refused this token although it was issued less than a minute ago.",
        "Ask again in a minute. If new tokens are refused as well, look at the API's own answer: a permission or a subscription is missing.";
    /// A refusal whose code we do not know: treated as passing, never as revoked.
    Unknown = "unknown", Retry, Microsoft,
        "Microsoft refused with a code that this service does not know.",
        "Copy the code, the time and the correlation ID to the operator; the broker tries again.";
}
