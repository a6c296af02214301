//! The pages that a browser shows: sign-in, refusal, form post.
//!
//! Plain HTML that works without script; everything that came with a request is
//! escaped. Each page says that it is a simulation.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::directory::resources::display_name;
use crate::directory::tenants::{Person, Tenant};

/// Above this many tenants, one types the name instead of choosing it.
const LISTED_AT_MOST: usize = 50;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f3f2f1;color:#222}\
main{max-width:34rem;margin:3rem auto;padding:2rem;background:#fff;border:1px solid #ddd}\
.note{background:#fff4ce;padding:.5rem 1rem;margin:0 0 1.5rem}h1{font-size:1.4rem}\
fieldset{border:1px solid #ddd;margin:0 0 1rem}legend{font-weight:600}\
label{display:block;padding:.25rem 0}button{font:inherit;padding:.5rem 1.5rem;margin-right:.5rem}\
code{word-break:break-all}";

/// A sign-in or consent page.
pub(crate) struct SignIn<'a> {
    /// One sentence: what is being asked.
    pub(crate) question: String,
    /// What Accept shows of the person to the application; empty where that is granted.
    pub(crate) sign_in: Vec<String>,
    /// What Accept would grant; empty where it grants nothing.
    pub(crate) permissions: Vec<String>,
    /// Path that the form posts to.
    pub(crate) action: &'a str,
    /// The request, to be repeated by the form.
    pub(crate) hidden: Vec<(&'a str, &'a str)>,
    /// Tenants whose people may sign in here.
    pub(crate) tenants: &'a [Arc<Tenant>],
    /// The name to choose beforehand.
    pub(crate) login_hint: Option<&'a str>,
}

impl SignIn<'_> {
    pub(crate) fn render(&self) -> String {
        let mut body = format!("<h1>{}</h1>", escape(&self.question));
        self.write_publisher(&mut body);
        write_list(&mut body, "This application would like to:", &self.sign_in);
        let for_all = "An admin's Accept grants for the whole tenant:";
        write_list(&mut body, for_all, &self.permissions);
        let _ = write!(
            body,
            "<form method=\"post\" action=\"{}\">",
            escape(self.action)
        );
        write_hidden(&mut body, self.hidden.iter().copied());
        self.write_accounts(&mut body);
        body.push_str(
            "<button name=\"action\" value=\"accept\">Accept</button>\
             <button name=\"action\" value=\"cancel\" formnovalidate>Cancel</button></form>",
        );
        frame("Sign in", &body)
    }

    /// Publishers are verified by Microsoft alone: here none is.
    fn write_publisher(&self, body: &mut String) {
        if !self.sign_in.is_empty() || !self.permissions.is_empty() {
            body.push_str("<p><strong>unverified</strong></p>");
        }
    }

    fn write_accounts(&self, body: &mut String) {
        if self.tenants.len() > LISTED_AT_MOST {
            let _ = write!(
                body,
                "<label>Account <input name=\"account\" required size=\"40\" value=\"{}\"></label>",
                escape(self.login_hint.unwrap_or_default()),
            );
            return;
        }
        for tenant in self.tenants {
            let _ = write!(
                body,
                "<fieldset><legend>{}</legend><code>{}</code>",
                escape(&tenant.display_name),
                tenant.tenant_id,
            );
            for person in &tenant.people {
                self.write_account(body, person);
            }
            body.push_str("</fieldset>");
        }
    }

    fn write_account(&self, body: &mut String, person: &Person) {
        let chosen = self
            .login_hint
            .is_some_and(|hint| hint.eq_ignore_ascii_case(&person.upn));
        let _ = write!(
            body,
            "<label><input type=\"radio\" name=\"account\" value=\"{upn}\" required{checked}> \
             {upn} ({role})</label>",
            upn = escape(&person.upn),
            checked = if chosen { " checked" } else { "" },
            role = if person.is_admin() {
                "Global Administrator"
            } else {
                "user"
            },
        );
    }
}

/// Permissions by what the pages call them, each with its name.
fn write_list(body: &mut String, heading: &str, permissions: &[String]) {
    if permissions.is_empty() {
        return;
    }
    let _ = write!(body, "<p>{heading}</p><ul>");
    for permission in permissions {
        let name = permission.rsplit('/').next().unwrap_or_default();
        let shown = display_name(name).unwrap_or_default();
        let permission = escape(permission);
        let _ = write!(body, "<li>{shown}<br><code>{permission}</code></li>");
    }
    body.push_str("</ul>");
}

/// A refusal that must not be sent to the application.
pub(crate) fn refusal(description: &str) -> String {
    let body = format!(
        "<h1>Sorry, but we’re having trouble signing you in.</h1><p>{}</p>",
        escape(description).replace("\r\n", "<br>"),
    );
    frame("Sign-in failed", &body)
}

/// Where Microsoft stops a plain user; nothing on it leads back.
pub(crate) fn need_admin_approval(application: &str) -> String {
    let body = format!(
        "<h1>Need admin approval</h1><p>{} needs permission to access resources in your \
         organization that only an admin can grant. Please ask an admin to grant permission to \
         this app before you can use it.</p>",
        escape(application),
    );
    frame("Need admin approval", &body)
}

/// `response_mode=form_post`: posts itself where scripts run, else by a button.
pub(crate) fn form_post(target: &str, parameters: &[(&str, String)]) -> String {
    let mut body = format!(
        "<form method=\"post\" name=\"hiddenform\" action=\"{}\">",
        escape(target)
    );
    let pairs = parameters
        .iter()
        .map(|(name, value)| (*name, value.as_str()));
    write_hidden(&mut body, pairs);
    body.push_str("<button>Continue</button></form><script>document.forms[0].submit()</script>");
    frame("Working…", &body)
}

fn write_hidden<'a>(body: &mut String, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
    for (name, value) in pairs {
        let _ = write!(
            body,
            "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
            escape(name),
            escape(value),
        );
    }
}

fn frame(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><main><p class=\"note\">This is a simulation of \
         Microsoft Entra ID on your own machine. Nobody here is real.</p>{body}</main></body></html>"
    )
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
