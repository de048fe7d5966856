//! What is running, and what it is made of. The lists are files of the repository, held against the manifests by a test.

use api::host::{About, Library, Licences, Package, PackageFrom, Part};

use super::Program;

/// What ships and under which licence, for people.
const LICENCES: &str = include_str!("../../../image/LICENSES.md");
/// Every package of others in the program: where from, name, version, licence; made from the manifests (`tests/it/licences.rs`).
const PACKAGES: &str = include_str!("../../../image/packages.tsv");

pub(super) fn about(program: &Program) -> About {
    let features = [("appliance", true), ("gpu", cfg!(feature = "gpu"))];
    let libraries = media::linked().into_iter();
    let (started, clock) = program.started;
    About {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: option_env!("AUDIAGRAM_COMMIT").filter(|commit| !commit.is_empty()).map(str::to_owned),
        build: if cfg!(debug_assertions) { "debug" } else { "release" }.to_owned(),
        architecture: std::env::consts::ARCH.to_owned(),
        features: features.into_iter().filter(|(_, there)| *there).map(|(name, _)| name.to_owned()).collect(),
        libraries: libraries
            .map(|(name, version, licence)| Library { name: name.to_owned(), version, licence: licence.to_owned() })
            .collect(),
        kernel: std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned(),
        region: program.settings.config.region.to_string(),
        started: started.to_string(),
        uptime_s: clock.elapsed().as_secs(),
        endpoints: api::endpoints().len(),
    }
}

pub(super) fn licences() -> Licences {
    let plain = |text: &str| text.replace("**", "").replace('`', "");
    let (before, _) = LICENCES.split_once("| part |").unwrap_or((LICENCES, ""));
    let paragraphs = before.split("\n\n").map(|text| plain(&text.lines().map(str::trim).collect::<Vec<_>>().join(" ")));
    let cells = |line: &str| -> Option<[String; 3]> {
        let row = line.strip_prefix('|')?.strip_suffix('|')?;
        row.split('|').map(|cell| plain(cell.trim())).collect::<Vec<_>>().try_into().ok()
    };
    let rows = LICENCES.lines().skip_while(|line| !line.starts_with("|---")).skip(1).filter_map(cells);
    let package = |line: &str| {
        let [from, name, version, licence] = line.split('\t').collect::<Vec<_>>().try_into().ok()?;
        let from = if from == "npm" { PackageFrom::Npm } else { PackageFrom::Crate };
        Some(Package { from, name: name.into(), version: version.into(), licence: licence.into() })
    };
    Licences {
        terms: paragraphs.filter(|text| !text.is_empty() && !text.starts_with('#')).collect(),
        parts: rows.map(|[part, licence, ships]| Part { part, licence, ships }).collect(),
        packages: PACKAGES.lines().filter_map(package).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_read_whole() {
        let told = licences();
        assert!(told.terms[0].starts_with("Decision. Audiagram's source code is Apache-2.0."), "{:?}", told.terms);
        assert!(told.terms.iter().all(|text| !text.contains("**") && !text.contains('\n')), "{:?}", told.terms);
        let rows = LICENCES.lines().filter(|line| line.starts_with('|')).count() - 2;
        assert_eq!((told.parts.len(), told.parts[0].licence.as_str()), (rows, "Apache-2.0"));
        assert_eq!(told.packages.len(), PACKAGES.lines().count());
        assert!(told.packages.iter().any(|one| one.from == PackageFrom::Npm && one.name == "react"));
        assert!(told.packages.iter().any(|one| one.from == PackageFrom::Crate && one.name == "rustls"));
        assert!(told.packages.iter().all(|one| !one.licence.is_empty()));
    }
}
