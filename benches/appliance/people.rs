//! Who sends requests: written by `seed`, read by the programs that send.

use std::{fs, path::Path};

use crate::Done;

/// An owner of a tenant with an API key.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    /// The tenant's place among all, from 0: the most asked for first.
    pub(crate) rank: usize,
    /// The tenant's id.
    pub(crate) tenant: String,
    /// The key.
    pub(crate) key: String,
    /// Projects that are there.
    pub(crate) projects: Vec<String>,
}

/// The file beside a data folder.
const NAME: &str = "owners.tsv";

pub(crate) fn write(data: &Path, owners: &[Owner]) -> Done {
    let line =
        |owner: &Owner| format!("{}\t{}\t{}\t{}\n", owner.rank, owner.tenant, owner.key, owner.projects.join(","));
    Ok(fs::write(data.join(NAME), owners.iter().map(line).collect::<String>())?)
}

/// The owners of the tenants of a data folder, the most asked for first.
pub(crate) fn read(data: &Path) -> Done<Vec<Owner>> {
    let text = fs::read_to_string(data.join(NAME))?;
    let owner = |line: &str| {
        let mut fields = line.split('\t');
        Some(Owner {
            rank: fields.next()?.parse().ok()?,
            tenant: fields.next()?.to_owned(),
            key: fields.next()?.to_owned(),
            projects: fields.next()?.split(',').map(str::to_owned).collect(),
        })
    };
    let mut owners: Vec<Owner> = text.lines().filter_map(owner).collect();
    owners.sort_unstable_by_key(|owner| owner.rank);
    Ok(owners)
}
