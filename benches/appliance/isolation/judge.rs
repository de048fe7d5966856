//! What comes back is searched for what belongs to others, and kept where it helps to go on.

use std::{collections::BTreeMap, time::Duration};

use model::NounKind;
use serde_json::Value;

use super::{
    MADE, PATIENCE, World,
    fields::{ids, marks},
};
use crate::{
    client::{Answer, Ask},
    house::{Person, mark},
    valid,
};

impl World {
    /// Looks for what belongs to others, and takes note of what can be used later.
    pub(super) fn judge(&mut self, who: usize, operation: &str, ask: &Ask, foreign: &[String], answer: &Answer) {
        *self.statuses.entry(operation.to_owned()).or_default().entry(answer.status).or_default() += 1;
        let (tenant, role) = (self.people[who].tenant, self.people[who].role);
        let text = format!("{}\n{}", answer.head, String::from_utf8_lossy(&answer.body));
        let mut found = Vec::new();
        // Who opens a link or takes an invitation speaks for the tenant of that, whoever they are besides.
        let elsewhere = matches!(operation, "view" | "view_file" | "accept_invitation" | "sign_in");
        for (other, made) in marks(&text).filter(|(other, _)| Some(*other) != tenant && !elsewhere) {
            // A refusal may repeat what the caller itself sent, and operators may see who is there.
            let repeated = answer.status >= 400 && foreign.contains(&mark(other));
            if !repeated && (made || tenant.is_some()) {
                found.push(format!("the mark of tenant {other}"));
            }
        }
        for id in ids(&text) {
            match self.owners.get(id) {
                // Operators may see ids of tenants and people, and none of what is made.
                Some(Some(other)) if tenant.is_none() && MADE.iter().any(|kind| id.starts_with(kind.prefix())) => {
                    found.push(format!("{id} of tenant {other}"));
                }
                Some(Some(other))
                    if tenant.is_some_and(|own| own != *other)
                        && !elsewhere
                        && !foreign.iter().any(|sent| sent == id) =>
                {
                    found.push(format!("{id} of tenant {other}"));
                }
                None if answer.status < 400 && !elsewhere => {
                    let id = id.to_owned();
                    self.learn(&id, tenant);
                }
                _ => {}
            }
        }
        let path = ask.path.split('?').next().unwrap_or_default();
        let own_tenant = |sent: &str| tenant.is_none() && sent.starts_with(NounKind::Tenant.prefix());
        if answer.status < 400 && foreign.iter().any(|sent| path.contains(sent.as_str()) && !own_tenant(sent)) {
            found.push("something of another tenant by its id".to_owned());
        }
        let body = ask.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let sent = foreign.iter().find(|sent| sent.as_bytes().get(3) == Some(&b'_') && body.contains(sent.as_str()));
        let names = !valid::TEXTS.contains(&operation);
        if names && answer.status < 400 && sent.is_some_and(|sent| !own_tenant(sent)) {
            found.push(format!("a change that names {sent:?} was made"));
        }
        for what in found {
            let of = tenant.map_or_else(|| "the appliance".to_owned(), |tenant| format!("tenant {tenant}"));
            self.findings
                .push(format!("{role} of {of} saw {what}: {} {} {body}: {}", ask.method, ask.path, answer.status));
        }
        if answer.status == 500 {
            self.faults.push(format!("{role}: {} {} {body}: {text}", ask.method, ask.path));
        }
        if answer.status < 400 {
            self.note(who, operation, ask, answer);
        }
    }

    /// What an answer gives to go on with: codes, tokens, sessions.
    fn note(&mut self, who: usize, operation: &str, ask: &Ask, answer: &Answer) {
        let tenant = self.people[who].tenant;
        let sent = ask.body.as_deref().and_then(|body| serde_json::from_slice::<Value>(body).ok()).unwrap_or_default();
        let body = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        let path = ask.path.split('?').next().unwrap_or_default();
        let ready: Vec<(&'static str, Option<String>)> = match operation {
            "add_group_member" => {
                vec![("remove_group_member", sent["user"].as_str().map(|user| format!("{path}/{user}")))]
            }
            "share_project" => vec![("unshare_project", text("id").map(|id| format!("{path}/{id}")))],
            "update_project" if sent["trashed"] == true => vec![("delete_project", Some(path.to_owned()))],
            "trash_recording" => vec![("delete_recording", path.strip_suffix("/trash").map(str::to_owned))],
            "silence_alert" => {
                vec![("end_alert_silence", body["number"].as_u64().map(|number| format!("{path}/{number}")))]
            }
            "schedule_report" => {
                let made = text("id").map(|id| format!("{path}/{id}"));
                vec![("switch_report_schedule", made.clone()), ("delete_report_schedule", made)]
            }
            _ => Vec::new(),
        };
        for (next, path) in ready {
            if let (Some(path), Some(tenant)) = (path, tenant) {
                self.ready.entry(next).or_default().push((tenant, path));
            }
        }
        match operation {
            "create_invitation" | "resend_invitation" => {
                if let (Some(tenant), Some(email), Some(code)) = (tenant, text("email"), text("code")) {
                    self.invitations.push((tenant, email, code));
                }
            }
            "sign_in" | "accept_invitation" => {
                let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next());
                let of = text("tenant").and_then(|id| self.owners.get(&id).copied().flatten());
                if let (Some(cookie), Some(of)) = (cookie, of) {
                    let (cookie, password) = (cookie.to_owned(), Some(valid::PASSWORD.to_owned()));
                    self.people.push(Person { tenant: Some(of), role: "newcomer", cookie, password });
                }
            }
            "close_tenant" => self.closed.extend(text("id")),
            "create_view_link" | "view" => {
                let of = marks(&String::from_utf8_lossy(&answer.body)).next().map(|(of, _)| of).or(tenant);
                for token in [text("token"), text("pass")].into_iter().flatten() {
                    self.tokens.entry(of.unwrap_or_default()).or_default().push(token);
                }
            }
            _ => {}
        }
    }

    /// Looks through a text that belongs to no tenant: no mark of any may be in it.
    pub(super) fn search_plain(&mut self, name: &str, text: &str) {
        for line in text.lines().filter(|line| marks(line).next().is_some()) {
            self.findings.push(format!("{name}: {line}"));
        }
        println!("{name}: {} bytes searched", text.len());
    }

    /// Prints what happened; how many endpoints never succeeded although they could have.
    pub(super) fn report(&self, operations: usize, took: Duration) -> usize {
        for (name, statuses) in &self.statuses {
            println!("  {name:32} {statuses:?}");
        }
        let done = |statuses: &BTreeMap<u16, usize>| statuses.keys().any(|status| *status < 400);
        let never: Vec<_> = self
            .operations
            .iter()
            .map(|operation| operation.name.as_str())
            .filter(|name| !self.statuses.get(*name).is_some_and(done))
            .collect();
        let faults: usize =
            self.statuses.values().flatten().filter(|(status, _)| **status >= 500).map(|(_, count)| count).sum();
        println!(
            "{operations} operations of {} endpoints in {:.0} s; {} streams left after {PATIENCE:?}, {} without an answer, {faults} server errors",
            self.operations.len(),
            took.as_secs_f64(),
            self.slow,
            self.broken
        );
        let (mut without, mut excused) = (Vec::new(), 0);
        for name in never {
            match valid::EXCUSED.iter().find(|(known, _)| *known == name) {
                Some((_, why)) => {
                    println!("  {name} cannot succeed here: {why}");
                    excused += 1;
                }
                None => without.push(name),
            }
        }
        println!("endpoints that never succeeded: {without:?}, and {excused} that cannot");
        for fault in &self.faults {
            println!("FAULT: {fault}");
        }
        for finding in self.findings.iter().take(50) {
            println!("LEAK: {finding}");
        }
        without.len()
    }
}
