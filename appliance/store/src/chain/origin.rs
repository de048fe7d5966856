//! The names of logs.

use model::AnyId;

/// The origin of the log of `log` (a tenant, or the appliance itself) on `appliance`: unique in the world, and the name of the
/// log's key.
pub fn origin(appliance: AnyId, log: AnyId) -> String {
    format!("audiagram/{appliance}/{log}")
}

/// Whose log an origin names.
pub fn origin_log(origin: &str) -> Option<AnyId> {
    let (appliance, log) = origin.strip_prefix("audiagram/")?.split_once('/')?;
    appliance.parse::<AnyId>().ok()?;
    log.parse().ok()
}

#[cfg(test)]
mod tests {
    use model::NounKind;

    use super::*;

    #[test]
    fn round_trip() {
        let (appliance, tenant) = (AnyId::new(NounKind::Appliance, 1), AnyId::new(NounKind::Tenant, 2));
        let text = origin(appliance, tenant);
        assert_eq!(origin_log(&text), Some(tenant));
        for bad in ["", "audiagram", "audiagram//", &text.replace('/', ""), &format!("{text}/"), &text[1..]] {
            assert_eq!(origin_log(bad), None, "{bad}");
        }
    }
}
