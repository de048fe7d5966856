//! What policies look at: questions are put together of that only, since most of a question's cost is in its attributes.

use serde_json::Value;

macro_rules! attributes {
    ($($name:ident $text:literal;)*) => {
        /// An attribute of the schema, of whatever it is one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Attribute { $($name,)* }

        impl Attribute {
            const ALL: &[(Attribute, &str)] = &[$((Attribute::$name, $text),)*];
            const OF_PRINCIPAL: &[&str] = &[$(concat!("principal.", $text),)*];
            const OF_RESOURCE: &[&str] = &[$(concat!("resource.", $text),)*];
        }
    };
}

attributes! {
    Kind "kind";
    Tenant "tenant";
    HomeRegion "home_region";
    Clearance "clearance";
    Aal "aal";
    MfaAge "mfa_age_s";
    Suspended "suspended";
    Owner "owner";
    Classification "classification";
    Residency "residency";
    LegalHold "legal_hold";
    Region "region";
    Now "now";
    NotAfter "not_after";
    Ip "ip";
    AllowNet "allow_net";
    BreakGlass "break_glass";
    ApiKey "api_key";
    WithinKey "within_key";
    CustomRole "custom_role";
}

impl Attribute {
    /// Its name in the schema.
    pub(crate) const fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// What the context of a short question calls the principal's.
    pub(crate) const fn of_principal(self) -> &'static str {
        Self::OF_PRINCIPAL[self as usize]
    }

    /// What the context of a short question calls the resource's.
    pub(crate) const fn of_resource(self) -> &'static str {
        Self::OF_RESOURCE[self as usize]
    }
}

/// A set of attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sight(u32);

impl Sight {
    /// None.
    pub(crate) const NONE: Sight = Sight(0);
    /// All.
    pub(crate) const ALL: Sight = Sight(u32::MAX);

    /// What a policy looks at; all where it cannot be told.
    pub(crate) fn of(policy: &cedar_policy::Policy) -> Self {
        policy.to_json().map_or(Self::ALL, |json| Self::within(&json))
    }

    /// Both.
    pub(crate) const fn and(self, other: Sight) -> Self {
        Sight(self.0 | other.0)
    }

    /// Whether it has this one.
    pub(crate) const fn has(self, attribute: Attribute) -> bool {
        self.0 & 1 << attribute as u32 != 0
    }

    /// Whether it has what changes by itself: the time of day, or the age of the second factor.
    pub(crate) const fn is_timed(self) -> bool {
        self.has(Attribute::Now) || self.has(Attribute::MfaAge)
    }

    /// What a policy in Cedar's JSON form looks at: whatever stands after a dot or `has`, of whichever variable.
    fn within(json: &Value) -> Self {
        match json {
            Value::Object(fields) => fields.iter().map(|(name, value)| Self::of_field(name, value)).collect(),
            Value::Array(items) => items.iter().map(Self::within).collect(),
            _ => Self::NONE,
        }
    }

    fn of_field(name: &str, value: &Value) -> Self {
        if name == "." || name == "has" {
            let (Some(Value::String(attribute)), Some(left)) = (value.get("attr"), value.get("left")) else {
                return Self::ALL;
            };
            let known = Attribute::ALL.iter().find(|(_, text)| text == attribute);
            let own = known.map_or(Self::NONE, |(attribute, _)| Sight(1 << *attribute as u32));
            return if is_context(left) { own } else { own.and(Self::within(left)) };
        }
        // A context that stands alone has everything in it.
        if name == "Var" && value == "context" { Self::ALL } else { Self::within(value) }
    }
}

fn is_context(json: &Value) -> bool {
    json.get("Var").is_some_and(|var| var == "context")
}

impl FromIterator<Sight> for Sight {
    fn from_iter<I: IntoIterator<Item = Sight>>(sights: I) -> Self {
        sights.into_iter().fold(Self::NONE, Self::and)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_policies_look_at_is_known() {
        let sight = |condition: &str| {
            let text = format!("forbid(principal, action, resource) when {{ {condition} }};");
            Sight::of(&cedar_policy::Policy::parse(None, text).unwrap())
        };
        let names = |condition: &str| {
            let sight = sight(condition);
            Attribute::ALL.iter().filter(|(one, _)| sight.has(*one)).map(|(_, name)| *name).collect::<Vec<_>>()
        };
        assert_eq!(names("context.api_key && context has ip && context.ip.isLoopback()"), ["ip", "api_key"]);
        assert_eq!(names("principal.aal > 1 && resource.kind == \"now\""), ["kind", "aal"]);
        assert_eq!(names("if resource has owner then resource.owner == principal else true"), ["owner"]);
        assert_eq!(
            names("[1, principal.clearance].contains(resource[\"classification\"])"),
            ["clearance", "classification"]
        );
        assert_eq!(names("resource in principal.tenant"), ["tenant"]);
        assert_eq!(names("context has not_after && context.now > context.not_after"), ["now", "not_after"]);
        assert_eq!(sight("[context].contains(context)"), Sight::ALL);
        assert!(sight("context[\"n\\u{6f}w\"] > datetime(\"2026-01-01\")").is_timed());
        assert_eq!(names("true"), Vec::<&str>::new());
    }

    #[test]
    fn the_attributes_are_those_of_the_schema() {
        let schema = include_str!("../../../assets/policies/schema.cedarschema");
        let line = |line: &str| Some(line.trim().split_once(':')?.0.trim_end_matches('?').to_owned());
        let written: std::collections::BTreeSet<String> = schema
            .lines()
            .filter(|line| line.starts_with("  ") && !line.trim_start().starts_with("//"))
            .filter_map(line)
            .collect();
        let known = Attribute::ALL.iter().map(|(_, name)| (*name).to_owned()).collect();
        assert_eq!(written, known);
    }
}
