//! Fields of requests, filled with what the caller's tenant has and with what it must not reach; and what is looked for in answers.

use model::{Level, NounKind, Permission};

use super::{RULED, World};
use crate::{draw::Random, house::mark, sample::Source};

/// Fills fields for someone of a tenant.
pub(super) struct Fields<'a> {
    pub(super) world: &'a World,
    pub(super) tenant: Option<usize>,
    /// Whether the request only looks: what it writes would come back as its own tenant's.
    pub(super) looks: bool,
    /// Ids and marks of others that went into the request.
    pub(super) foreign: Vec<String>,
}

impl Source for Fields<'_> {
    fn text(&mut self, name: &str, random: &mut Random) -> String {
        if name == "token" {
            let tokens = self.tenant.and_then(|tenant| self.world.tokens.get(&tenant));
            return tokens.and_then(|tokens| random.pick(tokens)).cloned().unwrap_or_else(|| "none".to_owned());
        }
        if name == "operator" && self.tenant.is_none() {
            return random.pick(&self.world.spare).cloned().unwrap_or_default();
        }
        let plain = name.trim_end_matches("_id").trim_end_matches('s');
        let kind = NounKind::ALL.iter().find(|kind| kind.label().replace(' ', "_") == plain);
        let prefix = match (kind, plain) {
            (Some(kind), _) => Some(kind.prefix()),
            (None, "principal" | "actor" | "owner") if random.below(4) > 0 => Some(NounKind::User.prefix()),
            (None, "resource") => Some(NounKind::Project.prefix()),
            (None, "principal" | "actor" | "owner" | "subject" | "id" | "parent") => {
                random.pick(NounKind::ALL).map(|kind| kind.prefix())
            }
            _ => None,
        };
        if let Some(prefix) = prefix
            && let Some(id) = self.id(prefix, random)
        {
            // A role may be a built-in one.
            return if name == "role" && random.below(2) == 0 { level(random) } else { id };
        }
        match name {
            "role" | "level" => level(random),
            "format" => {
                random.pick(&["json", "jsonl", "csv", "ocsf", "cef", "syslog"]).copied().unwrap_or_default().to_owned()
            }
            "permission" | "permissions" | "scopes" | "action" => {
                random.pick(Permission::ALL).map_or("", |permission| permission.code()).to_owned()
            }
            "email" => format!("u{}@{}.example.org", random.next() % 1_000, self.mark()),
            "expires" | "until" | "expires_at" => "2026-12-31T00:00:00Z".to_owned(),
            "from" | "to" | "since" | "at" => "2026-11-01T00:00:00Z".to_owned(),
            "text" | "q" | "search" | "query" | "after" if self.looks && random.below(2) == 0 => {
                let other = self.stranger(random);
                self.foreign.push(mark(other));
                mark(other)
            }
            _ => format!("{} {}", self.mark(), random.next() % 10_000),
        }
    }
}

impl Fields<'_> {
    fn mark(&self) -> String {
        self.tenant.map_or_else(|| "operator".to_owned(), mark)
    }

    /// An id with this prefix of the own tenant; for operators, of what is theirs and of the tenants that are there for them.
    pub(super) fn own(&self, prefix: &str, random: &mut Random) -> Option<String> {
        let tenants = self.world.tenants;
        let of = match self.tenant {
            None if prefix == NounKind::Tenant.prefix() && random.below(4) > 0 => {
                Some(tenants - 1 - random.below(tenants.div_ceil(RULED)))
            }
            own => own,
        };
        random.pick(self.world.ids.get(&(of, prefix.to_owned()))?).cloned()
    }

    /// An id with this prefix: mostly one of the own tenant, sometimes a stranger's.
    fn id(&mut self, prefix: &str, random: &mut Random) -> Option<String> {
        // What operators do to a tenant is not to end the work of all.
        let strange = random.below(3) == 0 && (self.tenant.is_some() || prefix != NounKind::Tenant.prefix());
        if !strange {
            return self.own(prefix, random);
        }
        let tenant = self.stranger(random);
        let id = random.pick(self.world.ids.get(&(Some(tenant), prefix.to_owned()))?)?.clone();
        if Some(tenant) != self.tenant {
            self.foreign.push(id.clone());
        }
        Some(id)
    }

    /// One of the first tenants more often than others: those have more to be seen.
    fn stranger(&self, random: &mut Random) -> usize {
        let among = if random.below(2) == 0 { self.world.tenants } else { self.world.tenants.min(50) };
        let other = random.below(among);
        if Some(other) == self.tenant { (other + 1) % self.world.tenants } else { other }
    }
}

fn level(random: &mut Random) -> String {
    random.pick(Level::ALL).map_or("", |level| level.name()).to_owned()
}

/// The tenants whose marks are in a text, and whether it is the mark of what they make.
pub(super) fn marks(text: &str) -> impl Iterator<Item = (usize, bool)> + '_ {
    ["canary", "tenant"].into_iter().flat_map(move |word| {
        text.match_indices(word).filter_map(move |(at, _)| {
            let number = text.get(at + 6..at + 12).filter(|_| text.get(at + 12..at + 13) == Some("q"))?;
            Some((number.parse().ok()?, word == "canary"))
        })
    })
}

/// What looks like an id: three letters, an underscore, 26 digits of base 32.
pub(super) fn ids(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('_').filter_map(|(at, _)| {
        let id = text.get(at.checked_sub(3)?..at + 27)?;
        // The appliance's own id stands in every checkpoint; it is nobody's secret.
        let known = NounKind::ALL.iter().any(|kind| *kind != NounKind::Appliance && id.starts_with(kind.prefix()));
        (known && id[4..].bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())).then_some(id)
    })
}
